package shmlab

import (
	"math"

	"shmrace/shmlab/trace"
)

// A Point is where an actor stands: what it does when it is let go.
type Point struct {
	Kind trace.Kind
	Size uint8  // bytes of the word; 0 if there is none
	Off  uint32 // offset of the word in the state

	test   test   // of the guard; nothing: it can always be taken
	bits   uint8  // of the guard: how many of the word's low bits count; 0: all
	deaths deaths // of the guard
	timed  bool   // a wait with a deadline
	nap    bool   // a wait that ends by itself now and then
	inner  bool   // part of a step that is under way: no decision
	count  uint32 // how many a futex wake releases
	round  uint32 // of a Yield: what the actor has read that spins there, by number; 0: it does not
	want   uint64 // of the guard, of a futex wait, or of a compare-and-swap; of a Yield where it was called
	or     second // of the guard
}

// outside is the offset of a word that is not in the state at all.
const outside = math.MaxUint32

// offset returns where in the state at base a word is.
func offset(addr, base uintptr) uint32 { return uint32(min(addr-base, outside)) }

// in reports whether the point's words are in a state of the given size.
func (p *Point) in(size uintptr) bool {
	return uintptr(p.Off)+uintptr(p.Size) <= size && uintptr(p.or.off)+uintptr(p.or.size) <= size
}

// An effect is what an access did to its word.
type effect struct {
	before, after uint64
	read, wrote   bool
	failed        bool
}

// A standing is all that a scheduler knows of an actor that has arrived at a
// point, and its answer. On the process host it is copied out of shared memory.
type standing struct {
	point   Point
	effect  effect    // of the step before
	touched touches   // within the primitive's step before, if asked for
	robust  robust    // what the kernel would know of its robust locks
	text    string    // of a note
	lines   []uintptr // the actor's call stack, if asked for
	reply   uint64    // the scheduler's answer to a futex call
	handles uint32    // the signals that the actor has handlers for, as a set
	summons           // the scheduler's other answer
}
