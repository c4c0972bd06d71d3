package shmlab

import "unsafe"

// A trail is where an actor's call came from, as return addresses that say
// nothing about what was inlined. It tells calls apart, for a tenth of what it
// takes to find out which they are.
type trail [8]uintptr

// frame returns the frame pointer of its caller.
//
//go:noescape
func frame() uintptr

// followTrail returns the trail of its caller. As in all code that Go compiles for
// amd64 and arm64, a frame pointer points to that of the frame before, beside
// which is the return address; the first is nil.
//
//go:noinline
//go:nocheckptr
func followTrail() (t trail) {
	fp := frame()
	for i := range t {
		if fp == 0 {
			break
		}
		at := (*[2]uintptr)(unsafe.Add(unsafe.Pointer(nil), fp))
		fp, t[i] = at[0], at[1]
	}
	return t
}
