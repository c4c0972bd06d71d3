package shmsync

import (
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// Dekker is the first lock for two actors, 0 and 1, that needs nothing but
// loads and stores (Dijkstra, EWD 123, 1965). As in [Peterson], the cells'
// sequential consistency is what it rests on.
type Dekker struct {
	wants [2]shmlab.Uint32 // 1: the actor wants the lock or has it   invariant
	turn  shmlab.Uint32    // who need not step back                   invariant
}

// Lock acquires l, spinning while the other has it.
func (l *Dekker) Lock(p *shmlab.Proc) {
	mine, other := two(p)
	p.Enter(trace.Lock, l.wants[0].Is(0).Word())
	l.wants[mine].Store(p, 1)         // before the load; pairs with the other's load of wants
	for l.wants[other].Load(p) == 1 { // pairs with the stores here and in Unlock
		if l.turn.Load(p) == mine {
			p.Await(l.wants[other].Is(0)) // the other steps back
			continue
		}
		l.wants[mine].Store(p, 0) // steps back
		for l.turn.Load(p) != mine {
			p.Await(l.turn.Is(mine))
		}
		l.wants[mine].Store(p, 1)
	}
	shadowAcquire(l)
	p.Leave(true)
}

// Unlock releases l, and lets the other go first next time.
func (l *Dekker) Unlock(p *shmlab.Proc) {
	mine, other := two(p)
	shadowRelease(l)
	p.Enter(trace.Unlock, l.wants[0].Is(0).Word())
	l.turn.Store(p, other)
	l.wants[mine].Store(p, 0) // publishes; pairs with the load in Lock
	p.Leave(true)
}
