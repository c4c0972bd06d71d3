package property

import (
	"fmt"

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
