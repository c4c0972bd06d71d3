package shmlab

import (
	"fmt"
	"hash/fnv"
	"math"
	"path"
	"reflect"
	"strings"
)

// A layout is what reflection knows of a state's type: its size, a hash of its
// shape, and which field a byte belongs to.
type layout struct {
	typ     reflect.Type
	size    uintptr
	hash    uint32
	unsound bool // a field is marked wrong on purpose
	known   map[spot]found
}

// A spot is what is looked for in a layout, a found what is there.
type spot struct {
	off   uintptr
	whole bool
}

type found struct {
	name  string
	typ   reflect.Type
	begin uintptr // its offset
}

// unsoundTag marks a field that is wrong on purpose: `shmrace:"unsound"`. It
// lets a lab keep a standard lock in shared memory to show why nobody should.
const unsoundTag = "unsound"

func layoutOf(state reflect.Type) (*layout, error) {
	l := &layout{typ: state}
	if l.typ.Kind() != reflect.Struct {
		return nil, fmt.Errorf("the state is a %v: expected a struct", l.typ)
	}
	l.size = l.typ.Size()
	if l.size == 0 || l.size > maxState {
		return nil, fmt.Errorf("the state %v has %d bytes: expected 1 to %d", l.typ, l.size, maxState)
	}
	if err := l.check("", l.typ); err != nil {
		return nil, err
	}
	h := fnv.New32a()
	describe(h, l.typ)
	l.hash = h.Sum32()
	return l, nil
}

// check walks t, found at field, for what must not be in shared memory.
func (l *layout) check(field string, t reflect.Type) error {
	switch t.Kind() {
	case reflect.Pointer, reflect.UnsafePointer, reflect.Uintptr, reflect.String, reflect.Slice,
		reflect.Map, reflect.Chan, reflect.Func, reflect.Interface:
		return fmt.Errorf("state field %s is a %v: shared memory holds no addresses, expected numbers, arrays or structs of them", field, t)
	case reflect.Array:
		return l.check(field+"[]", t.Elem())
	case reflect.Struct:
		return l.checkStruct(field, t)
	}
	return nil
}

func (l *layout) checkStruct(field string, t reflect.Type) error {
	switch {
	case isCell(t):
		if elem, ok := valueOf(t); ok {
			return l.check(field, elem)
		}
		return nil
	case path.Base(t.PkgPath()) == "atomic" && strings.HasPrefix(t.PkgPath(), "sync"):
		return fmt.Errorf("state field %s is a %v: no scheduler sees it, expected shmlab.Uint32, Int64, Uint64 or Bool", field, t)
	case t.PkgPath() == "sync" || t.PkgPath() == "internal/sync":
		return fmt.Errorf("state field %s is a %v: it works within one process only, expected a lock of shmrace/sync", field, t)
	}
	for f := range fieldsOf(t) {
		if f.Tag.Get("shmrace") == unsoundTag {
			l.unsound = true
			continue
		}
		if err := l.check(join(field, f.Name), f.Type); err != nil {
			return err
		}
	}
	return nil
}

func fieldsOf(t reflect.Type) func(yield func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if !yield(t.Field(i)) {
				return
			}
		}
	}
}

func join(field, name string) string {
	if field == "" {
		return name
	}
	return field + "." + name
}

// describe writes the shape of t: what two binaries must agree on.
func describe(w interface{ Write([]byte) (int, error) }, t reflect.Type) {
	fmt.Fprintf(w, "%v %d", t.Kind(), t.Size())
	switch t.Kind() {
	case reflect.Array:
		fmt.Fprintf(w, "[%d]", t.Len())
		describe(w, t.Elem())
	case reflect.Struct:
		for f := range fieldsOf(t) {
			fmt.Fprintf(w, "{%s@%d ", f.Name, f.Offset)
			describe(w, f.Type)
			fmt.Fprint(w, "}")
		}
	}
}

