package waiting

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"shmrace/shmlab/trace"
)

// An Edge is a lock taken while another was held.
type Edge struct {
	Held  string
	Taken trace.Event
	Gates []string // what else the actor held
}

// Edges returns the lock-order graph of t: every lock taken while another was
// held, each once for an actor, in the order of the trace. A TryLock waits for
// nobody, so none leads to it; what it took is held.
func Edges(t *trace.Trace) []Edge {
	var h trace.Holders
	var edges []Edge
	for i := range t.Events {
		e := &t.Events[i]
		waits := e.Kind == trace.Lock || e.Kind == trace.RLock || e.Kind == trace.Blocked && waitsForLock(e)
		if waits && e.Note != "failed" {
			held := h.Held(e.Actor)
			for _, lock := range held {
				others := slices.DeleteFunc(slices.Clone(held), func(l string) bool { return l == lock })
				edge := Edge{Held: lock, Taken: *e, Gates: others}
				if !slices.ContainsFunc(edges, edge.same) {
					edges = append(edges, edge)
				}
			}
		}
		h.Take(e)
	}
	return edges
}

// same reports whether e and f say the same, though in other steps.
func (e Edge) same(f Edge) bool {
	return e.Held == f.Held && e.Taken.Word == f.Taken.Word && e.Taken.Actor == f.Taken.Actor && slices.Equal(e.Gates, f.Gates)
}

// OrderCycle returns edges of t that form a cycle, each of another actor: with
// another schedule these wait for each other. Nil if there are none. Actors that
// all hold one more lock are kept apart by it, and are no cycle (Havelund, "Using
// runtime analysis to guide model checking of Java programs", SPIN 2000). The
// cycle is one of the shortest, and begins with its smallest lock.
func OrderCycle(t *trace.Trace) []Edge {
	edges := Edges(t)
	slices.SortStableFunc(edges, func(a, b Edge) int { return cmp.Compare(a.Held, b.Held) })
	for n := 2; n <= len(edges); n++ {
		for _, e := range edges {
			if c := closed(edges, []Edge{e}, n); c != nil {
				return c
			}
		}
	}
	return nil
}

// closed extends path to a cycle of n edges.
func closed(edges, path []Edge, n int) []Edge {
	end := path[len(path)-1].Taken.Word
	if len(path) == n {
		if end == path[0].Held {
			return path
		}
		return nil
	}
	for _, e := range edges {
		if e.Held != end || e.Held < path[0].Held || slices.ContainsFunc(path, e.excludes) {
			continue
		}
		if c := closed(edges, append(slices.Clone(path), e), n); c != nil {
			return c
		}
	}
	return nil
}

// excludes reports whether e and f cannot be waited at by two actors at once.
func (e Edge) excludes(f Edge) bool {
	return e.Taken.Actor == f.Taken.Actor || e.Held == f.Held ||
		slices.ContainsFunc(e.Gates, func(l string) bool { return slices.Contains(f.Gates, l) })
}

// String says it in one line.
func (e *Edge) String() string {
	text := fmt.Sprintf("%v takes %s while it holds %s", e.Taken.Actor, e.Taken.Word, strings.Join(append([]string{e.Held}, e.Gates...), " and "))
	return text + at(&e.Taken)
}
