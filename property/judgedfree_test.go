package property_test

import (
	"strings"
	"testing"
	"time"

	"shmrace/property"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A tallied is counted up by both actors, and what that returned is told.
type tallied struct{ Count shmlab.Int64 }

// overlapping is a lab of a counter whose first actor is at its first operation
// until the second has counted; so the hardware decides nothing. If late, it
// returns what there is then.
func overlapping(name string, late bool) shmlab.Lab[tallied] {
	inc := func(p *shmlab.Proc, s *tallied, until int64) any {
		n := s.Count.Add(p, 1)
		for s.Count.Load(p) < until {
			p.Yield()
		}
		if late {
			return s.Count.Load(p)
		}
		return n
	}
	return shmlab.Lab[tallied]{
		Name: "test/" + name, Object: "counter", Size: shmlab.Size{Actors: 2, Ops: 1},
		Actors: func(size shmlab.Size) []shmlab.Actor[tallied] {
			return []shmlab.Actor[tallied]{
				{Name: "first", Body: func(p *shmlab.Proc, s *tallied) {
					p.Op("inc", func() any { return inc(p, s, 2) })
					for range size.Ops - 1 {
						p.Op("inc", func() any { return inc(p, s, 0) })
					}
				}},
				{Name: "second", Body: func(p *shmlab.Proc, s *tallied) {
					for s.Count.Load(p) == 0 {
						p.Yield()
					}
					for range size.Ops {
						p.Op("inc", func() any { return inc(p, s, 0) })
					}
				}},
			}
		},
	}
}

var overlapsLate, overlaps = overlapping("overlaps-late", true), overlapping("overlaps", false)

// freely runs a lab freely and has its operations judged.
func freely(t *testing.T, lab shmlab.AnyLab, ops int, plan []shmlab.Trap) shmlab.FreeRun {
	t.Helper()
	bench, err := shmlab.Open(lab, judged(t, lab, shmlab.Setting{Size: shmlab.Size{Ops: ops}}))
	if err != nil {
		t.Fatal(err)
	}
	defer bench.Close()
	run, err := bench.FreeAs(shmlab.Freedom{Limit: 20 * time.Second, Plan: plan, Record: true})
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// TestRaceOperationsFree: in a free run too what operations return is judged.
func TestRaceOperationsFree(t *testing.T) {
	run := freely(t, overlapsLate, 1, nil)
	if run.Verdict != trace.Violated || !strings.Contains(run.Reason.Error(), "not linearizable") || !strings.Contains(run.Reason.Error(), "2 operations") {
		t.Errorf("%v: %v, expected that two who return 2 are no counter", run.Verdict, run.Reason)
	}
}

// TestNoRaceOperationsFree: one that returns what the addition does holds, also
// if there is more than is kept, and if who is killed never returns.
func TestNoRaceOperationsFree(t *testing.T) {
	for _, ops := range []int{1, 100, 10_000} {
		run := freely(t, overlaps, ops, nil)
		if run.Verdict != trace.Holds {
			t.Errorf("%d operations: %v: %v", ops, run.Verdict, run.Reason)
		}
		told := len(run.Record.History().Events)
		if told+run.Record.Untold != 4*ops || (run.Record.Untold > 0) != (ops == 10_000) || told < 4*min(ops, 100) {
			t.Errorf("%d operations: %d calls and returns told, %d not", ops, told, run.Record.Untold)
		}
	}
	kill := []shmlab.Trap{{Kind: trace.Load, Occurrence: 1, Chain: []shmlab.Action{{Deed: shmlab.Hurt, Fault: trace.Kill}}}}
	run := freely(t, overlaps, 1, kill) // B's return of 2 has a place behind A's addition, which never returns
	if history := run.Record.History().Events; run.Verdict != trace.Holds || run.Killed != 1 || len(history) != 3 {
		t.Errorf("%v: %v, %d killed, told %v", run.Verdict, run.Reason, run.Killed, history)
	}
}

// TestOperationsFreeUntold: an operation whose name is too long to be kept ends
// what is judged, and nobody is called wrong for it.
func TestOperationsFreeUntold(t *testing.T) {
	if _, err := property.Judged(longNamed, shmlab.Setting{}); err != nil {
		t.Fatal(err)
	}
	run := freely(t, longNamed, 1, nil)
	if told := len(run.Record.History().Events); run.Verdict != trace.Holds || told != 2 || run.Record.Untold != 2 {
		t.Errorf("%v: %v, %d told, %d not", run.Verdict, run.Reason, told, run.Record.Untold)
	}
}

// longNamed counts once, and then does what no counter can.
var longNamed = shmlab.Lab[tallied]{
	Name: "test/long-named", Object: "counter", Size: shmlab.Size{Actors: 1, Ops: 1},
	Actors: func(size shmlab.Size) []shmlab.Actor[tallied] {
		return shmlab.Each(size.Actors, "counts", func(p *shmlab.Proc, s *tallied) {
			p.Op("inc", func() any { return s.Count.Add(p, 1) })
			p.Op("inc"+strings.Repeat(" ", 60), func() any { return 7 })
		})
	},
}