// find returns the path and the type of the value at offset off. Whole names
// the outermost exported field that is not a plain struct: the lock, not the
// word within it.
func (l *layout) find(off uintptr, whole bool) (string, reflect.Type) {
	f := l.lookUp(off, whole)
	return f.name, f.typ
}

// lookUp is find that says where the value begins, too.
func (l *layout) lookUp(off uintptr, whole bool) found {
	f, ok := l.known[spot{off, whole}]
	if !ok {
		var within uintptr
		f.name, f.typ, within = l.look(off, whole)
		f.begin = off - within
		if l.known == nil {
			l.known = map[spot]found{}
		}
		l.known[spot{off, whole}] = f
	}
	return f
}

// look is lookUp for what was not looked for before. It returns how far off is
// behind the value's beginning.
func (l *layout) look(off uintptr, whole bool) (string, reflect.Type, uintptr) {
	name, t := "", l.typ
	for {
		switch {
		case isCell(t):
			elem, record := valueOf(t)
			if !record {
				return name, elem, off
			}
			t = elem
		case t.Kind() == reflect.Array && t.Elem().Size() > 0:
			i := off / t.Elem().Size()
			name, off, t = fmt.Sprintf("%s[%d]", name, i), off%t.Elem().Size(), t.Elem()
		case t.Kind() == reflect.Struct:
			f, ok := fieldAt(t, off)
			if !ok || whole && !f.IsExported() && name != "" {
				return name, t, off
			}
			name, off, t = join(name, f.Name), off-f.Offset, f.Type
		default:
			return name, t, off
		}
	}
}

func fieldAt(t reflect.Type, off uintptr) (reflect.StructField, bool) {
	for f := range fieldsOf(t) {
		if f.Name != "_" && off >= f.Offset && off < f.Offset+f.Type.Size() {
			return f, true
		}
	}
	return reflect.StructField{}, false
}

// format prints the word at point, whose memory is bits, as its type does.
func (l *layout) format(point *Point, bits uint64) string {
	_, t := l.find(uintptr(point.Off), false)
	shift := 64 - 8*uint(point.Size)
	switch k := t.Kind(); {
	case t.Kind() != reflect.Bool && t.Size() != uintptr(point.Size):
		return fmt.Sprintf("%#x", bits)
	case k == reflect.Bool:
		return fmt.Sprint(bits != 0)
	case k == reflect.Float32:
		return fmt.Sprint(math.Float32frombits(uint32(bits)))
	case k == reflect.Float64:
		return fmt.Sprint(math.Float64frombits(bits))
	case k >= reflect.Int && k <= reflect.Int64:
		return fmt.Sprint(int64(bits<<shift) >> shift)
	}
	return fmt.Sprint(bits)
}

// cells calls f for each word of t that a lab's own fields name; the words
// within a lock are not among them.
func (l *layout) cells(name string, t reflect.Type, off uintptr, f func(name string, off uintptr, t reflect.Type)) {
	switch {
	case isCell(t):
		elem, record := valueOf(t)
		if !record {
			f(name, off, elem)
			return
		}
		l.words(name, elem, off, f)
	case t.Kind() == reflect.Array:
		for i := range t.Len() {
			l.cells(fmt.Sprintf("%s[%d]", name, i), t.Elem(), off+uintptr(i)*t.Elem().Size(), f)
		}
	case t.Kind() == reflect.Struct:
		for field := range fieldsOf(t) {
			if field.IsExported() || name == "" {
				l.cells(join(name, field.Name), field.Type, off+field.Offset, f)
			}
		}
	}
}

// words is cells for the plain words within a record.
func (l *layout) words(name string, t reflect.Type, off uintptr, f func(name string, off uintptr, t reflect.Type)) {
	switch t.Kind() {
	case reflect.Array:
		for i := range t.Len() {
			l.words(fmt.Sprintf("%s[%d]", name, i), t.Elem(), off+uintptr(i)*t.Elem().Size(), f)
		}
	case reflect.Struct:
		for field := range fieldsOf(t) {
			l.words(join(name, field.Name), field.Type, off+field.Offset, f)
		}
	default:
		f(name, off, t)
	}
}
