package property_test

import (
	"flag"
	"math"
	"math/bits"
	"testing"

	"shmrace/inject"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// everywhere calls f for each run of lab in which one of faults happens, at every
// place in every schedule with at most one preemption, or in the first of these.
func everywhere(t *testing.T, bench *shmlab.Bench, faults inject.Faults, most int, f func(run shmlab.Run)) {
	t.Helper()
	s, err := inject.New("dpor", inject.Options{Bounded: true, Preemptions: 1, Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n < most && s.Begin(); n++ {
		run, err := bench.Run(s)
		if err != nil {
			t.Fatal(err)
		}
		f(run)
	}
}

// A kill, a signal that nobody handles, and a stop mean the same between
// processes as on coroutines, at every place of every lab: of the schedules found
// on coroutines, ever rarer ones are taken again by processes.
func TestFaultsOnBothHosts(t *testing.T) {
	for _, wrong := range []bool{false, true} {
		eachLab(t, wrong, func(t *testing.T, lab shmlab.AnyLab) {
			real := opened(t, lab, shmlab.Processes) // first, as Bench says
			quick := opened(t, lab, shmlab.Coroutines)
			for _, fault := range []trace.Fault{trace.Kill, trace.Usr1, trace.Stop} {
				var picked [][]trace.Decision
				n := 0
				everywhere(t, quick, inject.Faults{Each: []trace.Fault{fault}}, 300, func(run shmlab.Run) {
					hit := false
					for _, d := range run.Decisions {
						hit = hit || d.Fault == fault
					}
					if hit {
						if n++; bits.OnesCount(uint(n)) == 1 && bits.Len(uint(n))%3 == 0 { // the 4th, 32nd, 256th
							picked = append(picked, append([]trace.Decision(nil), run.Decisions...))
						}
					}
				})
				for _, decisions := range picked {
					same(t, quick, real, decisions)
				}
			}
		})
	}
}

var allFaults = flag.Bool("everywhere", false, "every place in every schedule has its fault, on processes as well")

// A kill and a signal lead to the same verdict between processes as on
// coroutines, at every place in every schedule of two actors, or as few as there can be.
func TestVerdictsOnBothHosts(t *testing.T) {
	most := 30
	if *allFaults {
		most = math.MaxInt
	}
	for _, wrong := range []bool{false, true} {
		eachLab(t, wrong, func(t *testing.T, lab shmlab.AnyLab) {
			size := lab.Describe().Size
			size.Actors = 2
			if small, err := shmlab.Open(lab, shmlab.Setting{Host: shmlab.Coroutines, Size: size}); err != nil {
				size.Actors = lab.Describe().Size.Actors // fewer it cannot have
			} else {
				small.Close()
			}
			var benches [2]*shmlab.Bench
			for i, host := range []shmlab.Host{shmlab.Processes, shmlab.Coroutines} {
				bench, err := shmlab.Open(lab, shmlab.Setting{Host: host, Size: size})
				if err != nil {
					t.Fatal(err)
				}
				defer bench.Close()
				benches[i] = bench
			}
			for _, fault := range []trace.Fault{trace.Kill, trace.Usr1} {
				t.Logf("%v: %d schedules", fault, sameVerdicts(t, benches[0], benches[1], fault, most))
			}
		})
	}
}

// sameVerdicts takes every schedule with fault in it, or the first most of them,
// on both benches, and returns how many there were.
func sameVerdicts(t *testing.T, real, quick *shmlab.Bench, fault trace.Fault, most int) (n int) {
	t.Helper()
	s, err := inject.New("dpor", inject.Options{Faults: inject.Faults{Each: []trace.Fault{fault}}})
	if err != nil {
		t.Fatal(err)
	}
	for ; n < most && s.Begin(); n++ {
		found, err := quick.Run(s)
		if err != nil {
			t.Fatal(err)
		}
		if found.Verdict == trace.Undecided && found.Reason == nil {
			continue // the search has left it
		}
		replay := inject.NewReplay(found.Decisions)
		replay.Begin()
		again, err := real.Run(replay)
		if err != nil {
			t.Fatal(err)
		}
		if again.Verdict != found.Verdict || len(again.Decisions) != len(found.Decisions) ||
			found.Reason != nil && again.Reason.Error() != found.Reason.Error() {
			t.Errorf("%v: on coroutines %v, %v; on processes %v, %v", quick.Schedule(found), found.Verdict, found.Reason, again.Verdict, again.Reason)
		}
	}
	return n
}

// same takes decisions on two benches and compares what happens.
func same(t *testing.T, quick, real *shmlab.Bench, decisions []trace.Decision) {
	t.Helper()
	var told [2]*trace.Trace
	for i, bench := range []*shmlab.Bench{quick, real} {
		replay := inject.NewReplay(decisions)
		replay.Begin()
		var err error
		if told[i], err = bench.Trace(replay); err != nil {
			t.Fatal(err)
		}
	}
	if a, b, equal := told[0].Differs(told[1]); !equal {
		t.Errorf("%v: on coroutines %q, on processes %q", &told[0].Schedule, a, b)
	}
}

// A futex wait that ends by EINTR or for no reason, whichever of every actor's it
// is, within locks as well, makes no right lab wrong.
func TestNoRaceInterruptedWaits(t *testing.T) {
	slept := 0
	eachLab(t, false, func(t *testing.T, lab shmlab.AnyLab) {
		bench, err := shmlab.Open(lab, shmlab.Setting{Host: shmlab.Coroutines, InsideLocks: true})
		if err != nil {
			t.Fatal(err)
		}
		defer bench.Close()
		faults := inject.Faults{Each: []trace.Fault{trace.EINTR, trace.Spurious}}
		everywhere(t, bench, faults, 3000, func(run shmlab.Run) {
			for _, d := range run.Decisions {
				if d.Fault == trace.EINTR || d.Fault == trace.Spurious {
					slept++
				}
			}
			if run.Verdict.Bad() {
				t.Fatalf("%v: %v", bench.Schedule(run), run.Reason)
			}
		})
	})
	if slept < 1000 && !testing.Short() || slept == 0 {
		t.Errorf("%d waits were interrupted", slept)
	}
}
