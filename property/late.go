package property

import (
	"shmrace/inject"
	"shmrace/shmlab/trace"
)

// latePair tries, for each access of a run that failed, what another actor would
// have done to that word next: the run ended before. So it is with data that is
// published before it is written: who reads it too early ends the run, and the
// write never comes. The last accesses come first, which led there.
func (x *experiment) latePair() (*Pair, error) {
	events := x.run.Events
	for i := len(events) - 1; i >= 0; i-- {
		if !touches(&events[i]) || events[i].Step == 0 {
			continue
		}
		for other := range trace.Actor(x.run.Schedule.Actors) {
			if other == events[i].Actor {
				continue
			}
			if pair, err := x.late(i, other); pair != nil || err != nil || x.tried.Cut {
				return pair, err
			}
		}
	}
	return nil, nil
}

// late lets an actor go on before event i, up to the access that conflicts with
// it, and says whether the lab holds then.
func (x *experiment) late(i int, other trace.Actor) (*Pair, error) {
	first := &x.run.Events[i]
	start := append([]trace.Decision(nil), x.run.Schedule.Decisions[:first.Step-1]...)
	ahead, err := x.bench.Trace(inject.Begun(inject.NewOrder(append(start, trace.Decision{Actor: other}))))
	if err != nil {
		return nil, err
	}
	x.spend(len(ahead.Schedule.Decisions))
	at := missing(x.run, ahead, first, other)
	if at < 0 {
		return nil, nil
	}
	second := ahead.Events[at]
	cure, err := x.try(overtaking(x.run.Schedule.Decisions, first.Step, trace.Decision{Actor: other}, second.Step-first.Step+1))
	if err != nil || cure == nil {
		return nil, err
	}
	locks := held(ahead, at)
	second.Step = 0
	return &Pair{
		First: *first, Second: second, Late: true, Held: [2][]string{held(x.run, i), locks},
		Cure: cure.Schedule.Decisions, Changed: changed(x.run, cure),
	}, nil
}

// missing finds the first access that an actor makes when it goes on alone before
// first, conflicts with it, and is not in the run that failed; -1: there is none.
func missing(run, ahead *trace.Trace, first *trace.Event, other trace.Actor) int {
	for i := range ahead.Events {
		e := &ahead.Events[i]
		switch {
		case e.Step < first.Step || !e.Kind.Point():
		case e.Actor != other:
			return -1
		case conflict(first, e) && count(ahead.Events[:i+1], e) > count(run.Events, e):
			return i
		}
	}
	return -1
}

// count returns how many events are accesses like e.
func count(events []trace.Event, e *trace.Event) (n int) {
	for i := range events {
		if like(&events[i], e) {
			n++
		}
	}
	return n
}

// overtaking returns the decisions with so many of one actor's next ones, more
// than there are if need be, in front of a step.
func overtaking(decisions []trace.Decision, step int, d trace.Decision, steps int) []trace.Decision {
	order := append([]trace.Decision(nil), decisions[:step-1]...)
	for range steps {
		order = append(order, d)
	}
	for _, rest := range decisions[step-1:] {
		if rest == d && steps > 0 {
			steps--
			continue
		}
		order = append(order, rest)
	}
	return order
}
