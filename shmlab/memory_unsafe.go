package shmlab

import (
	"hash/maphash"
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
