package property_test

import (
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"shmrace/inject"
	"shmrace/property"
	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A caught is a test that is expected to fail, as rapid sees it.
type caught struct {
	testing.TB
	name   string
	failed bool
	text   strings.Builder
}

func (c *caught) Helper()                           {}
func (c *caught) Name() string                      { return c.name }
func (c *caught) Logf(format string, args ...any)   { fmt.Fprintf(&c.text, format+"\n", args...) }
func (c *caught) Log(args ...any)                   { fmt.Fprintln(&c.text, args...) }
func (c *caught) Errorf(format string, args ...any) { c.failed = true; c.Logf(format, args...) }
func (c *caught) Fatalf(format string, args ...any) { c.Errorf(format, args...); c.FailNow() }
func (c *caught) Fatal(args ...any)                 { c.failed = true; c.Log(args...); c.FailNow() }
func (c *caught) Fail()                             { c.failed = true }
func (c *caught) Failed() bool                      { return c.failed }
func (c *caught) FailNow()                          { panic(c) }

// check runs rapid.Check and returns what it said, and whether it failed.
func check(name string, prop func(*rapid.T)) (text string, failed bool) {
	c := &caught{name: name}
	defer func() {
		if r := recover(); r != nil && r != c {
			panic(r)
		}
		text, failed = c.text.String(), c.failed
	}()
	rapid.Check(c, prop)
	return
}

// failFiles lets rapid write and find its fail files, in a folder of this test's own.
func failFiles(t *testing.T, wanted bool) {
	t.Chdir(t.TempDir())
	f := flag.Lookup("rapid.nofailfile")
	before := f.Value.String()
	if err := f.Value.Set(fmt.Sprint(!wanted)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Value.Set(before) })
}

func coroutines(actors, ops int) property.Options {
	return property.Options{Setting: shmlab.Setting{Host: shmlab.Coroutines, Size: shmlab.Size{Actors: actors, Ops: ops}}}
}

// scheduleIn returns the schedule in what rapid said.
func scheduleIn(t *testing.T, text string) *trace.Schedule {
	t.Helper()
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, trace.Version+" ") {
			s, err := trace.ParseSchedule(line)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
	}
	t.Fatalf("no schedule in\n%s", text)
	return nil
}

// seeded lets rapid draw from a seed. How far it shrinks is luck: of what it
// finds at random about one in three is left with more than one preemption.
func seeded(t *testing.T, seed string) {
	f := flag.Lookup("rapid.seed")
	before := f.Value.String()
	if err := f.Value.Set(seed); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Value.Set(before) })
}

// TestRapidShrinks: what rapid finds and shrinks has one preemption, and the line
// it prints fails again.
func TestRapidShrinks(t *testing.T) {
	failFiles(t, false)
	seeded(t, "1")
	text, failed := check(t.Name(), func(rt *rapid.T) { property.Rapid(rt, workload.CounterUnlocked, coroutines(2, 1)) })
	if !failed || strings.Contains(text, "flaky") {
		t.Fatalf("failed: %v\n%s", failed, text)
	}
	s := scheduleIn(t, text)
	f, err := property.Replay(workload.CounterUnlocked, &trace.Trace{Schedule: *s}, shmlab.Coroutines, nil)
	if err != nil {
		t.Fatal(err)
	}
	if f.Trace.Verdict != trace.Violated || f.Trace.Preemptions != 1 {
		t.Errorf("%v is %v with %d preemptions, expected violated with 1", s, f.Trace.Verdict, f.Trace.Preemptions)
	}
	if !strings.Contains(text, "Data race: ") {
		t.Errorf("nothing of a data race in\n%s", text)
	}
}

// TestRapidFailFile: the schedule is kept, and tried first the next time.
func TestRapidFailFile(t *testing.T) {
	failFiles(t, true)
	prop := func(rt *rapid.T) { property.Rapid(rt, workload.CounterHalfLocked, coroutines(2, 1)) }
	first, failed := check(t.Name(), prop)
	if files, _ := filepath.Glob("testdata/rapid/*/*.fail"); !failed || len(files) != 1 {
		t.Fatalf("failed: %v, fail files: %v\n%s", failed, files, first)
	}
	again, failed := check(t.Name(), prop)
	if !failed || !strings.Contains(again, "after 0 tests") || scheduleIn(t, again).String() != scheduleIn(t, first).String() {
		t.Errorf("failed: %v\n%s\nthen\n%s", failed, first, again)
	}
}

// TestRapidKills: a kill is among the choices, one in a schedule.
func TestRapidKills(t *testing.T) {
	failFiles(t, false)
	o := coroutines(2, 1)
	o.Inject = inject.Options{Faults: inject.Kills}
	text, failed := check(t.Name(), func(rt *rapid.T) { property.Rapid(rt, workload.CounterMutex, o) })
	if !failed {
		t.Fatal("a lock whose holder is killed is not found locked")
	}
	if n := strings.Count(scheduleIn(t, text).String(), "kill("); n != 1 {
		t.Errorf("%d kills in\n%s", n, text)
	}
}

// TestRapidHolds: on one bench for all schedules, with the size drawn.
func TestRapidHolds(t *testing.T) {
	benches := map[shmlab.Size]*shmlab.Bench{}
	for actors := 1; actors <= 3; actors++ {
		for ops := 1; ops <= 2; ops++ {
			b, err := shmlab.Open(workload.TransferOrdered, coroutines(actors, ops).Setting)
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			benches[b.Setting().Size] = b
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		size := shmlab.Size{Actors: rapid.IntRange(1, 3).Draw(t, "actors"), Ops: rapid.IntRange(1, 2).Draw(t, "ops")}
		property.RapidOn(t, benches[size], inject.Options{})
	})
}

// FuzzRapid lets Go's fuzzing choose the schedules.
func FuzzRapid(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte(strings.Repeat("\x01", 400)))
	f.Add([]byte(strings.Repeat("\x00\xff\x07\x80", 100)))
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) { property.Rapid(t, workload.CounterMutex, coroutines(2, 2)) }))
}
