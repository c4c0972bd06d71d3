package shmlab

import (
	"encoding/binary"
	"fmt"
)

// A Region is memory that several processes map: a memfd sealed against
// shrinking and growing, a header page and, behind it, the bytes of the state.
// Fresh bytes are zero.
//
// The header is the magic number, the version, the size of the state in bytes
// and a hash of its layout, 8 bytes each. The magic number is written last:
// whoever reads it finds the rest.
type Region struct {
	fd   int
	size uintptr // of the state
	hash uint32  // of its layout
}

const (
	headerSize    = 4096
	regionMagic   = 0x656361726d6873 // "shmrace"
	regionVersion = 1
	maxState      = 1 << 30
)

// header is what the header page of a region says.
type header struct{ magic, version, size, hash uint64 }

func (h header) encode() (b [32]byte) {
	for i, v := range []uint64{h.magic, h.version, h.size, h.hash} {
		binary.NativeEndian.PutUint64(b[8*i:], v)
	}
	return b
}

func decodeHeader(b []byte) header {
	word := func(i int) uint64 { return binary.NativeEndian.Uint64(b[8*i:]) }
	return header{word(0), word(1), word(2), word(3)}
}

// check says why a region with header h, in a file of length bytes, is not one
// for a state of the given size and layout.
func (h header) check(length int64, size uintptr, hash uint32) error {
	switch {
	case length < headerSize:
		return fmt.Errorf("not a region: it has %d bytes, expected at least %d", length, headerSize)
	case h.magic == 0:
		return fmt.Errorf("the region is not ready: its magic number is not written yet")
	case h.magic != regionMagic:
		return fmt.Errorf("not a region: its magic number is %#x, expected %#x", h.magic, uint64(regionMagic))
	case h.version != regionVersion:
		return fmt.Errorf("the region has version %d, expected %d", h.version, regionVersion)
	case h.size != uint64(size) || length != regionLength(size):
		return fmt.Errorf("the region is for a state of %d bytes in a file of %d, expected %d in %d", h.size, length, size, regionLength(size))
	case h.hash != uint64(hash):
		return fmt.Errorf("the region is for a state of another layout (%08x), expected %08x", h.hash, hash)
	}
	return nil
}

// regionLength returns the length of the file of a region, in bytes.
func regionLength(size uintptr) int64 {
	return headerSize + (int64(size)+headerSize-1)/headerSize*headerSize
}
