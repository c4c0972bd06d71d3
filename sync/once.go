package shmsync

import (
	"math"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A Once has something done by one actor while all others wait until it is done.
// If the one that does it dies or panics, another does it again from the start.
//
// What was done is seen by whoever returns from Do. When it is done, Do is one
// atomic read.
type Once struct {
	// 0             not begun                               invariant
	// initialized   done                                    invariant
	// anything else who does it, as Proc.ID says it         invariant
	owner shmlab.Uint64
	turns shmlab.Uint32 // counts how often owner was given up: to sleep on   invariant
}

const initialized = math.MaxUint64

// Do calls f, unless it was called and returned. It reports whether it called it.
func (o *Once) Do(p *shmlab.Proc, f func()) bool {
	if o.claim(p) {
		return false
	}
	done := uint64(0)
	defer func() { o.settle(p, done) }() // f may panic
	f()
	done = initialized
	return true
}

// claim waits until f is done, or for p to do.
func (o *Once) claim(p *shmlab.Proc) (done bool) {
	p.Enter(trace.Lock, o.owner.Is(0).Or(o.owner.Is(initialized)).OrDeath())
	for try := 0; ; try++ {
		turn := o.turns.Load(p)
		owner := o.owner.Load(p) // pairs with the store in settle
		if owner == initialized {
			shadowAcquire(o)
			p.Leave(false)
			return true
		}
		if owner == 0 || p.Dead(owner) {
			if o.owner.CompareAndSwap(p, owner, p.ID()) { // pairs with the store in settle
				shadowAcquire(o)
				p.Leave(true)
				return false
			}
			continue
		}
		// No wake is lost between the look and the sleep: who gives it up after the
		// look counts turns up before the wake.
		_ = o.turns.Nap(p, turn, 0, try)
	}
}

// settle says that f is done, or was not.
func (o *Once) settle(p *shmlab.Proc, done uint64) {
	p.Enter(trace.Unlock, o.owner.Is(0).Word())
	shadowRelease(o)
	o.owner.Store(p, done) // publishes; pairs with the operations in claim
	o.turns.Add(p, 1)
	o.turns.Wake(p, everybody)
	p.Leave(true)
}
