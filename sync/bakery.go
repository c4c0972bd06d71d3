package shmsync

import (
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// bakers is how many actors can use a Bakery.
const bakers = 4

// Bakery is a lock for the actors 0 to 3 that needs nothing but loads and stores
// and is acquired in the order in which actors came: each takes a number, and the
// lowest goes first (Lamport, "A new solution of Dijkstra's concurrent
// programming problem", 1974). As in [Peterson], the cells' sequential
// consistency is what it rests on. Lamport's numbers grow as long as somebody
// waits; these have 32 bits.
type Bakery struct {
	choosing [bakers]shmlab.Uint32 // 1: the actor is taking a number            invariant
	number   [bakers]shmlab.Uint32 // the actor's; 0: it does not want the lock   invariant
}

// Lock acquires l, spinning until it is this actor's turn.
func (l *Bakery) Lock(p *shmlab.Proc) {
	i := p.Index()
	if i >= bakers {
		panic("shmsync: a Bakery is for the actors 0 to 3")
	}
	p.Enter(trace.Lock, l.number[0].Is(0).Word())
	l.choosing[i].Store(p, 1) // before the loads; pairs with the others' load of choosing
	highest := uint32(0)
	for j := range l.number {
		if j != i {
			highest = max(highest, l.number[j].Load(p))
		}
	}
	mine := highest + 1
	l.number[i].Store(p, mine)
	l.choosing[i].Store(p, 0)
	for j := range l.number {
		if j != i {
			l.passBy(p, j, mine)
		}
	}
	shadowAcquire(l)
	p.Leave(true)
}

// passBy waits until actor j is behind p, whose number is mine.
func (l *Bakery) passBy(p *shmlab.Proc, j int, mine uint32) {
	for l.choosing[j].Load(p) != 0 { // pairs with the stores around the choice
		p.Await(l.choosing[j].Is(0))
	}
	for {
		n := l.number[j].Load(p) // pairs with the store in Unlock
		if n == 0 || n > mine || n == mine && j > p.Index() {
			return
		}
		p.Await(l.number[j].Is(n).Not())
	}
}

// Unlock releases l.
func (l *Bakery) Unlock(p *shmlab.Proc) {
	shadowRelease(l)
	p.Enter(trace.Unlock, l.number[0].Is(0).Word())
	l.number[p.Index()].Store(p, 0) // publishes; pairs with the load in passBy
	p.Leave(true)
}
