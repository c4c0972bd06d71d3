package shmlab_test

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
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

// TestChaosLeavesNothing: who was pushed to another processor is back, with all of
// its threads, when the next run begins.
func TestChaosLeavesNothing(t *testing.T) {
	if runtime.NumCPU() < 2 {
		t.Skip("there is one processor")
	}
	bench := open(t, freeMutex, shmlab.Setting{Size: shmlab.Size{Ops: 3}})
	settle := func() []string {
		if run, err := bench.Run(first{}); err != nil || run.Verdict != trace.Holds {
			t.Fatalf("%v: %v, %v", run.Verdict, run.Reason, err)
		}
		return processorsOf(t, "shmrace-worker")
	}
	before := settle()
	if len(before) != 1 {
		t.Fatalf("the threads of the workers are on processors %q, expected one", before)
	}
	for cpu := range 2 { // one of which is not where they were
		push := shmlab.Turbulence{Start: []shmlab.Push{{CPU: cpu}, {Actor: 1, CPU: cpu}}}
		if _, err := bench.FreeAs(shmlab.Freedom{Limit: time.Minute, Chaos: &push}); err != nil {
			t.Fatal(err)
		}
		if after := settle(); !slices.Equal(after, before) {
			t.Errorf("pushed to %d they are on %q afterwards, expected %q", cpu, after, before)
		}
	}
}

// processorsOf returns where the threads of this process's children of that name
// are allowed to run, each once.
func processorsOf(t *testing.T, name string) (lists []string) {
	t.Helper()
	files, _ := filepath.Glob("/proc/[0-9]*/task/*/status")
	for _, file := range files {
		b, err := os.ReadFile(file)
		process := strings.TrimSuffix(file, filepath.Join("task", filepath.Base(filepath.Dir(file)), "status"))
		line, _ := os.ReadFile(process + "cmdline")
		if err != nil || !strings.HasPrefix(string(line), name) {
			continue // it is gone, or another's
		}
		parent, list := "", ""
		for field := range strings.SplitSeq(string(b), "\n") {
			key, value, _ := strings.Cut(field, ":")
			switch key {
			case "PPid":
				parent = strings.TrimSpace(value)
			case "Cpus_allowed_list":
				list = strings.TrimSpace(value)
			}
		}
		if parent == strconv.Itoa(os.Getpid()) && !slices.Contains(lists, list) {
			lists = append(lists, list)
		}
	}
	return lists
}
