package property_test

import (
	"strconv"
	"strings"
	"testing"

	"shmrace/property"
	"shmrace/property/workload"
	"shmrace/shmlab"
)

// checked runs property.Check in a test that is expected to fail, and returns
// what it said.
func checked(lab shmlab.AnyLab, options ...property.Options) (text string, failed bool) {
	return said(func(t testing.TB) { property.Check(t, lab, options...) })
}

// said runs test, which is expected to fail, and returns what it said.
func said(test func(t testing.TB)) (text string, failed bool) {
	c := &caught{name: "TestChecked"}
	defer func() {
		if r := recover(); r != nil && r != c {
			panic(r)
		}
		text, failed = c.text.String(), c.failed
	}()
	test(c)
	return
}

// Of a lab that holds it is said how far that was looked at.
func TestCheckHolds(t *testing.T) {
	for strategy, want := range map[string]string{
		"dpor":   "counter/mutex: HOLDS in 2 schedules, exhaustive: yes\n",
		"random": "counter/mutex: HOLDS in 100 schedules, exhaustive: no\n",
	} {
		if text, failed := checked(workload.CounterMutex, property.Options{Strategy: strategy, Schedules: 100}); failed || text != want {
			t.Errorf("%s: failed %v: %q, expected %q", strategy, failed, text, want)
		}
	}
}

var hostName = map[shmlab.Host]string{shmlab.Processes: "Processes", shmlab.Coroutines: "Coroutines"}

// A failure is told, and the last line replays it.
func TestCheckFails(t *testing.T) {
	for _, o := range []property.Options{{}, {Setting: shmlab.Setting{Host: shmlab.Coroutines}}} {
		text, failed := checked(workload.CounterUnlocked, o)
		if !failed || !strings.Contains(text, "counter/unlocked: VIOLATED in 4 steps with 1 preemption\n") {
			t.Fatalf("failed %v: %s", failed, text)
		}
		lines := strings.Split(strings.TrimSpace(text), "\n")
		line := strings.TrimSuffix(strings.TrimPrefix(lines[len(lines)-1], "Replay: property.Again(t, lab, shmlab."+hostName[o.Host]+", "), ")")
		schedule, err := strconv.Unquote(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		again, failed := said(func(t testing.TB) { property.Again(t, workload.CounterUnlocked, o.Host, schedule) })
		if !failed || !strings.Contains(again, "counter/unlocked: VIOLATED in 4 steps with 1 preemption\n") {
			t.Errorf("the last line replays to %v %s", failed, again)
		}
	}
}

// Again is content with a schedule in which the lab holds, and says so of one
// that is none of the lab.
func TestAgain(t *testing.T) {
	holds := "shmrace/1 counter/unlocked actors=2 ops=1 : A2 B2"
	if text, failed := said(func(t testing.TB) { property.Again(t, workload.CounterUnlocked, shmlab.Processes, holds) }); failed {
		t.Errorf("%s: %s", holds, text)
	}
	foreign := "shmrace/1 counter/unlocked#0000 actors=2 ops=1 : A B2 A"
	text, failed := said(func(t testing.TB) { property.Again(t, workload.CounterUnlocked, shmlab.Coroutines, foreign) })
	if !failed || !strings.Contains(text, "the lab was edited since") {
		t.Errorf("%s: %v %s", foreign, failed, text)
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

// To whoever has mended a lab Again says that it holds now, as far as that goes;
// to whoever has only changed it, that it does not.
func TestAgainAfterTheCure(t *testing.T) {
	const lost = "shmrace/1 counter/unlocked actors=2 ops=1 : A B2 A"
	again := func(lab shmlab.AnyLab) string {
		text, failed := said(func(t testing.TB) { property.Again(t, lab, shmlab.Processes, lost) })
		if !failed {
			t.Errorf("%s: a schedule that does not fit passes", lab.Describe().Name)
		}
		return text
	}
	for _, c := range []struct {
		lab  shmlab.AnyLab
		want string
	}{
		{workload.CounterMutex, "B waits at Lock Mu\nIf you have changed the lab, well done so far: in the same order of steps,\nwhere who must wait waits, it now HOLDS. That is one schedule.\nproperty.Check("},
		{workload.CounterHalfLocked, "\nIn the same order of steps, as far as they can be taken, it is violated now:\nthe count is 1, expected 2: "},
	} {
		if text := again(c.lab); !strings.Contains(text, c.want) {
			t.Errorf("%s: %q, expected %q in it", c.lab.Describe().Name, text, c.want)
		}
	}
}
