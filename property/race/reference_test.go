package race_test

import (
	"slices"
	"strings"

	"shmrace/shmlab/trace"
)

// A reference is the definition, written down without any clock: which event is
// before which by following edges one by one, then all pairs of accesses.
type reference struct {
	t      *trace.Trace
	before [][]bool // [i][j]: event i happened before event j
}

func newReference(t *trace.Trace) *reference {
	n := len(t.Events)
	r := &reference{t, make([][]bool, n)}
	for i := range n {
		r.before[i] = make([]bool, n)
	}
	for j := range n {
		for i := range j {
			if !r.edge(i, j) {
				continue
			}
			r.before[i][j] = true
			for h := range i {
				r.before[h][j] = r.before[h][j] || r.before[h][i]
			}
		}
	}
	return r
}

var takes = []trace.Kind{trace.Lock, trace.TryLock, trace.RLock}

// edge says whether i comes before j for a reason of their own.
func (r *reference) edge(i, j int) bool {
	a, b := &r.t.Events[i], &r.t.Events[j]
	one := func(k trace.Kind, of ...trace.Kind) bool { return slices.Contains(of, k) }
	if a.Actor == b.Actor {
		return true
	}
	if a.Kind == trace.Wake && slices.Contains(strings.Fields(a.Note), b.Actor.String()) {
		return true
	}
	if b.Kind >= trace.Lock && b.Kind <= trace.ReadCheck && r.diedHolding(a.Actor, b.Word, j) {
		return true
	}
	if looksAt(b) && r.diedHavingWritten(a.Actor, b.Word, j) {
		return true
	}
	if a.Word != b.Word {
		return false
	}
	switch {
	case one(a.Kind, trace.Store, trace.Add, trace.Swap) || a.Kind == trace.CompareAndSwap && a.Note != "failed":
		return looksAt(b)
	case one(a.Kind, trace.Acquire, trace.Release):
		return one(b.Kind, trace.Acquire, trace.Release, trace.ReadBegin, trace.ReadCheck)
	case a.Kind == trace.ReadCheck:
		return a.Note != "failed" && b.Kind == trace.Release
	case a.Kind == trace.Unlock:
		return one(b.Kind, takes...) && !r.t.Schedule.InsideLocks
	case a.Kind == trace.RUnlock:
		return one(b.Kind, trace.Lock, trace.TryLock) && !r.t.Schedule.InsideLocks
	}
	return false
}

// looksAt says whether e reads its word atomically.
func looksAt(e *trace.Event) bool {
	return slices.Contains([]trace.Kind{trace.Load, trace.Add, trace.Swap, trace.CompareAndSwap}, e.Kind) ||
		e.Kind == trace.Wait && e.Note != "asleep"
}

// diedHavingWritten says whether a was killed before event j, and had written what
// an atomic word held then, or some of it: nobody has replaced it since.
func (r *reference) diedHavingWritten(a trace.Actor, word string, j int) bool {
	wrote, dead := false, false
	for _, e := range r.t.Events[:j] {
		dead = dead || e.Actor == a && e.Kind == trace.Injected && e.Note == "kill"
		if e.Word != word || e.Kind.Plain() || !e.Kind.Writes() || e.Note == "failed" {
			continue
		}
		wrote = e.Actor == a || wrote && (e.Kind == trace.Add || e.Kind == trace.CompareAndSwap)
	}
	return dead && wrote
}

// diedHolding says whether a was killed before event j while it held lock, or had
// acquired it and not released it.
func (r *reference) diedHolding(a trace.Actor, lock string, j int) bool {
	holds, open, dead := 0, false, false
	for _, e := range r.t.Events[:j] {
		take := slices.Contains(takes, e.Kind) && e.Note != "failed" && e.Word == lock
		switch {
		case e.Actor == a && e.Kind == trace.Injected && e.Note == "kill":
			dead = true
		case e.Actor != a || e.Word != lock:
		case take:
			holds++
		case e.Kind == trace.Unlock || e.Kind == trace.RUnlock:
			holds = max(holds-1, 0)
		case e.Kind == trace.Acquire || e.Kind == trace.Release:
			open = e.Kind == trace.Acquire
		}
	}
	return dead && (holds > 0 || open)
}

// race says whether i and j, i first, are a race.
func (r *reference) race(i, j int) bool {
	a, b := &r.t.Events[i], &r.t.Events[j]
	return a.Kind.Plain() && b.Kind.Plain() && a.Word == b.Word && a.Actor != b.Actor &&
		(a.Kind == trace.Set || b.Kind == trace.Set) && !r.before[i][j] && !r.thrownAway(i) && !r.thrownAway(j)
}

// thrownAway says whether i is a read between a ReadBegin and its failed
// ReadCheck, or the death of its actor, with nothing but looks between the two.
func (r *reference) thrownAway(i int) bool {
	if r.t.Events[i].Kind != trace.Get {
		return false
	}
	var own []trace.Event // of its actor
	at := 0               // of these
	for j, e := range r.t.Events {
		if j == i {
			at = len(own)
		}
		if e.Actor == r.t.Events[i].Actor {
			own = append(own, e)
		}
	}
	for b := range own[:at] {
		for e := at + 1; e < len(own); e++ {
			kill := own[e].Kind == trace.Injected && own[e].Note == "kill"
			check := own[e].Kind == trace.ReadCheck && own[e].Note == "failed" && own[e].Word == own[b].Word
			if open, ok := looking(own[:b], own[b:e]); own[b].Kind == trace.ReadBegin && ok && (kill || check && open == 1) {
				return true
			}
		}
	}
	return false
}

// attempts returns the words of the ReadBegins that are open after list, in order.
func attempts(list []trace.Event) (words []string) {
	for _, e := range list {
		switch n := len(words); {
		case e.Kind == trace.ReadBegin:
			words = append(words, e.Word)
		case slices.Contains([]trace.Kind{trace.Get, trace.Load, trace.Yield}, e.Kind), n == 0:
		case e.Kind == trace.ReadCheck && words[n-1] == e.Word:
			words = words[:n-1]
		case e.Kind == trace.ReadCheck && !slices.Contains(words, e.Word):
		case e.Kind.Point():
			words = nil
		}
	}
	return words
}

// looking says whether list, which begins with a ReadBegin, is still within that,
// has only looks and well nested attempts in it, also with those that its actor
// has begun before, and how many of those in list are open.
func looking(before, list []trace.Event) (open int, ok bool) {
	var words []string
	around := attempts(before)
	for _, e := range list {
		switch e.Kind {
		case trace.ReadBegin:
			words = append(words, e.Word)
		case trace.ReadCheck:
			if !slices.Contains(words, e.Word) {
				if slices.Contains(around, e.Word) {
					return 0, false
				}
				break // it checks nothing again
			}
			if words[len(words)-1] != e.Word {
				return 0, false
			}
			words = words[:len(words)-1]
		default:
			if e.Kind.Point() && !slices.Contains([]trace.Kind{trace.Get, trace.Load, trace.Yield}, e.Kind) {
				return 0, false
			}
		}
		if len(words) == 0 {
			return 0, false
		}
	}
	return len(words), true
}

// first returns, of each variable, the first event that races with an earlier one.
func (r *reference) first() map[string]int {
	found := map[string]int{}
	for j := range r.t.Events {
		for i := range j {
			if _, known := found[r.t.Events[j].Word]; !known && r.race(i, j) {
				found[r.t.Events[j].Word] = j
			}
		}
	}
	return found
}
