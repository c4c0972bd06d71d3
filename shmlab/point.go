package shmlab

import "shmrace/shmlab/trace"

// A Point is where an actor stands: what it does when it is let go.
type Point struct {
	Kind trace.Kind
	Size uint8  // bytes of the word; 0 if there is none
	Off  uint32 // offset of the word in the state

	guarded bool   // it can be taken only while the word holds want
	timed   bool   // a wait with a deadline
	inner   bool   // part of a step that is under way: no decision
	want    uint64 // of the guard, or of a futex wait
	count   uint32 // how many a futex wake releases
}

// A Guard says when a primitive's step can be taken: while a word holds a value.
type Guard struct {
	addr uintptr
	size uint8
	want uint64
}

// Word is the guard of a step on the same word that can always be taken.
func (g Guard) Word() Guard {
	g.want = 0
	g.size |= unguarded
	return g
}

// unguarded marks a Guard that only names its word.
const unguarded = 0x80

// An effect is what an access did to its word.
type effect struct {
	before, after uint64
	read, wrote   bool
	failed        bool
}

// A standing is all that a scheduler knows of an actor that has arrived at a
// point, and its answer. On the process host it is copied out of shared memory.
type standing struct {
	point  Point
	effect effect    // of the step before
	text   string    // of a note
	lines  []uintptr // the actor's call stack, if asked for
	reply  uint64    // the scheduler's answer to a futex call
}
