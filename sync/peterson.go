package shmsync

import (
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// Peterson is a lock for the actors 0 and 1 that needs nothing but loads and
// stores (Peterson, "Myths about the mutual exclusion problem", 1981). Each
// store comes before the loads after it for everybody else only because the
// cells are sequentially consistent: with plain stores both get in.
type Peterson struct {
	wants [2]shmlab.Uint32 // 1: the actor wants the lock or has it            invariant
	turn  shmlab.Uint32    // who goes first if both want it; else of no meaning   invariant
}

// Lock acquires l, spinning while the other has it.
func (l *Peterson) Lock(p *shmlab.Proc) {
	mine, other := two(p)
	p.Enter(trace.Lock, l.wants[0].Is(0).Word())
	l.wants[mine].Store(p, 1)                                    // before the load of turn; pairs with the other's load of wants
	l.turn.Store(p, other)                                       // the last to say so waits
	for l.wants[other].Load(p) == 1 && l.turn.Load(p) == other { // pairs with the stores here and in Unlock
		p.Await(l.wants[other].Is(0).Or(l.turn.Is(mine)))
	}
	shadowAcquire(l)
	p.Leave(true)
}

// Unlock releases l.
func (l *Peterson) Unlock(p *shmlab.Proc) {
	mine, _ := two(p)
	shadowRelease(l)
	p.Enter(trace.Unlock, l.wants[0].Is(0).Word())
	l.wants[mine].Store(p, 0) // publishes; pairs with the loads in Lock
	p.Leave(true)
}

// two returns p's index and the other one.
func two(p *shmlab.Proc) (mine, other uint32) {
	if p.Index() > 1 {
		panic("shmsync: a lock for two actors is for the actors 0 and 1")
	}
	return uint32(p.Index()), 1 - uint32(p.Index())
}
