package property

import (
	"fmt"
	"slices"

	"shmrace/inject"
	"shmrace/property/race"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A Failure is a schedule that fails, made as small as it gets, and what
// decides that it does.
type Failure struct {
	Trace *trace.Trace
	Pair  *Pair      // the accesses whose order decides; nil if no single pair does
	Blow  int        // the step in which the fault comes that decides; 0: none does
	Race  *race.Race // a data race of the run; nil if there is none
	Why   string     // what the lab says of itself

	matters []bool // which events of the trace do; nil: all
}

// A Pair is two accesses to one word, at least one a write, in the order in
// which the run fails. With the second before the first it does not.
type Pair struct {
	First, Second trace.Event
	Held          [2][]string // the locks each actor held
	Cure          []trace.Decision
	Changed       []string // words that hold something else at the end when it holds
}

// A failing is a schedule that fails, with what a search was asked to have happen.
type failing struct {
	decisions []trace.Decision
	verdict   trace.Verdict
	asked     inject.Faults
}

// explain shrinks a failing schedule and runs it once more, to tell it. Alive is
// called after each run.
func explain(lab shmlab.AnyLab, bench *shmlab.Bench, first failing, alive func()) (*Failure, error) {
	small, best, err := shrink(lab, bench, first, alive)
	if small != nil {
		defer small.Close()
	}
	if err != nil {
		return nil, err
	}
	t, err := record(lab, small, bench.Setting().Host, best.decisions)
	if err != nil {
		return nil, err
	}
	if !t.Verdict.Bad() {
		return nil, unrepeated(lab)
	}
	f := &Failure{Trace: t, Why: lab.Describe().Why}
	return f, f.because(small, alive)
}

// because finds out why a run failed, on a bench of its size.
func (f *Failure) because(bench *shmlab.Bench, alive func()) (err error) {
	if !slow(f.Trace.Verdict) {
		if f.Blow, err = decidingFault(bench, f.Trace.Schedule.Decisions); err != nil {
			return err
		}
		if f.Pair, err = decisive(bench, f.Trace, alive); err == nil {
			err = f.prove(bench)
		}
	}
	f.Race = raceOf(f.Trace, f.Pair)
	return err
}

// Record runs decisions on the given host and writes down what happens.
func record(lab shmlab.AnyLab, bench *shmlab.Bench, host shmlab.Host, decisions []trace.Decision) (*trace.Trace, error) {
	expected, err := bench.Trace(inject.Begun(inject.NewReplay(decisions)))
	if err != nil || bench.Setting().Host == host {
		return expected, err
	}
	setting := bench.Setting()
	setting.Host = host
	other, err := shmlab.Open(lab, setting)
	if err != nil {
		return nil, err
	}
	defer other.Close()
	actual, err := other.Trace(inject.Begun(inject.NewReplay(decisions)))
	if err != nil {
		return nil, err
	}
	if want, got, same := expected.Differs(actual); !same {
		return nil, fmt.Errorf("%s: %w: on coroutines %q, on processes %q", lab.Describe().Name, ErrNondeterministic, want, got)
	}
	return actual, nil
}

// decidingFault returns the step of the first fault without which the lab holds,
// by experiment, with the other steps in their order; 0: there is none.
func decidingFault(bench *shmlab.Bench, decisions []trace.Decision) (step int, err error) {
	for i, d := range decisions {
		if !befell(d) {
			continue
		}
		run, err := bench.Run(inject.Begun(inject.NewOrder(slices.Delete(slices.Clone(decisions), i, i+1))))
		if err != nil || run.Verdict == trace.Holds {
			return i + 1, err
		}
	}
	return 0, nil
}

// pairSteps is how many steps are taken, all in all, to find the pair of accesses
// that decides: seconds at most. For a schedule that was made small it is enough.
const pairSteps = 1_000_000

// decisive finds the pair of accesses whose order decides: the first for which
// the lab holds when the second comes before the first, by experiment. It is nil
// if none does, or none of those that there is time to try.
func decisive(bench *shmlab.Bench, t *trace.Trace, alive func()) (*Pair, error) {
	for left, i := pairSteps, 0; i < len(t.Events); i++ {
		for j := i + 1; j < len(t.Events); j++ {
			if !conflict(&t.Events[i], &t.Events[j]) {
				continue
			}
			steps, cure, err := cureOf(bench, t, i, j)
			if alive(); err != nil {
				return nil, err
			}
			if cure != nil {
				return &Pair{t.Events[i], t.Events[j], [2][]string{held(t, i), held(t, j)}, cure.Schedule.Decisions, changed(t, cure)}, nil
			}
			if left -= steps; left < 0 {
				return nil, nil
			}
		}
	}
	return nil, nil
}

// cureOf returns the run in which the lab holds with event j of t before
// event i, nil if it does not, and the steps that were taken to find out.
func cureOf(bench *shmlab.Bench, t *trace.Trace, i, j int) (steps int, cure *trace.Trace, err error) {
	run, err := bench.Run(inject.Begun(inject.NewOrder(swapped(t.Schedule.Decisions, &t.Events[i], &t.Events[j]))))
	if err != nil || run.Verdict != trace.Holds {
		return len(run.Decisions), nil, err
	}
	steps = 2 * len(run.Decisions)
	cure, err = bench.Trace(inject.Begun(inject.NewReplay(slices.Clone(run.Decisions))))
	if err != nil || !before(cure, &t.Events[j], &t.Events[i]) {
		return steps, nil, err
	}
	return steps, cure, nil
}

// before reports whether an access like a comes before all like b in t: what the
// lab cannot take of an order is skipped, and it may hold for another reason.
func before(t *trace.Trace, a, b *trace.Event) bool {
	find := func(e *trace.Event) int {
		return slices.IndexFunc(t.Events, func(f trace.Event) bool {
			return f.Actor == e.Actor && f.Kind == e.Kind && f.Word == e.Word && f.At == e.At
		})
	}
	i, j := find(a), find(b)
	return i >= 0 && (j < 0 || i < j)
}

// conflict reports whether the order of two events can matter: they touch the
// same word, and one of them changes it.
func conflict(a, b *trace.Event) bool {
	touches := func(e *trace.Event) bool {
		return e.Kind.Access() || e.Kind == trace.Lock || e.Kind == trace.TryLock
	}
	writes := a.Wrote != "" || b.Wrote != "" || a.Kind == trace.Lock || b.Kind == trace.Lock
	return a.Actor != b.Actor && a.Word == b.Word && touches(a) && touches(b) && writes
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

// held returns the locks that the actor of event at holds when it happens.
func held(t *trace.Trace, at int) []string {
	h := taken(t.Events[:at])
	return h.Held(t.Events[at].Actor)
}

// holders returns who holds each lock that somebody waits for at the end.
func holders(t *trace.Trace) map[string]trace.Actor {
	by, h := map[string]trace.Actor{}, taken(t.Events)
	for _, e := range t.Events {
		if of := h.Of(e.Word); e.Kind == trace.Blocked && len(of) > 0 {
			by[e.Word] = of[0]
		}
	}
	return by
}

func taken(events []trace.Event) (h trace.Holders) {
	for i := range events {
		h.Take(&events[i])
	}
	return h
}
