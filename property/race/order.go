package race

import (
	"math/bits"
	"slices"

	"shmrace/shmlab/trace"
)

// An order is what happened before what, while a run is gone through. There is
// an edge from an access to each later one of its actor, and
//
//	from                              to
//	an atomic write of a word         each later atomic read of the word
//	a lock let go                     each later taking of the lock
//	a shared lock let go              each later taking of it for oneself
//	Release, Acquire on a primitive   each later one, ReadBegin and ReadCheck on the same
//	a ReadCheck that did not fail     each later Release on the same
//	a futex wake                      what those do that it woke
//	all that a dead actor did         each later step on a primitive that it had locked,
//	                                  or acquired and not released, and each later atomic
//	                                  read of what it had a part in writing
//
// That actors start and finish makes no edge: they start together, and nobody
// is told within a run that another has finished. Neither does a signal, which
// the scheduler sends, not another actor.
type order struct {
	inside bool // what primitives do is told: their locks are no edges of their own
	words  words
	known  [][]moment // what each actor knows: a clock
	held   [][]uint32 // the locks that each holds, in the order in which it took them
	open   [][]uint32 // what each acquired and did not release
	dead   uint64     // who was killed
}

// begin forgets all there was.
func (o *order) begin(actors int, inside bool) {
	o.inside, o.dead = inside, 0
	o.words.run++
	if len(o.known) != actors {
		o.known, o.held, o.open = make([][]moment, actors), make([][]uint32, actors), make([][]uint32, actors)
		for i := range o.known {
			o.known[i] = make([]moment, actors)
		}
	}
	for i := range o.known {
		clear(o.known[i])
		o.held[i], o.open[i] = o.held[i][:0], o.open[i][:0]
	}
}

// take adds an access other than one to an ordinary variable.
func (o *order) take(a *trace.Access, mine []moment) {
	switch {
	case a.Kind.Access():
		o.atomic(a, mine)
	case a.Kind == trace.Wait:
		if a.Failed {
			o.look(o.words.at(a.Word), mine)
		}
	case a.Kind == trace.Wake:
		for rest := a.Woke &^ o.dead; rest != 0; rest &= rest - 1 {
			if i := bits.TrailingZeros64(rest); i < len(o.known) {
				join(o.known[i], mine)
			}
		}
	case a.Kind == trace.Acquire, a.Kind == trace.Release:
		o.pass(a, mine)
	case a.Kind == trace.ReadBegin, a.Kind == trace.ReadCheck:
		o.read(a, mine)
	case a.Kind >= trace.Lock && a.Kind <= trace.RUnlock:
		o.lock(a, mine)
	case a.Kind == trace.Died:
		o.die(a.Actor, mine)
	}
}

// atomic is sequentially consistent. As with the volatiles of the paper, a read
// comes after all earlier writes; in Go's memory model only after those whose
// effect it observes. A failed compare-and-swap only reads.
func (o *order) atomic(a *trace.Access, mine []moment) {
	w := o.words.at(a.Word)
	if a.Kind != trace.Store {
		o.look(w, mine)
	}
	if a.Kind.Writes() && !a.Failed {
		w.released.release(mine)
		if a.Kind == trace.Store || a.Kind == trace.Swap {
			w.authors = 0
		}
		w.authors |= 1 << a.Actor
	}
}

// look is an atomic read of w by an actor with clock c. Who finds there what a
// dead actor wrote, or what others made of that, may have been told of the
// death; who finds what was written instead has not.
func (o *order) look(w *word, c []moment) {
	w.released.acquire(c)
	w.left.acquire(c)
	for rest := w.authors & o.dead; rest != 0; rest &= rest - 1 {
		join(c, o.known[bits.TrailingZeros64(rest)])
	}
}

// pass is a step of a primitive that is no lock. Who comes last to a barrier lets
// the others go on and sees what they did. In one step of a primitive that is one
// access.
func (o *order) pass(a *trace.Access, mine []moment) {
	w := o.words.at(a.Word)
	w.released.acquire(mine)
	if a.Kind == trace.Release {
		w.checked.acquire(mine)
	}
	w.released.release(mine)
	w.left.acquire(mine)
	open := &o.open[a.Actor]
	switch i := slices.Index(*open, a.Word); {
	case a.Kind == trace.Acquire && i < 0:
		*open = append(*open, a.Word)
	case a.Kind == trace.Release && i >= 0:
		*open = slices.Delete(*open, i, i+1)
	}
}

// read is a step of a reader of a sequence lock. It writes nothing, so no reader
// is before another; one who finds that nobody wrote is before whoever writes next.
func (o *order) read(a *trace.Access, mine []moment) {
	w := o.words.at(a.Word)
	w.released.acquire(mine)
	w.left.acquire(mine)
	if a.Kind == trace.ReadCheck && !a.Failed {
		w.checked.release(mine)
	}
}

// lock is a step of a lock. One that failed has looked at the lock all the same,
// as a Once that finds the work done.
func (o *order) lock(a *trace.Access, mine []moment) {
	w := o.words.at(a.Word)
	w.left.acquire(mine)
	if !o.inside {
		switch a.Kind {
		case trace.Unlock:
			w.released.release(mine)
		case trace.RUnlock:
			w.shared.release(mine)
		case trace.Lock, trace.TryLock:
			w.shared.acquire(mine)
			w.released.acquire(mine)
		case trace.RLock:
			w.released.acquire(mine)
		}
	}
	held := &o.held[a.Actor]
	switch {
	case a.Failed:
	case a.Kind == trace.Unlock || a.Kind == trace.RUnlock:
		for i := len(*held) - 1; i >= 0; i-- {
			if (*held)[i] == a.Word {
				*held = slices.Delete(*held, i, i+1)
				return
			}
		}
	default:
		*held = append(*held, a.Word)
	}
}

// die lets those know what a dead actor did who step on what it left behind:
// that they do tells that they know of the death. That is known of a lock. It is
// taken for granted of a word, see look, as who finds a dead owner there asks
// whether he is alive, or finds the kernel's mark, and neither is told.
func (o *order) die(a trace.Actor, mine []moment) {
	o.dead |= 1 << a
	for _, lock := range o.held[a] {
		o.words.at(lock).left.release(mine)
	}
	for _, w := range o.open[a] {
		o.words.at(w).left.release(mine)
	}
}

// died reports whether a was killed.
func (o *order) died(a trace.Actor) bool { return o.dead>>uint(a)&1 != 0 }
