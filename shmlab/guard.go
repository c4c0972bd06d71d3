package shmlab

import "shmrace/shmlab/trace"

// A Guard says when a primitive's step can be taken: while a word holds a
// value, or does not, or either of two such clauses holds. It is data and no
// function, for on the process host somebody else looks at it.
type Guard struct {
	first, or clause
	deaths    deaths
}

// deaths says whether a death lets a step be taken as well: the primitive looks
// who it was and cleans up.
type deaths uint8

const (
	noDeath  deaths = iota
	anyDeath        // any in the run
	newDeath        // any since the actor has come to wait
)

// A clause is a test of one word.
type clause struct {
	addr uintptr
	want uint64
	size uint8
	bits uint8 // how many of the word's low bits count; 0: all
	test test
}

// A test is what a clause asks of its word.
type test uint8

const (
	nothing   test = iota // there is no clause, or it only names its word
	equals                // the word holds want
	different             // the word does not hold want

	unasked test = 0x80 // not asked for: the step can be taken anyway
)

func (t test) holds(value, want uint64, bits uint8) bool {
	if bits != 0 {
		value &= 1<<bits - 1
	}
	switch t {
	case equals:
		return value == want
	case different:
		return value != want
	}
	return false
}

// Not is the guard of a step that can be taken while g's word does not hold the value.
func (g Guard) Not() Guard {
	g.first.test = different
	return g
}

// Or is the guard of a step that can be taken while g or h holds; each has one clause.
func (g Guard) Or(h Guard) Guard {
	if g.or.test != nothing || h.or.test != nothing {
		panic("shmlab: a guard has at most two clauses")
	}
	g.or = h.first
	return g
}

// OrDeath is the guard of a step that can also be taken once an actor has died.
// An Await is not let go by deaths that were known when its actor last asked
// [Proc.Dead]: it has found that it waits for none of them.
func (g Guard) OrDeath() Guard {
	g.deaths = anyDeath
	return g
}

// Word is the guard of a step on the same word that can always be taken. Of a
// TryLock it says, unasked, when it succeeds.
func (g Guard) Word() Guard {
	g.first.test |= unasked
	g.or, g.deaths = clause{}, noDeath
	return g
}

// guard makes p stand on g's word, to be let go while g holds.
func (p *Point) guard(g *Guard, base uintptr) {
	p.Off, p.Size, p.test, p.want = offset(g.first.addr, base), g.first.size, g.first.test, g.first.want
	p.bits, p.deaths = g.first.bits, g.deaths
	if g.or.test != nothing {
		p.or = second{g.or.want, offset(g.or.addr, base), g.or.size, g.or.bits, g.or.test}
	}
}

// A second is the second clause of a point's guard.
type second struct {
	want uint64
	off  uint32
	size uint8
	bits uint8
	test test
}

// Guarded reports whether the point can be taken only while a guard holds.
func (p *Point) Guarded() bool { return p.awaits() || p.round != 0 }

// Several reports whether the guard is about several words.
func (p *Point) Several() bool { return p.round != 0 || p.or.test != nothing && p.or.off != p.Off }

// awaits tells a guard of the point's own from what a spinning actor reads.
func (p *Point) awaits() bool { return p.test != nothing && p.test < unasked }

// Holds reports whether the guard of a point of the run, if it has one, holds in
// a memory that load reads.
func (c *Choice) Holds(p *Point, load func(off uint32, size uint8) uint64) bool {
	return c.sched.holds(p, load)
}

func (s *scheduler) holds(p *Point, load func(off uint32, size uint8) uint64) bool {
	if p.round != 0 {
		return s.spins.rounds[p.round].changed(load)
	}
	return p.holds(load)
}

func (p *Point) holds(load func(off uint32, size uint8) uint64) bool {
	switch {
	case !p.Guarded() || p.test.holds(load(p.Off, p.Size), p.want, p.bits):
		return true
	case p.or.test != nothing:
		return p.or.test.holds(load(p.or.off, p.or.size), p.or.want, p.or.bits)
	}
	return false
}

// OpenedBy reports whether a death lets the point be taken: one that has happened
// since the actor came there, or one that happened before.
func (p *Point) OpenedBy(since bool) bool {
	return p.deaths == anyDeath || p.deaths == newDeath && since
}

// Sleeps reports whether the point is a futex wait that sleeps if its word holds value.
func (p *Point) Sleeps(value uint64) bool { return p.futexWait() && value == p.want }

// futexWait tells a futex wait from an Await.
func (p *Point) futexWait() bool { return p.Kind == trace.Wait && p.test == nothing }

// open reports whether the guard of the point at which a stands lets it go.
func (s *scheduler) open(a *actor) bool {
	point := &a.at.point
	return s.holds(point, s.memory.load) ||
		point.deaths == anyDeath && s.killed > 0 || point.deaths == newDeath && s.killed > a.since
}

// writers are the kinds of step that can write their word, as a set.
const writers uint64 = 1<<trace.Set | (1<<trace.Yield - 1<<trace.Store)

// flag is 1 if b is true.
func flag(b bool) (n uint64) {
	if b {
		n = 1
	}
	return n
}

// Writes reports whether the point's access, taken while its word holds value,
// writes it. To lock is to write, to try it if the guard says so.
func (p *Point) Writes(value uint64) bool {
	switch p.Kind {
	case trace.CompareAndSwap:
		return value == p.want
	case trace.TryLock:
		return (p.test &^ unasked).holds(value, p.want, p.bits)
	}
	return p.Kind.Writes() || p.Kind >= trace.Lock && p.Kind <= trace.Release
}
