package shmsync

import (
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// An MCSLock is a spin lock that is acquired in the order in which actors came,
// each of which spins on a word of its own (Mellor-Crummey and Scott 1991,
// algorithm 5). Its zero value is unlocked. The queue's links are not addresses,
// which differ between processes, but the actors' numbers; no two actors that
// use it have the same. It survives nobody's death.
type MCSLock struct {
	tail  shmlab.Uint32 // who came last, its index plus 1; 0: nobody   invariant
	nodes [64]struct {
		next shmlab.Uint32 // who came after, its index plus 1; 0: nobody yet   invariant
		wait shmlab.Uint32 // 1: not its turn yet                                invariant
	}
}

// Lock acquires l, spinning until it is this actor's turn.
func (l *MCSLock) Lock(p *shmlab.Proc) {
	mine := &l.nodes[p.Index()]
	p.Enter(trace.Lock, l.tail.Is(0).Word())
	mine.next.Store(p, 0)
	mine.wait.Store(p, 1)
	if before := l.tail.Swap(p, me(p)); before != 0 { // pairs with the exchange in Unlock
		l.nodes[before-1].next.Store(p, me(p)) // pairs with the loads of next in Unlock
		for mine.wait.Load(p) != 0 {           // pairs with the store in Unlock
			p.Await(mine.wait.Is(0))
		}
	}
	shadowAcquire(l)
	p.Leave(true)
}

// Unlock releases l.
func (l *MCSLock) Unlock(p *shmlab.Proc) {
	mine := &l.nodes[p.Index()]
	p.Enter(trace.Unlock, l.tail.Is(0).Word())
	shadowRelease(l)
	if mine.next.Load(p) == 0 {
		if l.tail.CompareAndSwap(p, me(p), 0) { // publishes; pairs with the exchange in Lock
			p.Leave(true)
			return
		}
		for mine.next.Load(p) == 0 { // somebody came, and has not said so yet
			p.Await(mine.next.Is(0).Not())
		}
	}
	l.nodes[mine.next.Load(p)-1].wait.Store(p, 0) // publishes; pairs with the load of wait in Lock
	p.Leave(true)
}
