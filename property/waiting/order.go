package waiting

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"shmrace/shmlab/trace"
)

// An Edge is a lock taken while another was held.
type Edge struct {
	Held   string
	Taken  trace.Event
	Gates  []string // what else the actor held
	Shared []string // what of all that it held to read
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
				edge := Edge{Held: lock, Taken: *e, Gates: others, Shared: h.Shared(e.Actor)}
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
	how := e.Taken.Kind == f.Taken.Kind && e.Taken.Note == f.Taken.Note && slices.Equal(e.Shared, f.Shared)
	return how && e.Held == f.Held && e.Taken.Word == f.Taken.Word && e.Taken.Actor == f.Taken.Actor && slices.Equal(e.Gates, f.Gates)
}

// OrderCycle returns edges of t that form a cycle, each of another actor: with
// another schedule these wait for each other. Nil if there are none. Actors that
// all hold one more lock are kept apart by it, unless they hold it to read, and
// are no cycle (Havelund, "Using runtime analysis to guide model checking of Java
// programs", SPIN 2000). The cycle is one of the shortest, and begins with its
// smallest lock.
func OrderCycle(t *trace.Trace) []Edge {
	o := order{edges: Edges(t), writers: writers(t), left: mostTries}
	slices.SortStableFunc(o.edges, func(a, b Edge) int { return cmp.Compare(a.Held, b.Held) })
	actors := uint64(0)
	for _, e := range o.edges {
		actors |= 1 << e.Taken.Actor
	}
	for n := 2; n <= bits.OnesCount64(actors); n++ {
		for i, e := range o.edges {
			if i == 0 || e.Held != o.edges[i-1].Held {
				o.far = distances(o.edges[i:], e.Held)
			}
			if c := o.closed([]Edge{e}, n); c != nil {
				return c
			}
		}
	}
	return nil
}

// mostTries is how many edges are tried. Only a graph full of cycles that gates
// keep apart needs more; then none is told.
const mostTries = 1 << 20

// An order is the search for a cycle.
type order struct {
	edges   []Edge            // by what is held
	writers map[string]uint64 // who waits for a lock to have it alone
	far     map[string]int    // from a lock back to the first of the path, in edges
	left    int               // how many edges are tried yet
}

// writers returns for each lock who takes it alone.
func writers(t *trace.Trace) map[string]uint64 {
	who := map[string]uint64{}
	for i := range t.Events {
		e := &t.Events[i]
		if e.Kind == trace.Lock || e.Kind == trace.Blocked && e.Note == trace.Lock.String() {
			who[e.Word] |= 1 << e.Actor
		}
	}
	return who
}

// distances returns from which locks a path of edges leads to one, and the least
// number of edges.
func distances(edges []Edge, to string) map[string]int {
	far := map[string]int{to: 0}
	for grown := true; grown; {
		grown = false
		for i := range edges {
			next, leads := far[edges[i].Taken.Word]
			if d, known := far[edges[i].Held]; leads && (!known || next+1 < d) {
				far[edges[i].Held], grown = next+1, true
			}
		}
	}
	return far
}

// closed extends path to a cycle of n edges.
func (o *order) closed(path []Edge, n int) []Edge {
	last := &path[len(path)-1]
	if d, leads := o.far[last.Taken.Word]; !leads || d > n-len(path) {
		return nil
	}
	if len(path) == n {
		if o.blocks(&path[0], last) {
			return path
		}
		return nil
	}
	for _, e := range o.edges {
		if e.Held != last.Taken.Word || e.Held < path[0].Held || !o.blocks(&e, last) || slices.ContainsFunc(path, e.excludes) {
			continue
		}
		if o.left--; o.left < 0 {
			return nil
		}
		if c := o.closed(append(slices.Clone(path), e), n); c != nil {
			return c
		}
	}
	return nil
}

// blocks reports whether who holds a lock as e says makes f wait for it. A reader
// waits for readers only behind somebody else who waits to write.
func (o *order) blocks(e, f *Edge) bool {
	reads := f.Taken.Kind == trace.RLock || f.Taken.Note == trace.RLock.String()
	others := o.writers[e.Held] &^ (1<<e.Taken.Actor | 1<<f.Taken.Actor)
	return !reads || !slices.Contains(e.Shared, e.Held) || others != 0
}

// excludes reports whether e and f cannot be waited at by two actors at once.
func (e Edge) excludes(f Edge) bool {
	return e.Taken.Actor == f.Taken.Actor || e.Held == f.Held || slices.ContainsFunc(e.Gates, func(l string) bool {
		both := slices.Contains(e.Shared, l) && slices.Contains(f.Shared, l)
		return !both && slices.Contains(f.Gates, l)
	})
}

// String says it in one line.
func (e *Edge) String() string {
	text := fmt.Sprintf("%v takes %s while it holds %s", e.Taken.Actor, e.Taken.Word, strings.Join(append([]string{e.Held}, e.Gates...), " and "))
	return text + at(&e.Taken)
}
