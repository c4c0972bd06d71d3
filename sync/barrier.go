package shmsync

import (
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A Barrier lets a fixed set of actors go on when all of them have come, again
// and again. It must be told who they are, by Init, before anybody comes.
//
// If one of them dies, whether it has come or not, nobody is let go any more:
// all get ErrBroken. A death is noticed by who waits, at the end of a nap, and by
// who comes last.
//
// What each did before it came is seen by all who are let go. It costs two
// atomic operations to come, and for the last a wake of all. There is no copy of
// a published algorithm here: the set that has come is one word, and what
// becomes of a round is decided by one exchange of another.
type Barrier struct {
	parties shmlab.Uint64 // who has to come, a bit each       invariant
	come    shmlab.Uint64 // who has, in this round            invariant
	// bits 0-30  the number of the round                      invariant
	// bit 31     it is broken, and will not change any more   invariant
	round shmlab.Uint32
	roll  roll
}

const broken uint32 = 1 << 31

// Init says that the actors with index 0 to n-1 have to come.
func (b *Barrier) Init(n int) { b.parties.Init(first(n)) }

// Join says that p has begun. An actor that dies before its first Join or Wait
// is not missed, unless the run is stepped.
func (b *Barrier) Join(p *shmlab.Proc) {
	p.Enter(trace.Release, b.round.Is(0).Word())
	b.roll.join(p)
	p.Leave(true)
}

// Wait comes, and goes on when all have. Serial is true for exactly one of them
// in each round. It panics if p is not one of those who have to come.
func (b *Barrier) Wait(p *shmlab.Proc) (serial bool, err error) {
	p.Enter(trace.Release, b.round.Is(0).Word())
	b.roll.join(p)
	round := b.round.Load(p)
	me, all := uint64(1)<<p.Index(), b.parties.Peek()
	if all&me == 0 {
		panic("shmsync: Wait of an actor that a Barrier does not expect")
	}
	if round&broken != 0 {
		p.Leave(false)
		return false, ErrBroken
	}
	shadowRelease(b)
	if b.come.Add(p, me) == all { // pairs with itself: who comes last sees what all did
		serial = b.open(p, round)
		p.Leave(true)
		return serial, b.fate(p, round)
	}
	p.Leave(true)
	p.Enter(trace.Acquire, b.round.Is(round).Not().OrDeath())
	for try := 0; b.round.Load(p) == round; try++ { // pairs with the exchange in open
		if b.roll.dead(p, all) != 0 {
			b.end(p, round, round|broken)
			continue
		}
		// No wake is lost between the look and the sleep: the wake comes after the
		// round's number has changed, and the nap returns at once if it has.
		_ = b.round.Nap(p, round, 0, try)
	}
	err = b.fate(p, round)
	p.Leave(err == nil)
	return false, err
}

// open ends a round in which all have come, unless one of them has died since.
func (b *Barrier) open(p *shmlab.Proc, round uint32) bool {
	if b.roll.dead(p, b.parties.Peek()) != 0 {
		b.end(p, round, round|broken)
		return false
	}
	b.come.Store(p, 0) // before the exchange: who is let go comes to the next round
	return b.end(p, round, (round+1)&^broken)
}

// end decides what becomes of a round, and reports whether it did.
func (b *Barrier) end(p *shmlab.Proc, round, to uint32) bool {
	if !b.round.CompareAndSwap(p, round, to) { // publishes; pairs with the load in Wait
		return false
	}
	b.round.Wake(p, everybody)
	return true
}

// fate is what became of a round.
func (b *Barrier) fate(p *shmlab.Proc, round uint32) error {
	shadowAcquire(b)
	if b.round.Load(p) == round|broken {
		return ErrBroken
	}
	return nil
}
