package shmsync

import (
	"math/bits"

	"shmrace/shmlab"
)

// A roll says who the actors of a set are, by their index, so that a death among
// them can be seen. An actor is on it once it has written itself down.
type roll struct {
	// 0             nobody with this index has come yet    invariant
	// anything else who it is, as Proc.ID says it           invariant
	ids [64]shmlab.Uint64
}

// join writes p down. Only the first time costs a step.
func (r *roll) join(p *shmlab.Proc) {
	if id := &r.ids[p.Index()]; id.Peek() != p.ID() {
		id.Store(p, p.ID()) // pairs with the load in dead
	}
}

// dead returns those of a set of indexes that have died.
func (r *roll) dead(p *shmlab.Proc, set uint64) (dead uint64) {
	for ; set != 0; set &= set - 1 {
		i := bits.TrailingZeros64(set)
		if id := r.ids[i].Peek(); p.Gone(i) || id != 0 && p.Dead(id) {
			dead |= 1 << i
		}
	}
	return dead
}

// first returns the set of the actors 0 to n-1.
func first(n int) uint64 {
	if n < 1 || n > 64 {
		panic("shmsync: a set of actors has 1 to 64")
	}
	return 1<<n - 1
}
