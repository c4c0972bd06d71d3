package race_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"shmrace/property/race"
	"shmrace/shmlab/trace"
)

// agree fails unless Find and the reference report the same access of each
// variable, and the two that Find names are a race to the reference. It returns
// how many there are.
func agree(t rapid.TB, made *trace.Trace) int {
	r := newReference(made)
	want := r.first()
	got := race.Find(made)
	for i := range got {
		x := &got[i]
		now, previous := slices.Index(made.Events, x.Access.Event), slices.Index(made.Events, x.Previous.Event)
		if at, ok := want[x.Word()]; !ok || at != now {
			t.Fatalf("a race of %s at event %d, the reference says %v:\n%v", x.Word(), now, want, made)
		}
		if previous >= now || !r.race(previous, now) {
			t.Fatalf("events %d and %d of %s are no race to the reference:\n%v", previous, now, x.Word(), made)
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%d races, the reference finds %v:\n%v", len(got), want, made)
	}
	return len(got)
}

// events draws what actors who know nothing of any rule might do: words are few,
// so that they meet.
func events(t *rapid.T) []trace.Event {
	const actors = 3
	menu := []struct {
		words string
		kinds []trace.Kind
	}{
		{"x y", []trace.Kind{trace.Get, trace.Set}},
		{"x y", []trace.Kind{trace.Get, trace.Set}},
		{"f g", []trace.Kind{trace.Load, trace.Store, trace.Add, trace.Swap, trace.CompareAndSwap, trace.Wait, trace.Wake}},
		{"M N", []trace.Kind{trace.Lock, trace.TryLock, trace.Unlock, trace.RLock, trace.RUnlock}},
		{"P", []trace.Kind{trace.Acquire, trace.Release}},
		{"P S", []trace.Kind{trace.ReadBegin, trace.ReadBegin, trace.ReadCheck, trace.ReadCheck, trace.Release}},
	}
	var list []trace.Event
	dead := map[trace.Actor]bool{}
	for step := range rapid.IntRange(1, 24).Draw(t, "events") {
		e := trace.Event{Step: step + 1, Actor: trace.Actor(rapid.IntRange(0, actors-1).Draw(t, "actor"))}
		if dead[e.Actor] {
			continue
		}
		if rapid.IntRange(0, 15).Draw(t, "kill") == 15 {
			e.Kind, e.Note, dead[e.Actor] = trace.Injected, "kill", true
			list = append(list, e)
			continue
		}
		dish := rapid.SampledFrom(menu).Draw(t, "menu")
		e.Word, e.Kind = rapid.SampledFrom(strings.Fields(dish.words)).Draw(t, "word"), rapid.SampledFrom(dish.kinds).Draw(t, "kind")
		switch e.Kind {
		case trace.TryLock, trace.CompareAndSwap, trace.Acquire, trace.ReadCheck:
			e.Note = rapid.SampledFrom([]string{"", "failed"}).Draw(t, "note")
		case trace.Wait:
			e.Note = rapid.SampledFrom([]string{"asleep", "changed", ""}).Draw(t, "note")
		case trace.Wake:
			e.Note = rapid.SampledFrom([]string{"woke nobody", "woke A", "woke B C"}).Draw(t, "note")
		}
		list = append(list, e)
	}
	return list
}

// TestAsTheReference compares with the definition on random traces.
func TestAsTheReference(t *testing.T) {
	found := map[int]int{}
	rapid.Check(t, func(t *rapid.T) {
		for range 100 {
			made := &trace.Trace{Schedule: trace.Schedule{Actors: 3, InsideLocks: rapid.Bool().Draw(t, "inside-locks")}, Events: events(t)}
			found[agree(t, made)]++
		}
	})
	if found[0] == 0 || found[1] == 0 || found[2] == 0 {
		t.Errorf("the traces are too much alike: %v", found)
	}
}

// find returns the races of a trace that is written as its events only.
func find(t *testing.T, settings string, lines ...string) []race.Race {
	t.Helper()
	steps := strings.Repeat(" A", len(lines))
	made, err := trace.Parse("shmrace/1 a/b actors=3 ops=1" + settings + " :" + steps + "\n" + strings.Join(lines, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return race.Find(made)
}

// inOrder are pairs of accesses with what is between them, one edge each; "|"
// separates events. With the edge there is no race.
var inOrder = map[string]string{
	"program order":  "Set step=1 actor=A word=x|Get step=2 actor=A word=x",
	"two reads":      "Get step=1 actor=A word=x|Get step=2 actor=B word=x",
	"two variables":  "Set step=1 actor=A word=x|Set step=2 actor=B word=y",
	"store and load": "Set step=1 actor=A word=x|Store step=2 actor=A word=f|Load step=3 actor=B word=f|Set step=4 actor=B word=x",
	"earlier writer": "Set step=1 actor=A word=x|Store step=2 actor=A word=f|Store step=3 actor=C word=f|Load step=4 actor=B word=f|Set step=5 actor=B word=x",
	"lock":           "Lock step=1 actor=A word=M|Set step=1 actor=A word=x|Unlock step=2 actor=A word=M|Lock step=3 actor=B word=M|Set step=4 actor=B word=x",
	"try-lock":       "Set step=1 actor=A word=x|Unlock step=2 actor=A word=M|TryLock step=3 actor=B word=M|Set step=4 actor=B word=x",
	"reader, writer": "Get step=1 actor=A word=x|RUnlock step=2 actor=A word=M|Lock step=3 actor=B word=M|Set step=4 actor=B word=x",
	"writer, reader": "Set step=1 actor=A word=x|Unlock step=2 actor=A word=M|RLock step=3 actor=B word=M|Get step=4 actor=B word=x",
	"barrier":        "Set step=1 actor=A word=x|Release step=2 actor=A word=P|Release step=3 actor=B word=P|Set step=4 actor=B word=x",
	"wake":           "Wait step=1 actor=B word=f note=asleep|Set step=2 actor=A word=x|Wake step=3 actor=A word=f note=\"woke B\"|Get step=4 actor=B word=x",
	"changed":        "Set step=1 actor=A word=x|Store step=2 actor=A word=f|Wait step=3 actor=B word=f note=changed|Get step=4 actor=B word=x",
	"until":          "Set step=1 actor=A word=x|Store step=2 actor=A word=f|Wait step=3 actor=B word=f|Get step=4 actor=B word=x",
	"a dead owner":   "Lock step=1 actor=A word=M|Set step=2 actor=A word=x|Injected step=3 actor=A note=kill|Lock step=4 actor=B word=M|Get step=5 actor=B word=x",
	"through another": "Set step=1 actor=A word=x|Unlock step=2 actor=A word=M|Lock step=3 actor=C word=M|Store step=4 actor=C word=f|" +
		"Load step=5 actor=B word=f|Set step=6 actor=B word=x",
	"thrown away": "ReadBegin step=1 actor=A word=S|Get step=2 actor=A word=x|Release step=3 actor=B word=S|Set step=4 actor=B word=x|" +
		"Release step=5 actor=B word=S|ReadCheck step=6 actor=A word=S note=failed",
	"thrown away within": "ReadBegin step=1 actor=A word=S|ReadBegin step=2 actor=A word=P|Get step=3 actor=A word=x|Set step=4 actor=B word=x|" +
		"ReadCheck step=5 actor=A word=P note=failed|ReadCheck step=6 actor=A word=S",
	"thrown away around": "ReadBegin step=1 actor=A word=S|Get step=2 actor=A word=x|ReadBegin step=3 actor=A word=P|Set step=4 actor=B word=x|" +
		"ReadCheck step=5 actor=A word=P|ReadCheck step=6 actor=A word=S note=failed",
	"looked again, told twice": "ReadBegin step=1 actor=A word=S|ReadBegin step=2 actor=A word=P|Get step=3 actor=A word=y|ReadCheck step=4 actor=A word=P|" +
		"ReadCheck step=4 actor=A word=P|Get step=5 actor=A word=x|Set step=6 actor=B word=x|ReadCheck step=7 actor=A word=S note=failed",
	"never looked again": "ReadBegin step=1 actor=A word=S|Release step=2 actor=B word=S|Get step=3 actor=A word=x|Injected step=4 actor=A note=kill|Set step=5 actor=B word=x",
	"a dead writer":      "Swap step=1 actor=A word=f|Set step=2 actor=A word=x|Injected step=3 actor=A note=kill|CompareAndSwap step=4 actor=B word=f|Set step=5 actor=B word=x",
	"marked by who waits": "CompareAndSwap step=1 actor=A word=f|Set step=2 actor=A word=x|CompareAndSwap step=3 actor=C word=f|" +
		"Injected step=4 actor=A note=kill|CompareAndSwap step=5 actor=B word=f|Set step=6 actor=B word=x",
	"a dead permit": "Acquire step=1 actor=A word=S|Set step=2 actor=A word=x|Injected step=3 actor=A note=kill|Acquire step=4 actor=B word=S|Set step=5 actor=B word=x",
	"found whole":   "ReadBegin step=1 actor=A word=S|Get step=2 actor=A word=x|ReadCheck step=3 actor=A word=S|Release step=4 actor=B word=S|Set step=5 actor=B word=x",
}

func TestNoRaceOrdered(t *testing.T) {
	for name, text := range inOrder {
		if races := find(t, "", strings.Split(text, "|")...); len(races) > 0 {
			t.Errorf("%s:\n%v", name, &races[0])
		}
	}
}

// unordered are the same with what does not order them.
var unordered = map[string]string{
	"nothing":              "Set step=1 actor=A word=x|Set step=2 actor=B word=x",
	"read, write":          "Get step=1 actor=A word=x|Set step=2 actor=B word=x",
	"write, read":          "Set step=1 actor=A word=x|Get step=2 actor=B word=x",
	"two loads":            "Set step=1 actor=A word=x|Load step=2 actor=A word=f|Load step=3 actor=B word=f|Set step=4 actor=B word=x",
	"load, store":          "Set step=1 actor=A word=x|Load step=2 actor=A word=f|Store step=3 actor=B word=f|Set step=4 actor=B word=x",
	"store, store":         "Set step=1 actor=A word=x|Store step=2 actor=A word=f|Store step=3 actor=B word=f|Set step=4 actor=B word=x",
	"failed swap":          "Set step=1 actor=A word=x|CompareAndSwap step=2 actor=A word=f note=failed|Load step=3 actor=B word=f|Set step=4 actor=B word=x",
	"another lock":         "Set step=1 actor=A word=x|Unlock step=2 actor=A word=M|Lock step=3 actor=B word=N|Set step=4 actor=B word=x",
	"two readers":          "RLock step=1 actor=A word=M|Set step=2 actor=A word=x|RUnlock step=3 actor=A word=M|RLock step=4 actor=B word=M|Set step=5 actor=B word=x",
	"asleep":               "Set step=1 actor=A word=x|Store step=2 actor=A word=f|Wait step=3 actor=B word=f note=asleep|Get step=4 actor=B word=x",
	"woke another":         "Set step=1 actor=A word=x|Wake step=2 actor=A word=f note=\"woke C\"|Get step=3 actor=B word=x",
	"after the wake":       "Wake step=1 actor=A word=f note=\"woke B\"|Set step=2 actor=A word=x|Get step=3 actor=B word=x",
	"after the unlock":     "Unlock step=1 actor=A word=M|Set step=2 actor=A word=x|Lock step=3 actor=B word=M|Set step=4 actor=B word=x",
	"a dead one elsewhere": "Lock step=1 actor=A word=M|Set step=2 actor=A word=x|Injected step=3 actor=A note=kill|Lock step=4 actor=B word=N|Get step=5 actor=B word=x",
	"a dead reader":        "Load step=1 actor=A word=f|Set step=2 actor=A word=x|Injected step=3 actor=A note=kill|Load step=4 actor=B word=f|Set step=5 actor=B word=x",
	"replaced": "Store step=1 actor=A word=f|Set step=2 actor=A word=x|Store step=3 actor=C word=f|Injected step=4 actor=A note=kill|" +
		"Load step=5 actor=B word=f|Set step=6 actor=B word=x",
	"replaced after the death": "Store step=1 actor=A word=f|Set step=2 actor=A word=x|Injected step=3 actor=A note=kill|Store step=4 actor=C word=f|" +
		"Load step=5 actor=B word=f|Set step=6 actor=B word=x",
	"a permit given back": "Acquire step=1 actor=A word=S|Release step=2 actor=A word=S|Set step=3 actor=A word=x|Injected step=4 actor=A note=kill|Acquire step=5 actor=B word=S|Set step=6 actor=B word=x",
	"a live owner":        "Lock step=1 actor=A word=M|Set step=2 actor=A word=x|Injected step=3 actor=A note=stop|TryLock step=4 actor=B word=M|Get step=5 actor=B word=x",
	"one of two reads":    "Get step=1 actor=A word=x|Get step=2 actor=C word=x|Unlock step=3 actor=C word=M|Lock step=4 actor=B word=M|Set step=5 actor=B word=x",
	"not thrown away":     "ReadBegin step=1 actor=A word=S|Get step=2 actor=A word=x|Release step=3 actor=B word=S|Set step=4 actor=B word=x|ReadCheck step=5 actor=A word=S",
	"after the check":     "ReadBegin step=1 actor=A word=S|ReadCheck step=2 actor=A word=S|Get step=3 actor=A word=x|Set step=4 actor=B word=x|Injected step=5 actor=A note=kill",
	"made use of":         "ReadBegin step=1 actor=A word=S|Get step=2 actor=A word=x|Set step=3 actor=B word=x|Set step=4 actor=A word=y|ReadCheck step=5 actor=A word=S note=failed",
	"two who only look":   "Set step=1 actor=A word=x|ReadBegin step=2 actor=A word=S|ReadCheck step=3 actor=A word=S|ReadBegin step=4 actor=B word=S|Set step=5 actor=B word=x",
	"badly nested": "ReadBegin step=1 actor=A word=P|ReadBegin step=2 actor=A word=S|Get step=3 actor=A word=x|Set step=4 actor=B word=x|" +
		"ReadCheck step=5 actor=A word=P note=failed|ReadCheck step=6 actor=A word=S note=failed",
	"a permit in vain":     "Acquire step=1 actor=A word=S|Get step=2 actor=A word=x|Set step=3 actor=B word=x|Acquire step=4 actor=A word=S note=failed",
	"killed with a permit": "Acquire step=1 actor=A word=S|Get step=2 actor=A word=x|Set step=3 actor=B word=x|Injected step=4 actor=A note=kill",
}

func TestRaceUnordered(t *testing.T) {
	for name, text := range unordered {
		if races := find(t, "", strings.Split(text, "|")...); len(races) != 1 || races[0].Word() != "x" {
			t.Errorf("%s: found %v", name, races)
		}
	}
}

// TestRaceInsideALock: when all that a lock does is in the trace, it orders what
// its words order, and no more.
func TestRaceInsideALock(t *testing.T) {
	lines := strings.Split(inOrder["lock"], "|")
	if races := find(t, " inside-locks=yes", lines...); len(races) != 1 {
		t.Errorf("a lock without a word: found %v", races)
	}
	lines = slices.Insert(lines, 2, "Store step=2 actor=A word=M.state")
	lines = slices.Insert(lines, 4, "Swap step=2 actor=B word=M.state")
	if races := find(t, " inside-locks=yes", lines...); len(races) != 0 {
		t.Errorf("a lock with a word: found %v", races)
	}
}

// TestReport: the order of Go's own report, on one screen.
func TestReport(t *testing.T) {
	for _, c := range []struct{ lines, want string }{
		{"Lock step=1 actor=A word=Mu|Get step=2 actor=A word=Count read=0 at=a.go:7 code=s.Count.Get(p)|" +
			"Set step=3 actor=B word=Count wrote=1 at=a.go:9 code=s.Count.Set(p,n)",
			`WARNING: DATA RACE
Write of Count by actor B in step 3:
  a.go:9  s.Count.Set(p,n)
  holding no lock
Previous read of Count by actor A in step 2:
  a.go:7  s.Count.Get(p)
  holding Mu
Nothing orders the two.
Replay: shmrace replay 'shmrace/1 a/b actors=3 ops=1 : A3'
`},
		{"Lock step=1 actor=A word=M|Set step=2 actor=A word=x|Set step=3 actor=A word=x|Lock step=4 actor=B word=N|Set step=5 actor=B word=x",
			`WARNING: DATA RACE
Write of x by actor B in step 5:
  holding N
Previous write of x by actor A in step 3:
  holding M
Nothing orders the two. Elsewhere M protects it: 1 of 1 other access.
Replay: shmrace replay 'shmrace/1 a/b actors=3 ops=1 : A5'
`},
		{"Lock step=1 actor=A word=M|Set step=2 actor=A word=x|Lock step=4 actor=B word=N|Set step=4 actor=B word=x",
			`WARNING: DATA RACE
Write of x by actor B in step 4:
  holding N
Previous write of x by actor A in step 2:
  holding M
Nothing orders the two. They hold different locks.
Replay: shmrace replay 'shmrace/1 a/b actors=3 ops=1 : A4'
`},
	} {
		races := find(t, "", strings.Split(c.lines, "|")...)
		if len(races) != 1 || races[0].String() != c.want {
			t.Errorf("found %d races:\n%v\nexpected\n%s", len(races), &races[0], c.want)
		}
	}
}

// TestReportFits: whatever the names, but for the schedule a line has 80 columns.
func TestReportFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		made := &trace.Trace{Schedule: trace.Schedule{Lab: "a/b", Actors: 3, Ops: 1}, Events: events(t)}
		long := rapid.IntRange(0, 120).Draw(t, "length")
		for i := range made.Events {
			e := &made.Events[i]
			e.At, e.Code, e.Word = "a.go:1", strings.Repeat("ü", long), e.Word+strings.Repeat("w", long)
		}
		for _, r := range race.Find(made) {
			lines := strings.Split(strings.TrimSuffix(r.String(), "\n"), "\n")
			for _, line := range lines[:len(lines)-1] {
				if len([]rune(line)) > 79 {
					t.Fatalf("a line of %d columns: %q", len([]rune(line)), line)
				}
			}
			if len(lines) > 12 || !strings.HasPrefix(lines[len(lines)-1], "Replay: ") {
				t.Fatalf("%d lines:\n%v", len(lines), &r)
			}
		}
	})
}

func ExampleFind() {
	t, err := trace.Parse(`shmrace/1 counter/unlocked actors=2 ops=1 : A B2 A
Get step=1 actor=A word=Count read=0
Get step=2 actor=B word=Count read=0
Set step=3 actor=B word=Count wrote=1
Set step=4 actor=A word=Count wrote=1`)
	if err != nil {
		panic(err)
	}
	for _, r := range race.Find(t) {
		fmt.Print(&r)
	}
	// Output:
	// WARNING: DATA RACE
	// Write of Count by actor B in step 3:
	//   holding no lock
	// Previous read of Count by actor A in step 1:
	//   holding no lock
	// Nothing orders the two. No lock protects it anywhere.
	// Replay: shmrace replay 'shmrace/1 counter/unlocked actors=2 ops=1 : A B2 A'
}
