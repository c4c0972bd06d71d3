package shmsync

import (
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A TicketLock is a spin lock that is acquired in the order in which actors
// came (Mellor-Crummey and Scott 1991, algorithm 2). Its zero value is unlocked.
// All who wait read one word, which every Unlock changes. It survives nobody's
// death: who waits and is killed is waited for when its turn has come.
type TicketLock struct {
	next    shmlab.Uint32 // the next ticket           invariant
	serving shmlab.Uint32 // whose turn it is          invariant
}

// Lock acquires l, spinning until it is this actor's turn.
func (l *TicketLock) Lock(p *shmlab.Proc) {
	p.Enter(trace.Lock, l.serving.Is(0).Word())
	ticket := l.next.Add(p, 1) - 1
	for l.serving.Load(p) != ticket { // pairs with the addition in Unlock
		p.Await(l.serving.Is(ticket))
	}
	shadowAcquire(l)
	p.Leave(true)
}

// Unlock releases l. It panics if l is not locked.
func (l *TicketLock) Unlock(p *shmlab.Proc) {
	shadowRelease(l)
	p.Enter(trace.Unlock, l.serving.Is(0).Word())
	if l.serving.Peek() == l.next.Peek() {
		panic("shmsync: unlock of an unlocked TicketLock")
	}
	l.serving.Add(p, 1) // publishes; pairs with the load in Lock
	p.Leave(true)
}
