package waiting

import (
	"fmt"

	"shmrace/shmlab/trace"
)

// A Spin is busy waiting: an actor that reads the same word again and again,
// finds the same value, and does nothing else.
type Spin struct {
	Actor trace.Actor
	Word  string // that it looked at most, if at several
	Looks int    // how often it looked at that word
	From  trace.Event
	To    trace.Event // the last look
}

// Spins returns the busy waits of t with at least as many looks, in the order in
// which they end. A failed attempt at a lock or at a compare-and-swap is a look.
func Spins(t *trace.Trace, looks int) []Spin {
	s := spins{looks: looks, by: map[trace.Actor]map[string]*Spin{}}
	for i := range t.Events {
		s.take(&t.Events[i])
	}
	for a := range trace.Actor(trace.MaxActors) {
		s.over(a)
	}
	return s.found
}

type spins struct {
	looks int
	by    map[trace.Actor]map[string]*Spin // under way, by the word
	found []Spin
}

func (s *spins) take(e *trace.Event) {
	switch {
	case !e.Kind.Point() && e.Kind != trace.Finish || e.Kind == trace.Yield || e.Kind == trace.Start:
		return
	case !looks(e):
		s.over(e.Actor)
		return
	}
	rounds := s.by[e.Actor]
	if rounds == nil {
		rounds = map[string]*Spin{}
		s.by[e.Actor] = rounds
	}
	r := rounds[e.Word]
	if r != nil && r.To.Read != e.Read {
		s.over(e.Actor) // it saw something new
		rounds, r = s.by[e.Actor], nil
	}
	if r == nil {
		r = &Spin{Actor: e.Actor, Word: e.Word, From: *e}
		rounds[e.Word] = r
	}
	r.Looks, r.To = r.Looks+1, *e
}

// looks reports whether e changed nothing.
func looks(e *trace.Event) bool {
	switch e.Kind {
	case trace.Get, trace.Load:
		return true
	case trace.CompareAndSwap, trace.TryLock, trace.Acquire, trace.ReadCheck:
		return e.Note == "failed"
	}
	return false
}

// over ends what actor a looks at, and keeps the longest.
func (s *spins) over(a trace.Actor) {
	var longest *Spin
	for _, r := range s.by[a] {
		if longest == nil || r.Looks > longest.Looks || r.Looks == longest.Looks && r.Word < longest.Word {
			longest = r
		}
	}
	if longest != nil && longest.Looks >= s.looks {
		s.found = append(s.found, *longest)
	}
	s.by[a] = map[string]*Spin{}
}

// String says it in one line.
func (s *Spin) String() string {
	value := ""
	if s.To.Read != "" {
		value = fmt.Sprintf(" and found %s each time", s.To.Read)
	}
	return fmt.Sprintf("%v waits busily: it looked at %s %d times%s, steps %d to %d%s", s.Actor, s.Word, s.Looks, value, s.From.Step, s.To.Step, at(&s.From))
}
