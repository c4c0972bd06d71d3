package shmsync

import (
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A WaitGroup waits until each actor of a set has said that it is done. Unlike
// the standard library's it knows who they are, so that one that dies is not
// waited for: the waiters get ErrBroken. A death is noticed at the end of a nap.
//
// What an actor did before Done is seen by who returns from Wait. Done is one
// atomic operation, and a wake if it was the last.
type WaitGroup struct {
	left shmlab.Uint64 // who is not done, a bit each                        invariant
	over shmlab.Uint32 // counts how often the set became empty: to sleep on  invariant
	roll roll
}

// Init says that the actors with index 0 to n-1 are to be waited for.
func (g *WaitGroup) Init(n int) { g.left.Init(first(n)) }

// InitRange says so of the actors with index from to from+n-1.
func (g *WaitGroup) InitRange(from, n int) { g.left.Init(first(n) << from) }

// Join says that p has begun. An actor that dies before its first Join is not
// missed, unless the run is stepped.
func (g *WaitGroup) Join(p *shmlab.Proc) {
	p.Enter(trace.Release, g.left.Is(0).Word())
	g.roll.join(p)
	p.Leave(true)
}

// Done says that p is done. It panics if p was not waited for.
func (g *WaitGroup) Done(p *shmlab.Proc) {
	me := uint64(1) << p.Index()
	p.Enter(trace.Release, g.left.Is(0).Word())
	if g.left.Peek()&me == 0 { // nobody else changes this bit
		panic("shmsync: Done of an actor that the WaitGroup does not wait for")
	}
	shadowRelease(g)
	if g.left.Add(p, -me) == 0 { // publishes; pairs with the load in Wait
		g.over.Add(p, 1)
		g.over.Wake(p, everybody)
	}
	p.Leave(true)
}

// Wait waits until all are done, and returns ErrBroken if one of them died before.
func (g *WaitGroup) Wait(p *shmlab.Proc) error {
	p.Enter(trace.Acquire, g.left.Is(0).OrDeath())
	for try := 0; ; try++ {
		over := g.over.Load(p)
		left := g.left.Load(p) // pairs with the subtraction in Done
		if left == 0 {
			shadowAcquire(g)
			p.Leave(true)
			return nil
		}
		if g.roll.dead(p, left) != 0 {
			p.Leave(false)
			return ErrBroken
		}
		// No wake is lost between the look and the sleep: who empties the set after
		// it was looked at counts over up before the wake.
		_ = g.over.Nap(p, over, 0, try)
	}
}
