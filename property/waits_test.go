package property_test

import (
	"strings"
	"testing"

	"shmrace/property"
	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A lamp is waited for without a yield.
type lamp struct{ On shmlab.Uint32 }

var staring = shmlab.Lab[lamp]{
	Name: "test/staring", Size: shmlab.Size{Actors: 2, Ops: 1},
	Actors: func(shmlab.Size) []shmlab.Actor[lamp] {
		return []shmlab.Actor[lamp]{
			{Name: "stares", Body: func(p *shmlab.Proc, s *lamp) {
				for s.On.Load(p) == 0 {
				}
			}},
			{Name: "switches", Body: func(p *shmlab.Proc, s *lamp) { s.On.Store(p, 1) }},
		}
	},
}

// Who waits busily is told, with the word and how often it looked: where a search
// comes to no end, and where a replay holds.
func TestBusyWaiting(t *testing.T) {
	r := explore(t, staring, property.Options{Setting: shmlab.Setting{Host: shmlab.Coroutines, Steps: 100}, Strategy: "dfs", Schedules: 3})
	const looks = "Busy waiting: A waits busily: it looked at On 100 times and found 0 each time,\n  steps 1 to 100 (waits_test.go:"
	if r.Verdict() != trace.Budget || !strings.HasPrefix(r.Busy, looks) {
		t.Errorf("%v, told %q, expected %q", r.Verdict(), r.Busy, looks)
	}
	f := replayed(t, staring, "shmrace/1 test/staring actors=2 ops=1 : A40 B A")
	if text := f.String(); f.Trace.Verdict != trace.Holds || !strings.Contains(text, "it looked at On 40 times and found 0") {
		t.Errorf("told\n%s", text)
	}
	if r := explore(t, workload.SpinKit, property.Options{Setting: shmlab.Setting{Host: shmlab.Coroutines, InsideLocks: true}, Schedules: 50}); r.Busy != "" {
		t.Errorf("who is parked does not wait busily, and yet: %s", r.Busy)
	}
}

// Who is passed at a lock more often than by each of the others once is told; and
// not who waits for its turn.
func TestStarvation(t *testing.T) {
	for line, want := range map[string]string{
		"shmrace/1 counter/mutex actors=2 ops=3 : A12 B12":           "Starvation: B was overtaken 3 times at Mu (counter.go:",
		"shmrace/1 counter/mutex actors=2 ops=3 : A4 B4 A4 B4 A4 B4": "",
	} {
		text := replayed(t, workload.CounterMutex, line).String()
		if !strings.Contains(text, want) || want == "" && strings.Contains(text, "Starvation") {
			t.Errorf("%s: told\n%s\nexpected %q", line, text, want)
		}
	}
}

// replayed is what a schedule comes to on coroutines.
func replayed(t *testing.T, lab shmlab.AnyLab, line string) *property.Failure {
	t.Helper()
	known, err := trace.Parse(line)
	if err != nil {
		t.Fatal(err)
	}
	f, err := property.Replay(lab, known, shmlab.Coroutines, nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
