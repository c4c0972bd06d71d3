package property

import (
	"fmt"

	"shmrace/inject"
	"shmrace/property/race"
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

// lookedAt is how many schedules of a search that finds nothing are looked at for
// data races. To write down what happens costs far more than to let it happen,
// and a race shows in every schedule that leaves its accesses unordered, whether
// they come close or not.
const (
	lookedAt   = 64
	mostEvents = 20_000 // of these schedules, all together
)

// silent returns a data race in the first schedules of a search, or nil.
func (s *search) silent() (*race.Race, error) {
	strategy, err := inject.New(s.options.Strategy, s.options.Inject)
	if err != nil {
		return nil, err
	}
	events := 0
	for range min(lookedAt, s.report.Schedules) {
		if events > mostEvents || !strategy.Begin() {
			break
		}
		t, err := s.bench.Trace(strategy)
		if err != nil {
			return nil, err
		}
		if r := raceOf(t, nil); r != nil {
			return r, nil
		}
		events += len(t.Events)
		s.alive()
	}
	return nil, nil
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
