package property

import (
	"pgregory.net/rapid"

	"shmrace/inject"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// Rapid runs lab once with every choice of the scheduler drawn from t, and fails
// t if the run fails. So rapid searches for a schedule that fails, shrinks it,
// and keeps it in its fail file; through [rapid.MakeFuzz], Go's fuzzing does. The
// first choice is always to go on with the same actor, so what shrinks has fewer
// preemptions. The lab may itself be drawn from t before.
//
// At most one Options may be given; of these only the setting counts, and the
// Faults: they are among the choices, one in a schedule.
func Rapid(t *rapid.T, lab shmlab.AnyLab, options ...Options) {
	t.Helper()
	var o Options
	if len(options) > 0 {
		o = options[0]
	}
	setting, err := Judged(lab, o.Setting)
	if err != nil {
		t.Fatalf("%v", err)
	}
	bench, err := shmlab.Open(lab, setting)
	if err != nil {
		t.Fatalf("%v", err)
	}
	defer bench.Close()
	RapidOn(t, bench, o.Inject)
}

// RapidOn is [Rapid] on a bench that is open already, for a property that runs
// the same lab many times.
func RapidOn(t *rapid.T, bench *shmlab.Bench, o inject.Options) {
	t.Helper()
	d := &drawn{t: t, faults: o.Faults}
	run, err := bench.Run(d)
	d.over(err)
	if !run.Verdict.Bad() {
		return
	}
	made, err := bench.Trace(inject.Begun(inject.NewReplay(append([]trace.Decision(nil), run.Decisions...))))
	if err != nil {
		t.Fatalf("%v", err)
	}
	fails(t, bench, made)
}

// RapidTrace is [RapidOn] that returns the trace of a run that did not fail, for
// the checkers.
func RapidTrace(t *rapid.T, bench *shmlab.Bench, o inject.Options) *trace.Trace {
	t.Helper()
	made := RapidRun(t, bench, o)
	if made.Verdict.Bad() {
		fails(t, bench, made)
	}
	return made
}

// RapidRun is RapidTrace of any run: whether it failed is for the caller to judge.
func RapidRun(t *rapid.T, bench *shmlab.Bench, o inject.Options) *trace.Trace {
	t.Helper()
	d := &drawn{t: t, faults: o.Faults}
	made, err := bench.Trace(d)
	d.over(err)
	return made
}

// fails fails t with all there is to tell of a run that failed.
func fails(t *rapid.T, bench *shmlab.Bench, made *trace.Trace) {
	t.Helper()
	f := &Failure{Trace: made, Why: bench.Lab().Why}
	if err := f.because(bench, func() {}); err != nil {
		t.Fatalf("%v", err)
	}
	t.Fatalf("%v\n%s", f, made.Schedule.String())
}

// drawn is the strategy that draws from rapid.
type drawn struct {
	t           *rapid.T
	faults      inject.Faults
	hurt        bool // one has come
	interrupted any  // what a draw panicked with
	order       []trace.Decision
}

// over is for when the run is: rapid's own panic goes on where rapid expects it.
func (d *drawn) over(err error) {
	d.t.Helper()
	if d.interrupted != nil {
		panic(d.interrupted)
	}
	if err != nil {
		d.t.Fatalf("%v", err)
	}
}

// Begin makes ready for the next schedule; there is always one.
func (d *drawn) Begin() bool { return true }

// Next draws one of the enabled actors, the one that stepped last first. Without
// a choice nothing is drawn.
//
// Rapid ends a test from within a draw, by a panic when its data is used up. It
// must not unwind an actor, whose stack this may be: the run is given up instead.
func (d *drawn) Next(c *shmlab.Choice) (decision trace.Decision) {
	defer func() {
		if r := recover(); r != nil {
			d.interrupted, decision = r, shmlab.GiveUp
		}
	}()
	d.order = d.order[:0]
	if c.Can(c.Last) {
		d.order = append(d.order, trace.Decision{Actor: c.Last})
	}
	for _, a := range c.Enabled {
		if a != c.Last {
			d.order = append(d.order, trace.Decision{Actor: a})
		}
	}
	if !d.hurt {
		d.order = d.faults.Append(d.order, c)
	}
	if len(d.order) == 1 {
		return d.order[0]
	}
	decision = d.order[rapid.IntRange(0, len(d.order)-1).Draw(d.t, "next")]
	d.hurt = d.hurt || decision.Fault != trace.NoFault
	return decision
}
