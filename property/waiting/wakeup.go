package waiting

import (
	"fmt"
	"slices"

	"shmrace/shmlab/trace"
)

// A LostWakeup is an actor that sleeps for ever though what it sleeps for has
// come.
type LostWakeup struct {
	Sleep   trace.Event // of kind Wait: when it fell asleep, and on which value
	Value   string      // what the word holds at the end; the value it sleeps on if that is still there
	Check   trace.Event // its look before the wake; Kind None if there was none
	Wake    trace.Event // the wake that woke nobody, before the sleep; Kind None if there is none
	Changed trace.Event // what changed the word later, without a wake; Kind None if nothing did
}

// LostWakeups returns those who sleep at the end of t and should not. There are
// two signs: the word no longer holds the value that they sleep on, and a wake
// on it woke nobody after they had looked and before they slept.
func LostWakeups(t *trace.Trace) []LostWakeup {
	var lost []LostWakeup
	for i := range t.Events {
		if e := &t.Events[i]; e.Kind == trace.Wait && e.Note == asleep && sleepsOn(t, i) {
			if l := lostSince(t, i); l.Wake.Kind != trace.None || l.Changed.Kind != trace.None {
				lost = append(lost, l)
			}
		}
	}
	return lost
}

const asleep = "asleep"

// sleepsOn reports whether the sleep that begins with event i has no end, though
// the run has.
func sleepsOn(t *trace.Trace, i int) bool {
	a := t.Events[i].Actor
	next := slices.IndexFunc(t.Events[i+1:], func(e trace.Event) bool { return e.Actor == a })
	return next >= 0 && t.Events[i+1+next].Kind == trace.Blocked
}

// lostSince looks for the signs around the sleep that begins with event i.
func lostSince(t *trace.Trace, i int) LostWakeup {
	sleep := t.Events[i]
	l := LostWakeup{Sleep: sleep, Value: sleep.Read}
	for _, e := range t.Events[i+1:] {
		if e.Word == sleep.Word && e.Wrote != "" {
			l.Value, l.Changed = e.Wrote, e
		}
	}
	if l.Value == sleep.Read {
		l.Changed = trace.Event{}
	}
	l.Wake, l.Check = missed(t.Events[:i], &sleep)
	return l
}

// missed returns a wake that came after the sleeper had looked and before it
// slept, and the look. What it did last, if that was no more than to look and to
// let locks go, is the look; a sleeper that never looked may have missed any.
func missed(before []trace.Event, sleep *trace.Event) (wake, look trace.Event) {
	looked := false
	for j := len(before) - 1; j >= 0; j-- {
		switch e := before[j]; {
		case e.Kind == trace.Wake && e.Word == sleep.Word && e.Note == "woke nobody" && e.Actor != sleep.Actor:
			wake = e
		case e.Actor != sleep.Actor || !e.Kind.Point():
		case looks(&e) && wake.Kind != trace.None:
			return wake, e
		case looks(&e):
			looked = true
		case e.Kind != trace.Unlock && e.Kind != trace.RUnlock:
			return trace.Event{}, trace.Event{}
		}
	}
	if looked {
		return trace.Event{}, trace.Event{}
	}
	return wake, trace.Event{}
}

// String says in a sentence or two what was missed. A line has no limit.
func (l *LostWakeup) String() string {
	text := fmt.Sprintf("%v sleeps for ever on %s since step %d%s.", l.Sleep.Actor, l.Sleep.Word, l.Sleep.Step, at(&l.Sleep))
	if l.Wake.Kind != trace.None {
		text += fmt.Sprintf(" %v's wake in step %d%s found nobody asleep.", l.Wake.Actor, l.Wake.Step, at(&l.Wake))
		if l.Check.Kind != trace.None {
			text += fmt.Sprintf(" It came after %v had looked, in step %d.", l.Check.Actor, l.Check.Step)
		}
	}
	if l.Changed.Kind != trace.None {
		text += fmt.Sprintf(" It sleeps on %s, and %v wrote %s in step %d%s without waking it.",
			l.Sleep.Read, l.Changed.Actor, l.Changed.Wrote, l.Changed.Step, at(&l.Changed))
	}
	return text
}
