package main

import (
	"os"
	"strings"
	"testing"

	"shmrace/property"
	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// alternating is a run in which two actors of so many operations, of two steps
// each, take 60 steps each in turn.
func alternating(t *testing.T, ops int) *property.Failure {
	t.Helper()
	known := &trace.Trace{Schedule: trace.Schedule{Lab: "counter/unlocked", Actors: 2, Ops: ops}}
	for range 60 {
		known.Schedule.Decisions = append(known.Schedule.Decisions, trace.Decision{Actor: 0}, trace.Decision{Actor: 1})
	}
	f, err := property.Replay(workload.CounterUnlocked, known, shmlab.Coroutines, nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// A schedule too long for the screen goes to a file in the current directory,
// with its events; what is printed replays it.
func TestLongSchedule(t *testing.T) {
	t.Chdir(t.TempDir())
	first := alternating(t, 30)
	var out strings.Builder
	if err := tellReplay(&out, first.Trace); err != nil {
		t.Fatal(err)
	}
	name := "counter-unlocked-" + first.Trace.Schedule.Hash + ".trace"
	if want := "Replay: shmrace replay " + name + "\n"; out.String() != want {
		t.Fatalf("printed %q, expected %q", out.String(), want)
	}
	read, err := readTrace(name)
	if err != nil {
		t.Fatal(err)
	}
	if len(read.Events) != len(first.Trace.Events) {
		t.Errorf("the file has %d events, expected %d", len(read.Events), len(first.Trace.Events))
	}
	again, err := property.Replay(workload.CounterUnlocked, read, shmlab.Processes, nil)
	if err != nil || again.Trace.Hash() != first.Trace.Hash() {
		t.Errorf("the file does not replay the same: %v", err)
	}
}

// So does the schedule of a race that did no harm.
func TestLongScheduleOfARace(t *testing.T) {
	t.Chdir(t.TempDir())
	f := alternating(t, 60)
	var out strings.Builder
	if err := tellReport(&out, &property.Report{Lab: "counter/unlocked", Schedules: 1, Bound: -1, Race: f.Race, Raced: f.Trace}); err != nil {
		t.Fatal(err)
	}
	_, name, _ := strings.Cut(strings.TrimSpace(out.String()), "Replay: shmrace replay ")
	if read, err := readTrace(name); err != nil || len(read.Events) != len(f.Trace.Events) || len(read.Events) == 0 {
		t.Errorf("%v: the file has not the %d events of the run:\n%s", err, len(f.Trace.Events), out.String())
	}
}

// What fits stays on the screen: in one line, or behind one if it is wide.
func TestShortSchedule(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range []struct {
		steps int
		want  string
	}{
		{2, "Replay: shmrace replay 'shmrace/1 lab/lab actors=2 ops=1 : A B'\n"},
		{14, "Replay:\nshmrace replay 'shmrace/1 lab/lab actors=2 ops=1 : A B A B A B A B A B A B A B'\n"},
	} {
		tr := &trace.Trace{Schedule: trace.Schedule{Lab: "lab/lab", Actors: 2, Ops: 1}}
		for i := range c.steps {
			tr.Schedule.Decisions = append(tr.Schedule.Decisions, trace.Decision{Actor: trace.Actor(i % 2)})
		}
		var out strings.Builder
		if err := tellReplay(&out, tr); err != nil || out.String() != c.want {
			t.Errorf("%v, %q, expected %q", err, out.String(), c.want)
		}
	}
	if left, _ := os.ReadDir("."); len(left) > 0 {
		t.Errorf("a file was written: %v", left)
	}
}
