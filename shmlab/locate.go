package shmlab

import (
	"reflect"
	"strconv"
	"strings"
)

// locate is the inverse of find: it returns where in the state the value with
// that path is, and its size. The path of a lock names all of its words.
func (l *layout) locate(path string) (off, size uintptr, ok bool) {
	t := l.typ
	if strings.HasPrefix(path, ".") {
		return 0, 0, false
	}
	for rest := path; rest != ""; {
		for isCell(t) {
			t, _ = valueOf(t)
		}
		var part string
		switch index, isIndex := strings.CutPrefix(rest, "["); {
		case isIndex && t.Kind() == reflect.Array:
			part, rest, ok = strings.Cut(index, "]")
			i, err := strconv.ParseUint(part, 10, 31)
			if !ok || err != nil || i >= uint64(t.Len()) || strconv.FormatUint(i, 10) != part {
				return 0, 0, false
			}
			off, t = off+uintptr(i)*t.Elem().Size(), t.Elem()
		case !isIndex && t.Kind() == reflect.Struct:
			rest = strings.TrimPrefix(rest, ".")
			end := strings.IndexAny(rest, ".[")
			if end < 0 {
				end = len(rest)
			}
			part, rest = rest[:end], rest[end:]
			f, found := t.FieldByName(part)
			if !found || len(f.Index) != 1 || part == "_" {
				return 0, 0, false
			}
			off, t = off+f.Offset, f.Type
		default:
			return 0, 0, false
		}
	}
	return off, t.Size(), path != "" && t.Size() > 0
}

// example returns the path of the first word of the state.
func (l *layout) example() string {
	name, _ := l.find(0, true)
	return name
}
