package shmlab

import (
	"hash/maphash"
	"reflect"
	"strings"
	"unsafe"
)

// A memory is one mapping of a lab's state, with what is known of its layout.
type memory struct {
	layout *layout
	bytes  []byte
}

func (m *memory) state() unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(m.bytes)) }

func (m *memory) base() uintptr { return uintptr(m.state()) }

// load reads a word of the state.
func (m *memory) load(off uint32, size uint8) uint64 {
	return word{unsafe.Pointer(&m.bytes[off]), size}.load()
}

// store writes a word of the state.
func (m *memory) store(off uint32, size uint8, v uint64) {
	word{unsafe.Pointer(&m.bytes[off]), size}.store(v)
}

var hashSeed = maphash.MakeSeed()

// hash is equal for equal states, within one process.
func (m *memory) hash() uint64 { return maphash.Bytes(hashSeed, m.bytes) }

// String prints the cells of the state, a field path and a value each. Of a
// large state only the first that are not zero are shown.
func (m *memory) String() string {
	var words []string
	m.layout.cells("", m.layout.typ, 0, func(name string, off uintptr, t reflect.Type) {
		point := Point{Off: uint32(off), Size: uint8(t.Size())}
		bits := m.load(point.Off, point.Size)
		if len(words) < 4 || len(words) < 8 && bits != 0 {
			words = append(words, name+"="+m.layout.format(&point, bits))
		}
	})
	return strings.Join(words, " ")
}
