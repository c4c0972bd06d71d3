package shmlab

import (
	"fmt"

	"shmrace/shmlab/trace"
)

// A Touch is what a step did to one word. Two steps of different actors can
// change places if no word is touched by both and written by either.
//
// Besides the words of the state there are some that no memory holds: who
// sleeps on a futex, what an Always looks at, which operation was over before
// which began, and Everything.
type Touch struct {
	Before uint64 // what the word held before the step
	Off    uint32 // offset of the word in the state; beyond any state for the others
	Size   uint8  // bytes; 1 for the others
	Wrote  bool
}

// What is touched besides words, as offsets.
const (
	Everything uint32 = maxState + iota // all words
	Invariant                           // written by every step that writes, if there is an Always
	History                             // written by every step after which an operation begins or ends
	Turns                               // whose turn it is, for a search to which it matters: see [Choice.Yielded]
)

// SleepersOn returns the offset that stands for who sleeps on the word at off.
func SleepersOn(off uint32) uint32 { return off | 1<<31 }

// touches are the touches of one step, each word once. Those of a step with
// more than fit are a touch of Everything.
type touches struct {
	n  uint8
	at [12]Touch
}

func (t *touches) add(off uint32, size uint8, wrote bool, before uint64) {
	for i := range t.at[:t.n] {
		if t.at[i].Off == off {
			t.at[i].Wrote = t.at[i].Wrote || wrote
			return
		}
	}
	if int(t.n) == len(t.at) {
		t.at[0], t.n = Touch{Off: Everything, Size: 1, Wrote: true}, 1
		return
	}
	t.at[t.n] = Touch{before, off, size, wrote}
	t.n++
}

// check says why these cannot be the touches of a step of an actor.
func (t *touches) check(size uintptr) error {
	if int(t.n) > len(t.at) {
		return fmt.Errorf("it has touched %d words", t.n)
	}
	for _, touch := range t.at[:t.n] {
		if touch.Off != Everything && (touch.Size == 0 || touch.Off == outside || !aWord(touch.Off, touch.Size, size)) {
			return fmt.Errorf("it has touched %d bytes at %d, no word of the state", touch.Size, touch.Off)
		}
	}
	return nil
}

// join adds what an actor has touched within a primitive's step.
func (t *touches) join(u *touches) {
	for _, touch := range u.at[:u.n] {
		t.add(touch.Off, touch.Size, touch.Wrote, touch.Before)
	}
	u.n = 0
}

// touch adds to t what a step from point will touch, as far as that is known; what
// a primitive's step touches besides its guard is added when it is over.
func (s *scheduler) touch(t *touches, point *Point) {
	m := s.memory
	switch {
	case point.Kind.Access():
		before := m.load(point.Off, point.Size)
		t.add(point.Off, point.Size, point.Writes(before), before)
	case point.futexWait():
		value := m.load(point.Off, point.Size)
		t.add(point.Off, point.Size, false, value)
		if point.Sleeps(value) {
			t.add(SleepersOn(point.Off), 1, true, 0)
		}
	case point.Kind == trace.Wake:
		t.add(SleepersOn(point.Off), 1, false, 0)
	case point.round != 0:
		for _, w := range s.spins.rounds[point.round].words {
			t.add(w.off, w.size, false, m.load(w.off, w.size))
		}
	case point.Guarded():
		t.add(point.Off, point.Size, false, m.load(point.Off, point.Size))
		if point.or.test != nothing {
			t.add(point.or.off, point.or.size, false, m.load(point.or.off, point.or.size))
		}
	}
}

// touchNote adds what a note is part of.
func (s *scheduler) touchNote(k trace.Kind) {
	if s.observer != nil && (k == trace.Call || k == trace.Return) {
		s.choice.touched.add(History, 1, true, 0)
	}
}

// forget makes ready for the next step.
func (c *Choice) forget() { c.touched.n, c.woke, c.held, c.yielded = 0, 0, 0, false }

// Touched returns what the step before touched, for an [Observer]; valid until
// the next step.
func (c *Choice) Touched() []Touch {
	t := &c.touched
	for i := 0; c.sched.always != nil && i < int(t.n); i++ {
		if t.at[i].Wrote && t.at[i].Off < Everything {
			t.add(Invariant, 1, true, 0)
			break
		}
	}
	return t.at[:t.n]
}

// Died reports whether the step before was a fault of which its actor died.
func (c *Choice) Died() bool { return c.before.Kind == trace.Injected && c.died }

// Marked returns what the kernel has changed when the step before killed
// somebody, in pieces of four bytes; valid until the next step.
func (c *Choice) Marked() []Touch { return c.marked }

// Pending returns what actor a, which stands at a point, would touch at least.
// Of a primitive's step only the words of the guard are known, and that to lock
// writes the first. Valid until the next call.
func (c *Choice) Pending(a trace.Actor) []Touch {
	t, point := &c.pending, &c.sched.actors[a].at.point
	t.n = 0
	c.sched.touch(t, point)
	if point.Guarded() && t.n > 0 {
		t.at[0].Wrote = point.Writes(0)
	}
	return t.at[:t.n]
}
