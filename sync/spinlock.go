package shmsync

import (
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A SpinLock is a lock whose waiters look again and again. Its zero value is
// unlocked. It is for a critical section shorter than a sleep and a wake, with
// a processor for each actor, and survives nobody's death.
//
// It tests before it sets (Rudolph and Segall 1984), so that those who wait read
// their own caches and leave the memory alone.
type SpinLock struct {
	held shmlab.Uint32 // 1: somebody holds it   invariant
}

// Lock acquires l, spinning while it is held.
func (l *SpinLock) Lock(p *shmlab.Proc) {
	p.Enter(trace.Lock, l.held.Is(0))
	for !l.held.CompareAndSwap(p, 0, 1) { // pairs with the store in Unlock
		for l.held.Load(p) != 0 {
			p.Await(l.held.Is(0))
		}
	}
	shadowAcquire(l)
	p.Leave(true)
}

// TryLock acquires l if it is free, and reports whether it did.
func (l *SpinLock) TryLock(p *shmlab.Proc) bool {
	p.Enter(trace.TryLock, l.held.Is(0).Word())
	ok := l.held.CompareAndSwap(p, 0, 1) // pairs with the store in Unlock
	if ok {
		shadowAcquire(l)
	}
	p.Leave(ok)
	return ok
}

// Unlock releases l. It panics if l is not locked.
func (l *SpinLock) Unlock(p *shmlab.Proc) {
	shadowRelease(l)
	p.Enter(trace.Unlock, l.held.Is(0).Word())
	if l.held.Peek() == 0 {
		panic("shmsync: unlock of an unlocked SpinLock")
	}
	l.held.Store(p, 0) // publishes; pairs with the exchange in Lock
	p.Leave(true)
}
