package shmlab

import (
	"runtime"
	"unsafe"
)

// Publish is Store without a point and, where the processor keeps stores in
// order by itself, without the fence that keeps later loads behind it: for the
// uncontended way of a primitive whose actor is light; see [Proc.Light]. What was
// written before is seen by whoever loads it.
//
// The compiler leaves stores in the order in which the program has them, and an
// atomic load behind a store that is before it.
func (u *Uint32) Publish(to uint32) {
	if runtime.GOARCH == "amd64" {
		*(*uint32)(unsafe.Pointer(u)) = to
	} else {
		u.v.Store(to)
	}
}

// Publish is [Uint32.Publish] of a word of 8 bytes.
func (u *Uint64) Publish(to uint64) {
	if runtime.GOARCH == "amd64" {
		*(*uint64)(unsafe.Pointer(u)) = to
	} else {
		u.v.Store(to)
	}
}
