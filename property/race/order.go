package race

import (
	"strings"

	"shmrace/shmlab/trace"
)

// An order is what happened before what, while a trace is gone through. There is
// an edge from an event to each later one of its actor, and
//
//	from                              to
//	an atomic write of a word         each later atomic read of the word
//	a lock let go                     each later taking of the lock
//	a shared lock let go              each later taking of it for oneself
//	Release, Acquire on a primitive   each later one on the same
//	a futex wake                      what those do that it woke
//	all that a dead actor did         each later step on a primitive that it had locked,
//	                                  or acquired and not released
//
// That actors start and finish makes no edge: they start together, and nobody
// is told within a run that another has finished. Neither does a signal, which
// the scheduler sends, not another actor.
type order struct {
	inside  bool    // what primitives do is in the trace: their locks are no edges of their own
	actors  []clock // of each actor
	words   clocks  // what was released by writing a word, by letting a lock go
	shared  clocks  // what was released by letting a shared lock go
	left    clocks  // what was released by dying
	holders trace.Holders
	open    []map[string]bool // of each actor: what it acquired and did not release
}

func newOrder(t *trace.Trace) *order {
	n := t.Schedule.Actors
	for i := range t.Events {
		n = max(n, int(t.Events[i].Actor)+1)
	}
	o := &order{inside: t.Schedule.InsideLocks, actors: make([]clock, n), open: make([]map[string]bool, n)}
	for i := range o.actors {
		o.actors[i], o.open[i] = make(clock, n), map[string]bool{}
	}
	o.words = clocks{n, map[string]clock{}}
	o.shared = clocks{n, map[string]clock{}}
	o.left = clocks{n, map[string]clock{}}
	return o
}

// take adds event i, from 0, and returns what its actor knows then.
func (o *order) take(i int, e *trace.Event) clock {
	mine := o.actors[e.Actor]
	mine[e.Actor] = moment(i + 1)
	switch {
	case e.Kind.Access() && !e.Kind.Plain():
		o.atomic(e, mine)
	case e.Kind == trace.Wait && e.Note == "changed":
		o.words.acquire(e.Word, mine)
	case e.Kind == trace.Wake:
		o.wake(e, mine)
	case e.Kind == trace.Acquire, e.Kind == trace.Release:
		// Who comes last to a barrier lets the others go on and sees what they did;
		// a reader who finds that nobody wrote is before whoever writes next. In
		// one step of a primitive that is one event.
		o.words.acquire(e.Word, mine)
		o.words.release(e.Word, mine)
		o.left.acquire(e.Word, mine)
		o.open[e.Actor][e.Word] = e.Kind == trace.Acquire
	case e.Kind >= trace.Lock && e.Kind <= trace.RUnlock:
		o.lock(e, mine)
	}
	if o.holders.Take(e); o.holders.Dead(e.Actor) {
		o.die(e.Actor)
	}
	return mine
}

// atomic is sequentially consistent. As with the volatiles of the paper, a read
// comes after all earlier writes; in Go's memory model only after those whose
// effect it observes. A failed compare-and-swap only reads.
func (o *order) atomic(e *trace.Event, mine clock) {
	if e.Kind != trace.Store {
		o.words.acquire(e.Word, mine)
	}
	if e.Kind.Writes() && e.Note != failed {
		o.words.release(e.Word, mine)
	}
}

const failed = "failed"

// lock is a step of a lock. One that failed has looked at the lock all the same,
// as a Once that finds the work done.
func (o *order) lock(e *trace.Event, mine clock) {
	o.left.acquire(e.Word, mine)
	if o.inside {
		return
	}
	switch e.Kind {
	case trace.Unlock:
		o.words.release(e.Word, mine)
	case trace.RUnlock:
		o.shared.release(e.Word, mine)
	case trace.Lock, trace.TryLock:
		o.shared.acquire(e.Word, mine)
		o.words.acquire(e.Word, mine)
	case trace.RLock:
		o.words.acquire(e.Word, mine)
	}
}

// die lets those know what a dead actor did who step on what it left behind:
// that they do tells that they know of the death.
func (o *order) die(a trace.Actor) {
	for _, lock := range o.holders.Held(a) {
		o.left.release(lock, o.actors[a])
	}
	for word, open := range o.open[a] {
		if open {
			o.left.release(word, o.actors[a])
		}
	}
}

// wake makes those know who were woken: the note is "woke B C".
func (o *order) wake(e *trace.Event, mine clock) {
	for _, name := range strings.Fields(e.Note) {
		if a, err := trace.ParseActor(name); err == nil && int(a) < len(o.actors) {
			o.actors[a].join(mine)
		}
	}
}
