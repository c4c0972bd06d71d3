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
	Tried Tried      // what was tried to find the pair
	Race  *race.Race // a data race of the run; nil if there is none
	Why   string     // what the lab says of itself

	matters []bool // which events of the trace do; nil: all
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
		if f.Pair, f.Tried, err = decisive(bench, f.Trace, alive); err == nil {
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
// by experiment, with the other steps in their order; 0: there is none. A deadline
// that passes by itself, because nobody else can step, does so without it as well.
func decidingFault(bench *shmlab.Bench, decisions []trace.Decision) (step int, err error) {
	for i, d := range decisions {
		if d.Fault == trace.NoFault || d.Fault == trace.Cont { // who never was stopped does not go on
			continue
		}
		run, err := bench.Run(inject.Begun(inject.NewOrder(slices.Delete(slices.Clone(decisions), i, i+1))))
		if err != nil || run.Verdict == trace.Holds {
			return i + 1, err
		}
	}
	return 0, nil
}

// held returns the locks that the actor of event at holds when it happens.
func held(t *trace.Trace, at int) []string {
	h := taken(t.Events[:at])
	return h.Held(t.Events[at].Actor)
}

func taken(events []trace.Event) (h trace.Holders) {
	for i := range events {
		h.Take(&events[i])
	}
	return h
}
