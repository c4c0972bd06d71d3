package shmlab

import (
	"reflect"
	"unsafe"

	"shmrace/shmlab/trace"
)

// A Record is a value of several words, not synchronized. It is copied word by
// word in ascending order, with a point at each, so that a reader can see half
// of one value and half of another. Its zero value is T's.
type Record[T any] struct {
	_ noCopy
	_ [0]uint64 // the words are aligned
	v T
}

func (r *Record[T]) value() (reflect.Type, bool) { return reflect.TypeFor[T](), true }

// Get copies the record out.
func (r *Record[T]) Get(p *Proc) (v T) {
	r.words(&v, func(inside, outside word) {
		if p.stepped {
			outside.store(p.access(trace.Get, inside, 0, 0))
		} else {
			copyWord(outside, inside)
		}
	})
	return v
}

// Set copies v in.
func (r *Record[T]) Set(p *Proc, v T) {
	r.words(&v, func(inside, outside word) {
		if p.stepped {
			p.access(trace.Set, inside, 0, outside.load())
		} else {
			copyWord(inside, outside)
		}
	})
}

// Peek copies the record out without a point: for Always and Final.
func (r *Record[T]) Peek() T { return r.v }

// Init copies v in without a point: for Setup.
func (r *Record[T]) Init(v T) { r.v = v }

// InitFrom is Init, eight bytes at a time: a wider load of what was just written
// in words waits until all stores before it have reached the cache.
func (r *Record[T]) InitFrom(v *T) {
	to, from, size := unsafe.Pointer(&r.v), unsafe.Pointer(v), unsafe.Sizeof(r.v)
	off := uintptr(0)
	for ; off+8 <= size; off += 8 {
		*(*uint64)(unsafe.Add(to, off)) = *(*uint64)(unsafe.Add(from, off))
	}
	for ; off < size; off++ {
		*(*byte)(unsafe.Add(to, off)) = *(*byte)(unsafe.Add(from, off))
	}
}

// words calls f for each word of the record and of v: eight bytes, then, for a
// size that is not a multiple of eight, the largest that fit.
func (r *Record[T]) words(v *T, f func(inside, outside word)) {
	for off, left := uintptr(0), unsafe.Sizeof(r.v); left > 0; {
		size := uintptr(8)
		for size > left {
			size /= 2
		}
		f(word{unsafe.Add(unsafe.Pointer(&r.v), off), uint8(size)}, word{unsafe.Add(unsafe.Pointer(v), off), uint8(size)})
		off, left = off+size, left-size
	}
}

// copyWord is not inlined, so that no two copies are merged into a wider one.
//
//go:noinline
func copyWord(to, from word) {
	switch to.size {
	case 1:
		*(*uint8)(to.at) = *(*uint8)(from.at)
	case 2:
		*(*uint16)(to.at) = *(*uint16)(from.at)
	case 4:
		*(*uint32)(to.at) = *(*uint32)(from.at)
	default:
		*(*uint64)(to.at) = *(*uint64)(from.at)
	}
}
