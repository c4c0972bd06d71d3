package property_test

import (
	"strings"
	"testing"

	"shmrace/property"
	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// checked runs property.Check in a test that is expected to fail, and returns
// what it said.
func checked(lab shmlab.AnyLab, options ...property.Options) (text string, failed bool) {
	c := &caught{name: "TestChecked"}
	defer func() {
		if r := recover(); r != nil && r != c {
			panic(r)
		}
		text, failed = c.text.String(), c.failed
	}()
	property.Check(c, lab, options...)
	return
}

// A lab that holds says nothing.
func TestCheckHolds(t *testing.T) {
	if text, failed := checked(workload.CounterMutex, property.Options{Schedules: 100}); failed || text != "" {
		t.Errorf("failed %v: %s", failed, text)
	}
}

// A failure is told, and the last line replays it.
func TestCheckFails(t *testing.T) {
	for _, o := range []property.Options{{}, {Setting: shmlab.Setting{Host: shmlab.Coroutines}}} {
		text, failed := checked(workload.CounterUnlocked, o)
		if !failed || !strings.Contains(text, "counter/unlocked: VIOLATED in 4 steps with 1 preemption\n") {
			t.Fatalf("failed %v: %s", failed, text)
		}
		lines := strings.Split(strings.TrimSpace(text), "\n")
		s, err := trace.ParseSchedule(lines[len(lines)-1])
		if err != nil {
			t.Fatal(err)
		}
		f, err := property.Replay(workload.CounterUnlocked, &trace.Trace{Schedule: *s}, shmlab.Processes, nil)
		if err != nil || f.Trace.Verdict != trace.Violated {
			t.Errorf("the last line replays to %v, %v", f, err)
		}
	}
}

// The message is the same for the same failure: rapid and people compare it.
func TestCheckSaysTheSame(t *testing.T) {
	first, _ := checked(workload.TransferUnlocked)
	second, _ := checked(workload.TransferUnlocked)
	if first != second {
		t.Errorf("%s\nthen\n%s", first, second)
	}
}

// What cannot be decided does not pass; nor does what cannot be tried.
func TestCheckUndecided(t *testing.T) {
	text, failed := checked(workload.CounterMutex, property.Options{Setting: shmlab.Setting{Host: shmlab.Coroutines, Steps: 3}})
	if want := "counter/mutex: nothing can be said: no end after 3 steps\n"; !failed || text != want {
		t.Errorf("failed %v: %q, expected %q", failed, text, want)
	}
	text, failed = checked(workload.CounterMutex, property.Options{Strategy: "hope"})
	if !failed || !strings.HasPrefix(text, `no strategy is called "hope": expected `) {
		t.Errorf("failed %v: %q", failed, text)
	}
}
