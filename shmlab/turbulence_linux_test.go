package shmlab_test

import (
	"strings"
	"testing"
	"time"

	"shmrace/inject"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// Whatever is done to the actors from outside, what is right stays right: nobody
// is lost, nobody is taken for stuck, and the bench can step them again after.
func TestChaos(t *testing.T) {
	for _, size := range []shmlab.Size{{Ops: 5}, {Ops: 5000}, {Actors: 4, Ops: 500}} {
		bench := open(t, freeMutex, shmlab.Setting{Size: size})
		chaos := inject.NewChaos(1, bench.Setting().Size.Actors)
		for n := range 25 {
			run, err := bench.FreeAs(shmlab.Freedom{Limit: time.Minute, Chaos: chaos.Turbulence()})
			if err != nil || run.Verdict != trace.Holds {
				t.Fatalf("run %d: %v: %v, %v", n, run.Verdict, run.Reason, err)
			}
			for _, what := range run.Denied {
				if !strings.HasSuffix(what, "operation not permitted") {
					t.Errorf("not allowed: %s", what)
				}
			}
		}
	}
	bench := open(t, freeMutex, shmlab.Setting{Size: shmlab.Size{Ops: 3}})
	if _, err := bench.FreeAs(shmlab.Freedom{Chaos: inject.NewChaos(1, 2).Turbulence()}); err != nil {
		t.Fatal(err)
	}
	if run, err := bench.Run(first{}); err != nil || run.Verdict != trace.Holds {
		t.Errorf("%v: %v, %v", run.Verdict, run.Reason, err)
	}
}

// A storm stops the actor and lets it go on, for as long as it runs and no longer.
func TestStorm(t *testing.T) {
	bench := open(t, freeMutex, shmlab.Setting{Size: shmlab.Size{Ops: 1_000}})
	const hold = 20 * time.Millisecond
	storm := shmlab.Turbulence{Storms: []shmlab.Storm{{Hold: hold, Period: time.Hour}}}
	for range 5 {
		run, err := bench.FreeAs(shmlab.Freedom{Limit: time.Minute, Chaos: &storm})
		if err != nil || run.Verdict != trace.Holds || run.Elapsed < hold {
			t.Errorf("%v: %v after %v, %v: expected it to stand still for %v", run.Verdict, run.Reason, run.Elapsed, err, hold)
		}
	}
}
