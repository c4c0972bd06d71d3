package property

import (
	"fmt"

	"shmrace/inject"
	"shmrace/property/race"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// raceOf returns the data race of t on the variable that p is about, else the
// first, or nil if there is none.
func raceOf(t *trace.Trace, p *Pair) *race.Race {
	races := race.Find(t)
	for i := range races {
		if p != nil && races[i].Word() == p.First.Word {
			return &races[i]
		}
	}
	if len(races) > 0 {
		return &races[0]
	}
	return nil
}

// A lookout looks for data races in the runs of a search, until it has seen one:
// a race shows in every schedule that leaves its accesses unordered, whether
// they come close or not.
type lookout struct {
	detector race.Detector
	bench    *shmlab.Bench
	setting  shmlab.Setting
	looks    bool
	seen     []trace.Decision // the run with the first race; nil: none was seen
}

// look begins to look at the runs of bench.
func (l *lookout) look(bench *shmlab.Bench) {
	l.bench, l.setting, l.looks = bench, bench.Setting(), true
	bench.Watch(&l.detector)
}

// begin is called before each run.
func (l *lookout) begin() {
	if l.looks {
		l.detector.Begin(l.setting.Size.Actors, l.setting.InsideLocks)
	}
}

// end is called after each run.
func (l *lookout) end(run shmlab.Run) {
	if !l.looks || run.Verdict == trace.Undecided || len(l.detector.End()) == 0 {
		return
	}
	l.seen = append([]trace.Decision{}, run.Decisions...)
	l.stop()
}

// stop ends the looking.
func (l *lookout) stop() {
	if l.looks {
		l.looks = false
		l.bench.Watch(nil)
	}
}

// tell runs the schedule with the race once more, to tell it.
func (l *lookout) tell() (*race.Race, *trace.Trace, error) {
	if l.seen == nil {
		return nil, nil, nil
	}
	t, err := l.bench.Trace(inject.Begun(inject.NewReplay(l.seen)))
	if err != nil {
		return nil, nil, err
	}
	r := raceOf(t, nil)
	if r == nil {
		return nil, nil, fmt.Errorf("%s: %w: a data race was seen once and not again", t.Schedule.Lab, ErrNondeterministic)
	}
	return r, t, nil
}

// racing tells the data race in a line or two, less if it is of the two accesses
// that decide, which were told before.
func (f *Failure) racing() string {
	r := f.Race
	if r == nil {
		return ""
	}
	text := "Data race: nothing orders the two. "
	if p := f.Pair; p == nil || !(p.First == r.Previous.Event && p.Second == r.Access.Event) {
		text = fmt.Sprintf("Data race: %s in step %d, %s in step %d; %s, %s. Nothing orders the two. ",
			deed(&r.Previous.Event), r.Previous.Step, deed(&r.Access.Event), r.Access.Step,
			grip(r.Previous.Actor, r.Previous.Held), grip(r.Access.Actor, r.Access.Held))
	}
	return Wrap(text+r.Cure(), "  ") + "\n"
}
