package race

import "shmrace/shmlab/trace"

// A moment is the number of an access in its run, from 1; 0 is before all.
//
// The paper's clocks count what an actor has released. Here the time of an
// actor is the number of its last access, which grows whenever the paper's does:
// so an epoch is not only a time but says which access it was.
type moment int

// An epoch is one access: who made it, and when. The zero epoch is none.
type epoch struct {
	actor trace.Actor
	at    moment
}

// before reports whether whoever has clock c knows of e.
func (e epoch) before(c []moment) bool { return e.at == 0 || e.at <= c[e.actor] }

// join makes c know what d knows: of each actor the last access that is known to
// have happened before.
func join(c, d []moment) {
	for i, at := range d {
		c[i] = max(c[i], at)
	}
}

// A clock is a vector clock that a word keeps. It is empty until something was
// released into it, and keeps its memory when it is emptied.
type clock struct {
	some bool // there is something in it
	at   []moment
}

// clear makes room for n actors, of whom nothing is known.
func (k *clock) clear(n int) {
	k.some = true
	if len(k.at) != n {
		k.at = make([]moment, n)
		return
	}
	clear(k.at)
}

// release makes k know what c knows.
func (k *clock) release(c []moment) {
	if !k.some {
		k.clear(len(c))
	}
	join(k.at, c)
}

// acquire makes c know what k knows.
func (k *clock) acquire(c []moment) {
	if k.some {
		join(c, k.at)
	}
}
