package race

import (
	"regexp"
	"slices"
	"strings"

	"shmrace/shmlab/trace"
)

// Find returns the races of t, one for each variable, in the order in which
// they happened.
func Find(t *trace.Trace) []Race {
	n := t.Schedule.Actors
	for i := range t.Events {
		n = max(n, int(t.Events[i].Actor)+1)
	}
	var d Detector
	var v vocabulary
	d.Begin(n, t.Schedule.InsideLocks)
	for i := range t.Events {
		a := v.access(&t.Events[i])
		d.Take(&a)
	}
	var races []Race
	for _, pair := range d.End() {
		races = append(races, describe(t, pair))
	}
	return races
}

// A vocabulary gives the words of a trace numbers, as a state does.
type vocabulary map[string]uint32

const failed = "failed"

// access returns an event as numbers.
func (v *vocabulary) access(e *trace.Event) trace.Access {
	a := trace.Access{
		Kind: e.Kind, Actor: e.Actor, Word: v.number(e.Word),
		Failed: e.Note == failed, Private: private.MatchString(e.Word),
	}
	switch e.Kind {
	case trace.Wait:
		a.Failed = e.Note != "asleep"
	case trace.Injected:
		if e.Note == trace.Kill.String() {
			a.Kind = trace.Died
		}
	case trace.Wake:
		for _, name := range strings.Fields(e.Note) {
			if woken, err := trace.ParseActor(name); err == nil {
				a.Woke |= 1 << woken
			}
		}
	}
	return a
}

func (v *vocabulary) number(word string) uint32 {
	n, ok := (*v)[word]
	if !ok {
		if *v == nil {
			*v = vocabulary{}
		}
		n = uint32(len(*v))
		(*v)[word] = n
	}
	return n
}

// private is a path through a field that is not exported.
var private = regexp.MustCompile(`\.[a-z]`)

// describe tells a race from the events that it is between.
func describe(t *trace.Trace, pair Pair) Race {
	r := Race{Access: Access{Event: t.Events[pair.Access]}, Previous: Access{Event: t.Events[pair.Previous]}, Schedule: t.Schedule}
	var h trace.Holders
	count := map[string]int{}
	for n := range t.Events {
		e := &t.Events[n]
		switch {
		case n == pair.Access:
			r.Access.Held = h.Held(e.Actor)
		case n == pair.Previous:
			r.Previous.Held = h.Held(e.Actor)
		case e.Kind.Plain() && e.Word == r.Word():
			r.Elsewhere++
			held := h.Held(e.Actor)
			slices.Sort(held)
			for _, lock := range slices.Compact(held) {
				count[lock]++
			}
		}
		h.Take(e)
	}
	for lock, n := range count {
		if n > r.With || n == r.With && lock < r.Guard {
			r.Guard, r.With = lock, n
		}
	}
	return r
}
