package trace

import "slices"

// Holders are who holds which lock, while a trace is gone through: the zero
// value is before its first event.
type Holders struct {
	holds []hold // in the order in which they were taken
	dead  uint64 // the actors that were killed
}

type hold struct {
	lock   string
	actor  Actor
	shared bool // to read
}

// Take takes note of what e acquires, releases or kills. Somebody who is killed
// keeps the locks held, until another gets one of them nevertheless.
func (h *Holders) Take(e *Event) {
	switch {
	case e.Kind == Died, e.Kind == Injected && e.Note == Kill.String():
		h.dead |= 1 << e.Actor
	case e.Note == "failed":
	case e.Kind == Lock, e.Kind == TryLock, e.Kind == RLock:
		h.holds = slices.DeleteFunc(h.holds, func(x hold) bool { return x.lock == e.Word && h.Dead(x.actor) })
		h.holds = append(h.holds, hold{e.Word, e.Actor, e.Kind == RLock})
	case e.Kind == Unlock, e.Kind == RUnlock:
		for i := len(h.holds) - 1; i >= 0; i-- {
			if h.holds[i].lock == e.Word && h.holds[i].actor == e.Actor {
				h.holds = slices.Delete(h.holds, i, i+1)
				break
			}
		}
	}
}

// Held returns the locks that a holds, in the order in which it took them.
func (h *Holders) Held(a Actor) (locks []string) {
	for _, x := range h.holds {
		if x.actor == a {
			locks = append(locks, x.lock)
		}
	}
	return locks
}

// Shared returns the locks that a holds as others may at the same time, to read.
func (h *Holders) Shared(a Actor) (locks []string) {
	for _, x := range h.holds {
		if x.actor == a && x.shared {
			locks = append(locks, x.lock)
		}
	}
	return locks
}

// Of returns who holds a lock, dead or alive; more than one if it is shared.
func (h *Holders) Of(lock string) (actors []Actor) {
	for _, x := range h.holds {
		if x.lock == lock {
			actors = append(actors, x.actor)
		}
	}
	return actors
}

// Dead reports whether a was killed.
func (h *Holders) Dead(a Actor) bool { return h.dead>>uint(a)&1 != 0 }
