package race_test

import (
	"slices"
	"strings"
	"testing"

	"shmrace/inject"
	"shmrace/property/race"
	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// misses are what the tests of the catalog have counted, all of them together.
var misses struct {
	schedules int // looked at
	unordered int // of these, with two accesses that the reference calls a race
	silent    int // of these, without a report
	reports   int // of the others, with one
}

// judge runs lab under schedules and compares the detector with the reference
// in each. It returns in how many there was a race. All schedules are tried if
// they are no more than most; else as many at random.
func judge(t *testing.T, lab shmlab.AnyLab, setting shmlab.Setting, most int) (schedules, races int) {
	t.Helper()
	if testing.Short() {
		most /= 10
	}
	setting.Host = shmlab.Coroutines
	bench, err := shmlab.Open(lab, setting)
	if err != nil {
		t.Fatal(err)
	}
	defer bench.Close()
	for _, strategy := range []shmlab.Strategy{
		inject.NewDFS(inject.Bound{Preemptions: inject.Unbounded, Delays: inject.Unbounded}), inject.NewRandom(1),
	} {
		races = 0
		for schedules = 0; schedules < most && strategy.Begin(); schedules++ {
			made, err := bench.Trace(strategy)
			if err != nil {
				t.Fatal(err)
			}
			found, wanted := len(race.Find(made)) > 0, len(newReference(made).first()) > 0
			misses.schedules++
			if wanted {
				races++
				misses.unordered++
				if !found {
					misses.silent++
					t.Fatalf("no report of a race:\n%v", made)
				}
			} else if found {
				misses.reports++
				t.Fatalf("a report without a race:\n%v", made)
			}
		}
		if schedules < most {
			break // there are no more
		}
	}
	return schedules, races
}

// A size is one at which a lab is judged, and in how many schedules.
type size struct {
	setting shmlab.Setting
	most    int
}

// sizesOf are the sizes of a lab; a litmus test has one.
func sizesOf(lab shmlab.AnyLab) []size {
	few := 2
	if bench, err := shmlab.Open(lab, shmlab.Setting{Host: shmlab.Coroutines, Size: shmlab.Size{Actors: few}}); err != nil {
		few = lab.Describe().Size.Actors // fewer it cannot have
	} else {
		bench.Close()
	}
	list := []size{
		{shmlab.Setting{Size: shmlab.Size{Actors: few, Ops: 1}}, 1000},
		{shmlab.Setting{Size: shmlab.Size{Actors: few, Ops: 1}, InsideLocks: true}, 300},
		{shmlab.Setting{Size: shmlab.Size{Actors: 3, Ops: 2}}, 300},
	}
	if len(lab.Describe().Outcomes) > 0 {
		return list[:1]
	}
	return list
}

// racy are the labs of the catalog that must show a data race.
var racy = strings.Fields(`
	counter/unlocked counter/half-locked counter/two-locks torn/unlocked torn/stopped transfer/unlocked
	litmus/store-buffering litmus/message-passing mutex/check-then-set mutex/one-look
	peterson/swapped bakery/not-choosing rwlock/torn-count ring/publishes-first ring/two-producers`)

func isRacy(d shmlab.Description) bool { return slices.Contains(racy, d.Name) }

// eachLab calls f for every lab that can be stepped and is one of those, as a
// test of its own.
func eachLab(t *testing.T, those func(d shmlab.Description) bool, f func(t *testing.T, lab shmlab.AnyLab)) {
	for _, lab := range workload.Catalog {
		if d := lab.Describe(); !d.FreeOnly && those(d) {
			t.Run(d.Name, func(t *testing.T) { f(t, lab) })
		}
	}
}

// TestRace: a race is reported in each schedule that has one, and there are some.
func TestRace(t *testing.T) {
	eachLab(t, isRacy, func(t *testing.T, lab shmlab.AnyLab) {
		total := 0
		for _, s := range sizesOf(lab) {
			_, races := judge(t, lab, s.setting, s.most)
			total += races
		}
		if total == 0 {
			t.Error("no race in any schedule")
		}
	})
}

// ordered are labs that are wrong though each access is ordered.
var ordered = strings.Fields("counter/load-store transfer/argument-order mutex/wake-first condition/signal")

// TestNoRaceWrong: what else is wrong in the catalog has a report if there is a
// race by the definition, and none else.
func TestNoRaceWrong(t *testing.T) {
	wrong := func(d shmlab.Description) bool { return d.Why != "" && !isRacy(d) }
	eachLab(t, wrong, func(t *testing.T, lab shmlab.AnyLab) {
		for _, s := range sizesOf(lab) {
			schedules, races := judge(t, lab, s.setting, s.most)
			if races > 0 && slices.Contains(ordered, lab.Describe().Name) {
				t.Errorf("%+v: a race in %d of %d schedules", s.setting, races, schedules)
			}
		}
	})
}

// TestNoRaceRight: no lab of the catalog that claims to be right, because it has
// no Why, has a race in 10,000 schedules, with or without somebody killed.
func TestNoRaceRight(t *testing.T) {
	right := func(d shmlab.Description) bool { return d.Why == "" && len(d.Outcomes) == 0 } // which are a question, not a claim
	eachLab(t, right, func(t *testing.T, lab shmlab.AnyLab) {
		n := 5000
		if testing.Short() {
			n = 250
		}
		for _, inside := range []bool{false, true} {
			for _, strategy := range []shmlab.Strategy{inject.NewRandom(2), inject.NewCrash(inject.NewRandom(3), 3)} {
				silent(t, lab, shmlab.Setting{Host: shmlab.Coroutines, InsideLocks: inside}, strategy, n)
			}
		}
	})
}

// silent fails if there is a report in one of n schedules.
func silent(t *testing.T, lab shmlab.AnyLab, setting shmlab.Setting, strategy shmlab.Strategy, n int) {
	t.Helper()
	bench, err := shmlab.Open(lab, setting)
	if err != nil {
		t.Fatal(err)
	}
	defer bench.Close()
	var d race.Detector
	bench.Watch(&d)
	for range n {
		strategy.Begin()
		d.Begin(bench.Setting().Size.Actors, setting.InsideLocks)
		run, err := bench.Run(strategy)
		if err != nil {
			t.Fatal(err)
		}
		if misses.schedules++; len(d.End()) > 0 {
			misses.reports++
			t.Fatalf("a report in %v", bench.Schedule(run))
		}
	}
}

// TestAsTheReferenceInCatalog compares in some schedules of every lab there is,
// right and wrong, with and without somebody killed.
func TestAsTheReferenceInCatalog(t *testing.T) {
	with := 0
	for _, lab := range workload.Catalog {
		if lab.Describe().FreeOnly {
			continue
		}
		bench, err := shmlab.Open(lab, shmlab.Setting{Host: shmlab.Coroutines})
		if err != nil {
			t.Fatal(err)
		}
		for _, strategy := range []shmlab.Strategy{inject.NewRandom(4), inject.NewCrash(inject.NewRandom(5), 5)} {
			for range 15 {
				strategy.Begin()
				made, err := bench.Trace(strategy)
				if err != nil {
					t.Fatal(err)
				}
				if len(made.Events) > 400 {
					break // the reference takes the cube of that
				}
				misses.schedules++
				if agree(t, made) > 0 {
					with++
				}
			}
		}
		bench.Close()
	}
	misses.unordered += with
	if with == 0 {
		t.Error("no race in any lab")
	}
}

// TestMisses is last: what the tests above counted.
func TestMisses(t *testing.T) {
	t.Logf("%d schedules, %d with a race; %d without a report, %d reports without a race",
		misses.schedules, misses.unordered, misses.silent, misses.reports)
	if misses.silent > 0 || misses.reports > 0 {
		t.Errorf("%d races without a report, %d reports without a race", misses.silent, misses.reports)
	}
}

// BenchmarkFind is the detector alone, on a trace of 3 actors and 60 accesses.
func BenchmarkFind(b *testing.B) { benchmark(b, func(made *trace.Trace) { race.Find(made) }) }

// BenchmarkTrace is what it takes to write that trace down.
func BenchmarkTrace(b *testing.B) {
	bench, err := shmlab.Open(workload.CounterMutex, shmlab.Setting{Host: shmlab.Coroutines, Size: shmlab.Size{Actors: 3, Ops: 10}})
	if err != nil {
		b.Fatal(err)
	}
	defer bench.Close()
	strategy := inject.NewRandom(1)
	for b.Loop() {
		strategy.Begin()
		if _, err := bench.Trace(strategy); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmark(b *testing.B, f func(*trace.Trace)) {
	bench, err := shmlab.Open(workload.CounterMutex, shmlab.Setting{Host: shmlab.Coroutines, Size: shmlab.Size{Actors: 3, Ops: 10}})
	if err != nil {
		b.Fatal(err)
	}
	defer bench.Close()
	strategy := inject.NewRandom(1)
	strategy.Begin()
	made, err := bench.Trace(strategy)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		f(made)
	}
}
