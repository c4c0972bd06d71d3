package workload_test

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"shmrace/inject"
	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

func TestMain(m *testing.M) {
	shmlab.Serve(workload.Catalog...)
	os.Exit(m.Run())
}

// settings are all ways in which a lab's points can differ.
var settings = []shmlab.Setting{{}, {InsideLocks: true}, {Staggered: true}, {InsideLocks: true, Staggered: true}}

// stepped calls f for each lab of the catalog that can be stepped.
func stepped(t *testing.T, f func(t *testing.T, lab shmlab.AnyLab, name string)) {
	for _, lab := range workload.Catalog {
		if d := lab.Describe(); !d.FreeOnly {
			t.Run(d.Name, func(t *testing.T) { f(t, lab, d.Name) })
		}
	}
}

// A schedule taken on one host gives the same run on the other: the same
// verdict, the same events, the same hash.
func TestHostsAgree(t *testing.T) {
	stepped(t, func(t *testing.T, lab shmlab.AnyLab, _ string) {
		for i, setting := range settings {
			if testing.Short() && i%len(settings) != len(lab.Describe().Name)%len(settings) {
				continue // each setting with some of the labs
			}
			processes := open(t, lab, setting, shmlab.Processes) // first, for it locks this goroutine to its thread
			coroutines := open(t, lab, setting, shmlab.Coroutines)
			if failing := search(t, coroutines); failing != nil {
				agree(t, coroutines, processes, replay(failing))
			}
			for range 3 {
				for _, strategy := range strategies {
					if strategy.Begin() {
						agree(t, coroutines, processes, strategy)
					}
					if strategy.Begin() {
						agree(t, processes, coroutines, strategy)
					}
				}
			}
		}
	})
}

// strategies choose the schedules that are compared. Their schedules go on from
// lab to lab.
var strategies = []shmlab.Strategy{
	inject.NewRandom(1), &inject.RoundRobin{}, inject.NewCrash(inject.NewRandom(2), 3), &whole{},
}

// whole is a search of all schedules, begun anew for each run of a few.
type whole struct {
	*inject.DFS
	left int
}

func (w *whole) Begin() bool {
	if w.left == 0 {
		w.DFS, w.left = inject.NewDFS(inject.Bound{Preemptions: inject.Unbounded, Delays: inject.Unbounded}), 6
	}
	w.left--
	return w.DFS.Begin()
}

// agree runs from as strategy says and to as from did.
func agree(t *testing.T, from, to *shmlab.Bench, strategy shmlab.Strategy) {
	t.Helper()
	told := traced(t, from, strategy)
	again := traced(t, to, replay(told.Schedule.Decisions))
	expected, found, same := told.Differs(again)
	if !same {
		t.Errorf("%v: %q on %v, %q on %v", &told.Schedule, expected, from.Setting().Host, found, to.Setting().Host)
	}
	if told.Verdict != again.Verdict || told.Message != again.Message || told.Preemptions != again.Preemptions || told.Hash() != again.Hash() {
		t.Errorf("%v: %v %s with %d preemptions on %v, %v %s with %d on %v", &told.Schedule,
			told.Verdict, told.Message, told.Preemptions, from.Setting().Host, again.Verdict, again.Message, again.Preemptions, to.Setting().Host)
	}
	if told.Schedule.String() != again.Schedule.String() || told.Schedule.Hash == "" {
		t.Errorf("%v on %v, %v on %v", &told.Schedule, from.Setting().Host, &again.Schedule, to.Setting().Host)
	}
}

// A failing schedule fails the same way each time.
func TestReplaysAreOne(t *testing.T) {
	for _, test := range []struct {
		host shmlab.Host
		lab  shmlab.AnyLab
		runs int
	}{
		{shmlab.Coroutines, workload.CounterUnlocked, 1000},
		{shmlab.Processes, workload.CounterUnlocked, 300},
		{shmlab.Coroutines, workload.TransferArgumentOrder, 1000},
		{shmlab.Processes, workload.TransferArgumentOrder, 300},
	} {
		t.Run(fmt.Sprintf("%s/%v", test.lab.Describe().Name, test.host), func(t *testing.T) {
			bench := open(t, test.lab, shmlab.Setting{Size: shmlab.Size{Actors: 3, Ops: 2}}, test.host)
			failing := search(t, bench)
			hashes := map[uint64]int{}
			for range test.runs {
				told := traced(t, bench, replay(failing))
				if !told.Verdict.Bad() {
					t.Fatalf("%v: %v", &told.Schedule, told.Verdict)
				}
				hashes[told.Hash()]++
			}
			if len(hashes) != 1 {
				t.Errorf("%d replays have %d hashes", test.runs, len(hashes))
			}
		})
	}
}

// search returns the decisions of a schedule that fails, nil if none is found.
func search(t *testing.T, bench *shmlab.Bench) []trace.Decision {
	t.Helper()
	walk := inject.NewRandom(7)
	for range 100 {
		walk.Begin()
		run, err := bench.Run(walk)
		if err != nil {
			t.Fatal(err)
		}
		if run.Verdict.Bad() {
			return slices.Clone(run.Decisions)
		}
	}
	return nil
}

func replay(decisions []trace.Decision) shmlab.Strategy {
	r := inject.NewReplay(decisions)
	r.Begin()
	return r
}

func open(t *testing.T, lab shmlab.AnyLab, setting shmlab.Setting, host shmlab.Host) *shmlab.Bench {
	t.Helper()
	setting.Host = host
	bench, err := shmlab.Open(lab, setting)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := bench.Close(); err != nil {
			t.Error(err)
		}
	})
	return bench
}

func traced(t *testing.T, bench *shmlab.Bench, strategy shmlab.Strategy) *trace.Trace {
	t.Helper()
	told, err := bench.Trace(strategy)
	if err != nil {
		t.Fatal(err)
	}
	return told
}
