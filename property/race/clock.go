package race

import "shmrace/shmlab/trace"

// A moment is the number of an event in its trace, from 1; 0 is before all.
//
// The paper's clocks count what an actor has released. Here the time of an
// actor is the number of its last event, which grows whenever the paper's does:
// so an epoch is not only a time but says which access it was.
type moment int

// A clock is a vector clock: of each actor the last event that is known to have
// happened before. A nil clock knows of nothing.
type clock []moment

// join makes c know what d knows.
func (c clock) join(d clock) {
	for i, at := range d {
		c[i] = max(c[i], at)
	}
}

// An epoch is one access: who made it, and when. The zero epoch is none.
type epoch struct {
	actor trace.Actor
	at    moment
}

// before reports whether whoever has clock c knows of e.
func (e epoch) before(c clock) bool { return e.at == 0 || e.at <= c[e.actor] }

// clocks are the clocks of several words by name, made when needed.
type clocks struct {
	actors int
	of     map[string]clock
}

// release makes the word's clock know what c knows.
func (k *clocks) release(word string, c clock) {
	if k.of[word] == nil {
		k.of[word] = make(clock, k.actors)
	}
	k.of[word].join(c)
}

// acquire makes c know what the word's clock knows.
func (k *clocks) acquire(word string, c clock) { c.join(k.of[word]) }
