package property_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"shmrace/property"
	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// What fails on one host fails in the same way on the other, from its one line
// and from its whole text, event for event.
func TestReplayRoundTrip(t *testing.T) {
	eachLab(t, true, func(t *testing.T, lab shmlab.AnyLab) {
		for _, from := range hosts {
			f := failed(t, lab, from)
			schedule, err := trace.ParseSchedule(f.Trace.Schedule.String())
			if err != nil {
				t.Fatal(err)
			}
			whole, err := trace.Parse(f.Trace.String())
			if err != nil {
				t.Fatal(err)
			}
			for _, to := range hosts {
				for _, known := range []*trace.Trace{{Schedule: *schedule}, whole} {
					again, err := property.Replay(lab, known, to, nil)
					if err != nil {
						t.Fatalf("found on %v, replayed on %v: %v", from, to, err)
					}
					if again.Trace.Hash() != f.Trace.Hash() || again.String() != f.String() {
						t.Errorf("found on %v:\n%v\nreplayed on %v:\n%v", from, f, to, again)
					}
				}
			}
		}
	})
}

// A thousand replays are one, on each host.
func TestReplayIsTheSameEveryTime(t *testing.T) {
	want := failed(t, workload.CounterHalfLocked, shmlab.Coroutines).Trace
	for _, host := range hosts {
		bench, err := shmlab.Open(workload.CounterHalfLocked, property.SettingOf(&want.Schedule, host))
		if err != nil {
			t.Fatal(err)
		}
		for n := range 1000 {
			if got := traced(t, bench, want.Schedule.Decisions); got.Hash() != want.Hash() || got.Schedule.String() != want.Schedule.String() {
				t.Fatalf("replay %d on %v:\n%v\nexpected:\n%v", n, host, got, want)
			}
		}
		if err := bench.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A schedule that is not of the lab as it is, is refused, with what differs.
func TestReplayMismatch(t *testing.T) {
	const line = "shmrace/1 counter/unlocked actors=2 ops=1 : "
	for _, c := range []struct{ text, want string }{
		{line + "A B2 A2", "counter/unlocked: the run is over after step 4"},
		{line + "A3", "counter/unlocked: step 3: the schedule says A, but A is over"},
		{line + "A B2 A\nGet step=1 actor=A word=Count read=0\nGet step=2 actor=B word=Count read=5",
			`not the same happens; expected "Get step=2 actor=B word=Count read=5", found "Get step=2 actor=B word=Count read=0"`},
		{strings.Replace(line, "locked ", "locked#0000 ", 1) + "A B2 A", "the lab was edited since, #0000 is #"},
	} {
		known, err := trace.Parse(c.text)
		if err != nil {
			t.Fatal(err)
		}
		for _, host := range hosts {
			_, err = property.Replay(workload.CounterUnlocked, known, host, nil)
			var mismatch *property.Mismatch
			if !errors.As(err, &mismatch) || !strings.HasPrefix(err.Error(), "counter/unlocked: ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%q on %v: %v, expected %q", c.text, host, err, c.want)
			}
		}
	}
}

// A trace of a lab that keeps something from run to run is not taken for that
// of an edited one.
func TestReplayNondeterministic(t *testing.T) {
	runs := 0
	moody := shmlab.Lab[workload.Counter]{
		Name: "test/moody", Size: shmlab.Size{Actors: 2, Ops: 1},
		Actors: func(size shmlab.Size) []shmlab.Actor[workload.Counter] {
			return shmlab.Each(size.Actors, "counts", func(p *shmlab.Proc, s *workload.Counter) {
				runs++
				s.Count.Set(p, int64(runs))
			})
		},
	}
	known := &trace.Trace{Schedule: trace.Schedule{Lab: "test/moody", Actors: 2, Ops: 1}, Events: []trace.Event{{Kind: trace.Get, Step: 1, Word: "Count"}}}
	_, err := property.Replay(moody, known, shmlab.Coroutines, nil)
	if err == nil || !strings.Contains(err.Error(), "test/moody: it is not deterministic: ") {
		t.Errorf("%v, expected that it is not deterministic", err)
	}
	if _, err = property.Explore(context.Background(), moody, property.Options{Setting: shmlab.Setting{Host: shmlab.Coroutines}}); !errors.Is(err, property.ErrNondeterministic) {
		t.Errorf("%v, expected %v", err, property.ErrNondeterministic)
	}
}

// Each step is held once, in order, and nothing has happened before its time.
func TestReplayHold(t *testing.T) {
	known, err := trace.Parse("shmrace/1 counter/unlocked actors=2 ops=1 : A B2 A")
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range hosts {
		var held []int
		f, err := property.Replay(workload.CounterUnlocked, known, host, func(step int) { held = append(held, step) })
		if err != nil {
			t.Fatal(err)
		}
		if len(held) != 4 || held[0] != 1 || held[3] != 4 || f.Trace.Verdict != trace.Violated {
			t.Errorf("%v: held at %v, %v", host, held, f.Trace.Verdict)
		}
	}
}
