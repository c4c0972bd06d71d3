package property

import (
	"slices"

	"shmrace/inject"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A Pair is two accesses to one word, at least one a write, in the order in
// which the run fails. With the second before the first it does not.
type Pair struct {
	First, Second trace.Event
	Late          bool        // the run ended before Second, whose step is 0
	Held          [2][]string // the locks each actor held
	Cure          []trace.Decision
	Changed       []string // words that hold something else at the end when it holds
}

// Tried is what was tried to find the pair that decides.
type Tried struct {
	Looked bool // it was looked for: not where one try takes as long as the guard
	Pairs  int  // that were swapped
	Cut    bool // there was no time for more
}

// pairSteps is how many steps are taken, all in all, to find the pair of accesses
// that decides: seconds at most. For a schedule that was made small it is enough.
const pairSteps = 1_000_000

// An experiment looks for the pair of accesses whose order decides in a run.
type experiment struct {
	bench *shmlab.Bench
	run   *trace.Trace
	alive func() // called after each try
	tried Tried
	left  int // steps
}

// decisive finds the pair of accesses whose order decides: the first for which
// the lab holds when the second comes before the first, by experiment. Where
// nobody goes on, that is the last: what leads there tells less. If none does, the
// second may be one that the run did not come to.
func decisive(bench *shmlab.Bench, t *trace.Trace, alive func()) (*Pair, Tried, error) {
	x := &experiment{bench: bench, run: t, alive: alive, tried: Tried{Looked: true}, left: pairSteps}
	pair, err := x.pair()
	if pair == nil && err == nil && !x.tried.Cut {
		pair, err = x.latePair()
	}
	return pair, x.tried, err
}

// pair tries the pairs of the run.
func (x *experiment) pair() (*Pair, error) {
	events := x.run.Events
	for n := range events {
		i := n
		if hangs(x.run) {
			i = len(events) - 1 - n
		}
		for j := i + 1; j < len(events); j++ {
			if !conflict(&events[i], &events[j]) {
				continue
			}
			cure, err := x.try(swapped(x.run.Schedule.Decisions, &events[i], &events[j]))
			if err != nil {
				return nil, err
			}
			if cure != nil && before(cure, &events[j], &events[i]) {
				return &Pair{
					First: events[i], Second: events[j], Held: [2][]string{held(x.run, i), held(x.run, j)},
					Cure: cure.Schedule.Decisions, Changed: changed(x.run, cure),
				}, nil
			}
			if x.tried.Cut {
				return nil, nil
			}
		}
	}
	return nil, nil
}

// try returns the run in this order of steps if the lab holds in it, else nil.
func (x *experiment) try(order []trace.Decision) (*trace.Trace, error) {
	run, err := x.bench.Run(inject.Begun(inject.NewOrder(order)))
	x.tried.Pairs++
	x.spend(len(run.Decisions))
	if err != nil || run.Verdict != trace.Holds {
		return nil, err
	}
	x.spend(len(run.Decisions))
	return x.bench.Trace(inject.Begun(inject.NewReplay(slices.Clone(run.Decisions))))
}

// spend takes note of steps that were taken.
func (x *experiment) spend(steps int) {
	x.alive()
	x.left -= steps
	x.tried.Cut = x.left < 0
}

// before reports whether an access like a comes before all like b in t: what the
// lab cannot take of an order is skipped, and it may hold for another reason.
func before(t *trace.Trace, a, b *trace.Event) bool {
	find := func(e *trace.Event) int {
		return slices.IndexFunc(t.Events, func(f trace.Event) bool { return like(&f, e) })
	}
	i, j := find(a), find(b)
	return i >= 0 && (j < 0 || i < j)
}

// like reports whether two events are the same access, of one run or of two.
func like(a, b *trace.Event) bool {
	return a.Actor == b.Actor && a.Kind == b.Kind && a.Word == b.Word && a.At == b.At
}

// conflict reports whether the order of two events can matter: they touch the
// same word, and one of them changes it, or who sleeps on it.
func conflict(a, b *trace.Event) bool {
	if a.Actor == b.Actor || a.Word != b.Word || !touches(a) || !touches(b) {
		return false
	}
	return alters(a) || alters(b) || a.Kind == trace.Wake && b.Kind == trace.Wait || a.Kind == trace.Wait && b.Kind == trace.Wake
}

// touches reports whether e looks at its word, or at who sleeps on it.
func touches(e *trace.Event) bool {
	switch e.Kind {
	case trace.Lock, trace.TryLock, trace.RLock, trace.Acquire, trace.Release, trace.Wait, trace.Wake:
		return true
	}
	return e.Kind.Access()
}

// alters reports whether e changes its word.
func alters(e *trace.Event) bool {
	switch e.Kind {
	case trace.Lock, trace.Acquire, trace.Release:
		return true
	}
	return e.Wrote != ""
}

// swapped returns the decisions with all steps of b's actor, up to b, moved to
// before a.
func swapped(decisions []trace.Decision, a, b *trace.Event) []trace.Decision {
	order := append([]trace.Decision(nil), decisions[:a.Step-1]...)
	var rest []trace.Decision
	for i, d := range decisions[a.Step-1:] {
		if d.Actor == b.Actor && a.Step+i <= b.Step {
			order = append(order, d)
		} else {
			rest = append(rest, d)
		}
	}
	return append(order, rest...)
}
