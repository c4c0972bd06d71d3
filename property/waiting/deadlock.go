package waiting

import (
	"fmt"
	"slices"
	"strings"

	"shmrace/shmlab/trace"
)

// A Wait is an actor that waits when the trace ends.
type Wait struct {
	trace.Event               // of kind Blocked; the note says at what kind of point
	Holders     []trace.Actor // who holds what it waits for, in the order in which they took it
	Ends        []string      // of each holder: how it ended, and will never let go; "" if it lives
}

// Waits returns who waits at the end of t, in the order of the trace.
func Waits(t *trace.Trace) []Wait {
	var h trace.Holders
	ends := map[trace.Actor]string{}
	for i := range t.Events {
		e := &t.Events[i]
		if h.Take(e); h.Dead(e.Actor) && ends[e.Actor] == "" {
			ends[e.Actor] = fmt.Sprintf("died in step %d", e.Step)
		}
		if end := Fatal(t, i); end != "" {
			ends[e.Actor] = fmt.Sprintf("%s in step %d", end, e.Step)
		}
	}
	var waits []Wait
	for _, e := range t.Events {
		if e.Kind != trace.Blocked {
			continue
		}
		w := Wait{Event: e, Holders: h.Of(e.Word)}
		for _, a := range w.Holders {
			w.Ends = append(w.Ends, ends[a])
		}
		waits = append(waits, w)
	}
	return waits
}

// Fatal says what became of the actor of event i, if that is a fault which ended
// it; else "".
func Fatal(t *trace.Trace, i int) string {
	e := &t.Events[i]
	switch f, _ := trace.ParseFault(e.Note); {
	case e.Kind != trace.Injected:
		return ""
	case f == trace.Kill:
		return "was killed"
	case i+1 < len(t.Events) && t.Events[i+1].Kind == trace.Died && t.Events[i+1].Actor == e.Actor:
		return "died of " + strings.ToUpper(e.Note)
	}
	return ""
}

// String says in one line who waits for what, and who has it.
func (w *Wait) String() string {
	if w.Note == trace.Spins {
		return fmt.Sprintf("%v reads %s again and again%s", w.Actor, w.Word, at(&w.Event))
	}
	return fmt.Sprintf("%v waits for %s%s%s", w.Actor, w.Word, at(&w.Event), w.Held())
}

// Held is how a sentence goes on that says who waits for what: who holds it, and
// of the dead when they died; "" if nobody does.
func (w *Wait) Held() string {
	var alive []trace.Actor
	dead := ""
	for i, a := range w.Holders {
		if w.Ends[i] == "" {
			alive = append(alive, a)
		} else {
			dead += fmt.Sprintf("; %v, which %s, holds %s", a, w.Ends[i], w.Word)
		}
	}
	switch {
	case len(alive) == 0:
		return dead
	case len(alive) == 1 && alive[0] == w.Actor:
		return ", which it holds itself" + dead
	case len(alive) == 1:
		return ", which " + names(alive) + " holds" + dead
	}
	return ", which " + names(alive) + " hold" + dead
}

func at(e *trace.Event) string {
	if e.At == "" {
		return ""
	}
	return " (" + e.At + ")"
}

func names(actors []trace.Actor) string {
	var text []string
	for _, a := range actors {
		text = append(text, a.String())
	}
	return strings.Join(text, " and ")
}

// Cycle returns the actors of a deadlock, each of which waits for what the next
// one holds, and the last for what the first does; nil if there is none. It
// begins with the smallest actor that waits.
func Cycle(t *trace.Trace) []Wait {
	waits := Waits(t)
	by := map[trace.Actor]Wait{}
	for _, w := range waits {
		by[w.Actor] = w
	}
	slices.SortFunc(waits, func(a, b Wait) int { return int(a.Actor - b.Actor) })
	for _, first := range waits {
		if path := follow(by, []Wait{first}); path != nil {
			return path
		}
	}
	return nil
}

// follow goes on from the last of path to a way back to its first.
func follow(by map[trace.Actor]Wait, path []Wait) []Wait {
	for _, a := range path[len(path)-1].Holders {
		if a == path[0].Actor {
			return path
		}
		next, waits := by[a]
		if !waits || slices.ContainsFunc(path, func(w Wait) bool { return w.Actor == a }) {
			continue
		}
		if found := follow(by, append(slices.Clone(path), next)); found != nil {
			return found
		}
	}
	return nil
}
