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
	Dead        bool          // the first of them was killed, and will never let go
}

// Waits returns who waits at the end of t, in the order of the trace.
func Waits(t *trace.Trace) []Wait {
	var h trace.Holders
	for i := range t.Events {
		h.Take(&t.Events[i])
	}
	var waits []Wait
	for _, e := range t.Events {
		if e.Kind == trace.Blocked {
			w := Wait{Event: e, Holders: h.Of(e.Word)}
			w.Dead = len(w.Holders) > 0 && h.Dead(w.Holders[0])
			waits = append(waits, w)
		}
	}
	return waits
}

// String says in one line who waits for what, and who has it.
func (w *Wait) String() string {
	text := fmt.Sprintf("%v waits for %s%s", w.Actor, w.Word, at(&w.Event))
	if w.Note == trace.Spins {
		return fmt.Sprintf("%v reads %s again and again%s", w.Actor, w.Word, at(&w.Event))
	}
	if len(w.Holders) == 0 {
		return text
	}
	text += ", which " + names(w.Holders) + map[bool]string{false: " holds", true: " hold"}[len(w.Holders) > 1]
	if w.Dead {
		text += " for ever: it was killed"
	}
	return text
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
