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
// The compiler leaves stores in the order in which the program has them.
func (u *Uint32) Publish(to uint32) {
	if runtime.GOARCH == "amd64" {
		*(*uint32)(unsafe.Pointer(u)) = to
	} else {
		u.v.Store(to)
	}
}
