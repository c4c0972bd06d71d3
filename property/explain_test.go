package property_test

import (
	"slices"
	"strings"
	"testing"

	"shmrace/inject"
	"shmrace/property"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// The pair that decides does: in the order told the lab fails, and in the cure,
// with the second before the first, it holds, on both hosts.
func TestPairDecides(t *testing.T) {
	eachLab(t, true, func(t *testing.T, lab shmlab.AnyLab) {
		f := failed(t, lab, shmlab.Coroutines)
		if f.Pair == nil {
			family, _, _ := strings.Cut(lab.Describe().Name, "/")
			if slices.Contains([]string{"counter", "torn", "transfer", "mutex", "peterson"}, family) && f.Trace.Verdict == trace.Violated {
				t.Error("nothing is said to decide")
			}
			t.Skip("no single pair decides")
		}
		first, second := &f.Pair.First, &f.Pair.Second
		if first.Actor == second.Actor || first.Word != second.Word || f.Pair.Late != (second.Step == 0) || !f.Pair.Late && first.Step >= second.Step {
			t.Errorf("%v and %v are no pair in this order", first, second)
		}
		for _, host := range hosts {
			bench, err := shmlab.Open(lab, judged(t, lab, property.SettingOf(&f.Trace.Schedule, host)))
			if err != nil {
				t.Fatal(err)
			}
			failing := traced(t, bench, f.Trace.Schedule.Decisions)
			cured := traced(t, bench, f.Pair.Cure)
			if err := bench.Close(); err != nil {
				t.Fatal(err)
			}
			if failing.Verdict != f.Trace.Verdict || cured.Verdict != trace.Holds {
				t.Errorf("%v: the order told: %v, the other: %v, expected %v and holds", host, failing.Verdict, cured.Verdict, f.Trace.Verdict)
			}
			if f.Pair.Late {
				come := func(made *trace.Trace) int { return times(made, second) }
				if come(cured) <= come(failing) || !beforeNth(cured, second, come(failing)+1, first, times(upTo(failing, first), first)) {
					t.Errorf("%v: the cure does not have a later %v before %v", host, second, first)
				}
				continue
			}
			if !once(failing, first) || !once(failing, second) {
				continue // in a loop: which of them it is, is not seen
			}
			if i, j := access(failing, first), access(failing, second); i < 0 || j < i {
				t.Errorf("%v: the order told has %v at %d and %v at %d", host, first, i, second, j)
			}
			if i, j := access(cured, first), access(cured, second); j < 0 || i >= 0 && i < j {
				t.Errorf("%v: the cure has %v at %d and %v at %d", host, first, i, second, j)
			}
		}
	})
}

// traced is what happens in exactly these decisions.
func traced(t *testing.T, bench *shmlab.Bench, decisions []trace.Decision) *trace.Trace {
	t.Helper()
	replay := inject.NewReplay(decisions)
	replay.Begin()
	made, err := bench.Trace(replay)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// access finds the first access of the same actor, at the same line, to the same
// word; -1 if there is none.
func access(t *trace.Trace, e *trace.Event) int {
	return slices.IndexFunc(t.Events, func(f trace.Event) bool { return alike(e, &f) })
}

// times counts the accesses like e.
func times(t *trace.Trace, e *trace.Event) (n int) {
	for i := range t.Events {
		if alike(e, &t.Events[i]) {
			n++
		}
	}
	return n
}

// upTo is t until e is over.
func upTo(t *trace.Trace, e *trace.Event) *trace.Trace {
	for i := range t.Events {
		if alike(e, &t.Events[i]) && t.Events[i].Step == e.Step {
			return &trace.Trace{Events: t.Events[:i+1]}
		}
	}
	return t
}

// beforeNth reports whether the nth access like e comes before the mth like f, if
// that comes.
func beforeNth(t *trace.Trace, e *trace.Event, nth int, f *trace.Event, mth int) bool {
	for i := range t.Events {
		if alike(e, &t.Events[i]) {
			if nth--; nth == 0 {
				return true
			}
		}
		if alike(f, &t.Events[i]) {
			if mth--; mth == 0 {
				return false
			}
		}
	}
	return false
}

// once reports whether there is one such access only.
func once(t *trace.Trace, e *trace.Event) bool {
	i := access(t, e)
	return i >= 0 && !slices.ContainsFunc(t.Events[i+1:], func(f trace.Event) bool { return alike(e, &f) })
}

func alike(e, f *trace.Event) bool {
	return f.Actor == e.Actor && f.Kind == e.Kind && f.Word == e.Word && f.At == e.At
}
