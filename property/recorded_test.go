package property_test

import (
	"strings"
	"testing"
	"time"

	"shmrace/inject"
	"shmrace/property"
	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// recorded runs a lab freely, disturbed, and returns the runs with a race and the
// first report.
func recorded(t *testing.T, lab shmlab.AnyLab, size shmlab.Size, runs int) (races, kept, lost int, report string) {
	t.Helper()
	bench, err := shmlab.Open(lab, shmlab.Setting{Size: size})
	if err != nil {
		t.Fatal(err)
	}
	defer bench.Close()
	n := bench.Setting().Size.Actors
	chaos := inject.NewChaos(1, n)
	for i := range runs {
		f := shmlab.Freedom{Limit: 20 * time.Second, Record: true, Lines: true}
		if i%2 == 1 {
			f.Chaos = chaos.Turbulence()
		}
		run, err := bench.FreeAs(f)
		if err != nil || run.Verdict == trace.Tampered {
			t.Fatalf("%v: %v, %v", run.Verdict, run.Reason, err)
		}
		kept, lost = kept+run.Record.Kept, lost+run.Record.Lost
		if r := property.RaceIn(run.Record, n); r != nil {
			if races++; races == 1 {
				report = r.Text()
			}
		}
	}
	return races, kept, lost, report
}

// TestRaceRecorded: a race is reported in every free run of the counters that
// have one, whatever came of the run, also if most of it is lost.
func TestRaceRecorded(t *testing.T) {
	for _, lab := range []shmlab.AnyLab{workload.CounterUnlocked, workload.CounterHalfLocked, workload.CounterTwoLocks, workload.TransferUnlocked} {
		for _, ops := range []int{1, 100, 40_000} {
			if ops == 40_000 && lab.Describe().Name != workload.CounterUnlocked.Name {
				continue // what is kept of one may all be before what is kept of the other
			}
			const runs = 4
			races, kept, lost, report := recorded(t, lab, shmlab.Size{Ops: ops}, runs)
			if races != runs || (lost > 0) != (ops == 40_000) {
				t.Errorf("%s, %d operations: a race in %d of %d runs, %d kept, %d lost", lab.Describe().Name, ops, races, runs, kept, lost)
			}
			if !strings.Contains(report, ".go:") || strings.Contains(report, "step") || !strings.Contains(report, "by actor A:") || !strings.Contains(report, "by actor B:") {
				t.Errorf("%s", report)
			}
		}
	}
}

// TestNoRaceRecorded: no lab that claims to be right is reported, whoever is
// stopped when; nor if most of what happened was lost.
func TestNoRaceRecorded(t *testing.T) {
	for i, lab := range workload.Catalog {
		d := lab.Describe()
		if d.Why != "" || len(d.Outcomes) > 0 || d.FreeOnly || testing.Short() && i%8 != 2 {
			continue
		}
		t.Run(d.Name, func(t *testing.T) {
			for _, ops := range []int{1, 10} {
				if races, kept, _, report := recorded(t, lab, shmlab.Size{Ops: ops}, 6); races > 0 || kept == 0 {
					t.Errorf("%d operations: a race in %d of 6 runs, %d kept\n%s", ops, races, kept, report)
				}
			}
		})
	}
	for _, lab := range []shmlab.AnyLab{workload.CounterMutex, workload.TransferOrdered} {
		races, _, lost, report := recorded(t, lab, shmlab.Size{Actors: 3, Ops: 20_000}, 1)
		if races > 0 || lost == 0 {
			t.Errorf("%s: a race in %d of 1 runs, %d lost\n%s", lab.Describe().Name, races, lost, report)
		}
	}
}

// TestNoRaceRecordedKilled: who takes over from the dead knows what they did.
func TestNoRaceRecordedKilled(t *testing.T) {
	lab := find(t, "robust/mutex")
	for _, inside := range []bool{false, true} {
		bench, err := shmlab.Open(lab, shmlab.Setting{Size: shmlab.Size{Ops: 5}, InsideLocks: inside})
		if err != nil {
			t.Fatal(err)
		}
		defer bench.Close()
		killed := 0
		for n := 1; n < 40; n++ {
			plan := []shmlab.Trap{{Actor: 0, Occurrence: n, Chain: []shmlab.Action{{Deed: shmlab.Hurt, Fault: trace.Kill}}}}
			run, err := bench.FreeAs(shmlab.Freedom{Limit: 20 * time.Second, Plan: plan, Record: true, Lines: true})
			if err != nil || run.Verdict != trace.Holds {
				t.Fatalf("killed at point %d: %v: %v, %v", n, run.Verdict, run.Reason, err)
			}
			killed += run.Killed
			if r := property.RaceIn(run.Record, 2); r != nil {
				t.Errorf("killed at point %d: %s", n, r.Text())
			}
		}
		if killed < 10 {
			t.Errorf("%d runs of 39 in which somebody was killed", killed)
		}
	}
}

// A parcel is handed over once, and looked at much later.
type parcel struct {
	X, Y shmlab.Var[int64]
	Full shmlab.Bool
}

// handsOver is right, but what orders the two accesses to X is written over by
// what comes between.
var handsOver = shmlab.Lab[parcel]{
	Name: "test/hands-over", Size: shmlab.Size{Actors: 2, Ops: 70_000},
	Actors: func(size shmlab.Size) []shmlab.Actor[parcel] {
		return []shmlab.Actor[parcel]{
			{Name: "gives", Body: func(p *shmlab.Proc, s *parcel) {
				s.X.Set(p, 1)
				s.Full.Store(p, true)
			}},
			{Name: "takes", Body: func(p *shmlab.Proc, s *parcel) {
				for !s.Full.Load(p) {
					p.Await(s.Full.Is(true))
				}
				for range size.Ops {
					s.Y.Set(p, 1)
				}
				s.X.Get(p)
			}},
		}
	},
}

// TestNoRaceRecordedLost: what is lost makes nobody look unordered.
func TestNoRaceRecordedLost(t *testing.T) {
	for _, ops := range []int{10, 70_000} {
		races, _, lost, report := recorded(t, handsOver, shmlab.Size{Ops: ops}, 2)
		if races > 0 || (lost > 0) != (ops == 70_000) {
			t.Errorf("%d operations: a race in %d of 2 runs, %d lost\n%s", ops, races, lost, report)
		}
	}
}
