package shmlab

import (
	"iter"
	"unsafe"
)

// A seat is where one coroutine waits until another takes its place: any two, in
// turn. It comes with a coroutine that has not begun.
//
// It is what [iter.Pull] makes, though nothing is pulled: to call next is to change
// places with who waits there, and so is to yield, and neither asks who calls. They
// have to be called in turn, so which it is changes with each change of places.
type seat struct {
	now, then func() bool // to be called now, and the time after
}

// newSeat returns the seat of a coroutine that runs code once it is let go. When
// code returns, whoever waits in the seat goes on.
func newSeat(code func()) *seat {
	s := &seat{}
	next, _ := iter.Pull(func(yield func(struct{}) bool) {
		s.now = *(*func() bool)(unsafe.Pointer(&yield))
		code()
	})
	s.now = *(*func() bool)(unsafe.Pointer(&next))
	return s
}

// swap lets the one that waits in the seat go on, and waits there. It is small
// enough to be inlined, see [Proc.access], and to be that, it does not tell the two
// functions apart, whose types differ in what has no size.
func (s *seat) swap() {
	call := s.now
	s.now, s.then = s.then, call
	call()
}
