package waiting_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"shmrace/inject"
	"shmrace/property/waiting"
	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// traced is a trace of these events, separated by "|", each a step of its own.
func traced(t rapid.TB, text string) *trace.Trace {
	t.Helper()
	made := &trace.Trace{Schedule: trace.Schedule{Lab: "a/b", Actors: 4, Ops: 1}}
	for i, line := range strings.Split(text, "|") {
		name, rest, _ := strings.Cut(line, " ")
		e, err := trace.ParseEvent(fmt.Sprintf("%s step=%d %s", name, i+1, rest))
		if err != nil {
			t.Fatal(err)
		}
		made.Events = append(made.Events, e)
	}
	return made
}

// lines are the texts of what was found.
func lines[T any, P interface {
	*T
	fmt.Stringer
}](found []T) string {
	var text []string
	for i := range found {
		text = append(text, P(&found[i]).String())
	}
	return strings.Join(text, "\n")
}

// expect compares what check finds in each trace with what it should.
func expect(t *testing.T, check func(*trace.Trace) string, cases map[string]string) {
	t.Helper()
	for text, want := range cases {
		if got := check(traced(t, text)); got != want {
			t.Errorf("%s\nis told as\n%s\nexpected\n%s", text, got, want)
		}
	}
}

func TestWaits(t *testing.T) {
	expect(t, func(made *trace.Trace) string {
		waits := waiting.Waits(made)
		return lines(waits) + "\n" + lines(waiting.Cycle(made))
	}, map[string]string{
		"Lock actor=A word=M|Lock actor=B word=N|Blocked actor=A word=N note=Lock at=a.go:1|Blocked actor=B word=M note=Lock": "A waits for N (a.go:1), which B holds\nB waits for M, which A holds\n" +
			"A waits for N (a.go:1), which B holds\nB waits for M, which A holds",
		"Lock actor=A word=M|Injected actor=A note=kill|Blocked actor=B word=M note=Lock":                                       "B waits for M; A, which was killed in step 2, holds M\n",
		"RLock actor=A word=M|RLock actor=B word=M|Injected actor=B note=usr1|Died actor=B|Blocked actor=C word=M note=Lock":    "C waits for M, which A holds; B, which died of USR1 in step 3, holds M\n",
		"Lock actor=B word=M|Died actor=B|Blocked actor=C word=M note=Lock":                                                     "C waits for M; B, which died in step 2, holds M\n",
		"Lock actor=A word=M|Injected actor=A note=kill|Lock actor=B word=M|Blocked actor=C word=M note=Lock":                   "C waits for M, which B holds\n",
		"Lock actor=A word=M|Finish actor=A|Blocked actor=B word=M note=Lock|Blocked actor=C word=f note=Wait":                  "B waits for M, which A holds\nC waits for f\n",
		"RLock actor=A word=M|RLock actor=B word=M|Lock actor=C word=N|Blocked actor=C word=M note=Lock|Blocked actor=B word=N": "C waits for M, which A and B hold\nB waits for N, which C holds\nB waits for N, which C holds\nC waits for M, which A and B hold",
		"Lock actor=A word=M|Blocked actor=A word=M note=Lock":                                                                  "A waits for M, which it holds itself\nA waits for M, which it holds itself",
		"Lock actor=A word=M|Unlock actor=A word=M":                                                                             "\n",
	})
}

func TestLostWakeups(t *testing.T) {
	expect(t, func(made *trace.Trace) string { return lines(waiting.LostWakeups(made)) }, map[string]string{
		"Load actor=A word=f read=0|Wake actor=B word=f note=\"woke nobody\"|Wait actor=A word=f read=0 note=asleep|Blocked actor=A word=f note=Wait": "A sleeps for ever on f since step 3. B's wake in step 2 found nobody asleep. It came after A had looked, in step 1.",
		"Wake actor=B word=f note=\"woke nobody\"|Load actor=A word=f read=0|Wait actor=A word=f read=0 note=asleep|Blocked actor=A word=f note=Wait": "",
		"Wait actor=A word=f read=0 note=asleep at=a.go:1|Store actor=B word=f wrote=1 at=a.go:2|Blocked actor=A word=f note=Wait":                    "A sleeps for ever on f since step 1 (a.go:1). It sleeps on 0, and B wrote 1 in step 2 (a.go:2) without waking it.",
		"Wait actor=A word=f read=0 note=asleep|Store actor=B word=f wrote=1|Store actor=B word=f wrote=0|Blocked actor=A word=f note=Wait":           "",
		"Wait actor=A word=f read=0 note=asleep|Store actor=B word=f wrote=1|Wake actor=B word=f note=\"woke A\"|Load actor=A word=f read=1":          "",
		"Wait actor=A word=f read=0 note=asleep|Store actor=B word=f wrote=1|Failed actor=B note=no":                                                  "",
	})
}

func TestSpins(t *testing.T) {
	expect(t, func(made *trace.Trace) string { return lines(waiting.Spins(made, 3)) }, map[string]string{
		"Load actor=A word=f read=0 at=a.go:1|Yield actor=A|Load actor=A word=f read=0|Store actor=B word=g wrote=1|Load actor=A word=f read=0|Load actor=A word=f read=1": "A waits busily: it looked at f 3 times and found 0 each time, steps 1 to 5 (a.go:1)",
		"Load actor=A word=f read=0|Load actor=A word=f read=0|Load actor=A word=f read=1|Load actor=A word=f read=1":                                                      "",
		"Load actor=A word=f read=0|Load actor=A word=f read=0|Set actor=A word=x wrote=1|Load actor=A word=f read=0":                                                      "",
		"TryLock actor=A word=M note=failed|TryLock actor=A word=M note=failed|TryLock actor=A word=M note=failed|TryLock actor=A word=M":                                  "A waits busily: it looked at M 3 times, steps 1 to 3",
	})
}

func TestBypasses(t *testing.T) {
	expect(t, func(made *trace.Trace) string { return lines(waiting.Bypasses(made)) }, map[string]string{
		"Get actor=A word=x|Lock actor=B word=M|Unlock actor=B word=M|Lock actor=B word=M|Unlock actor=B word=M|Lock actor=A word=M": "A was overtaken 2 times at M",
		"Lock actor=B word=M|Unlock actor=B word=M|Get actor=A word=x|Lock actor=A word=M":                                           "",
		"Lock actor=B word=M|Lock actor=C word=N|Blocked actor=A word=M note=Lock at=a.go:3":                                         "A was overtaken 1 times at M (a.go:3) and never got it",
	})
}

func TestOrderCycle(t *testing.T) {
	expect(t, func(made *trace.Trace) string { return lines(waiting.OrderCycle(made)) }, map[string]string{
		"Lock actor=A word=M|Lock actor=A word=N at=a.go:1|Unlock actor=A word=N|Unlock actor=A word=M|Lock actor=B word=N|Lock actor=B word=M": "A takes N while it holds M (a.go:1)\nB takes M while it holds N",
		"Lock actor=A word=M|Lock actor=A word=N|Unlock actor=A word=N|Unlock actor=A word=M|Lock actor=A word=N|Lock actor=A word=M":           "",
		"Lock actor=A word=M|Lock actor=A word=N|Unlock actor=A word=N|Unlock actor=A word=M|Lock actor=B word=M|Lock actor=B word=N":           "",
		"Lock actor=A word=G|Lock actor=A word=M|Lock actor=A word=N|Unlock actor=A word=N|Unlock actor=A word=M|Unlock actor=A word=G|" +
			"Lock actor=B word=G|Lock actor=B word=N|Lock actor=B word=M": "",
		"Lock actor=A word=M|TryLock actor=A word=N|Unlock actor=A word=N|Unlock actor=A word=M|Lock actor=B word=N|Lock actor=B word=M": "",
		// readers keep nobody from a lock who reads, and wait only behind a writer
		"RLock actor=A word=G|Lock actor=A word=M|Lock actor=A word=N|Unlock actor=A word=N|Unlock actor=A word=M|RUnlock actor=A word=G|" +
			"RLock actor=B word=G|Lock actor=B word=N|Lock actor=B word=M": "A takes N while it holds M and G\nB takes M while it holds N and G",
		"RLock actor=A word=M|RLock actor=A word=N|RUnlock actor=A word=N|RUnlock actor=A word=M|RLock actor=B word=N|RLock actor=B word=M": "",
		"RLock actor=A word=M|RLock actor=A word=N|RUnlock actor=A word=N|RUnlock actor=A word=M|RLock actor=B word=N|RLock actor=B word=M|" +
			"RUnlock actor=B word=N|RUnlock actor=B word=M|Lock actor=C word=M|Unlock actor=C word=M|Lock actor=C word=N": "A takes N while it holds M\nB takes M while it holds N",
		"Lock actor=A word=M|Lock actor=A word=N|Unlock actor=A word=N|Lock actor=B word=N|Lock actor=B word=O|Unlock actor=B word=O|" +
			"Lock actor=C word=O|Blocked actor=C word=M note=Lock": "A takes N while it holds M\nB takes O while it holds N\nC takes M while it holds O",
	})
}

// TestOrderCycleAsTheReference compares with every choice of edges in every order.
func TestOrderCycleAsTheReference(t *testing.T) {
	found := map[int]int{}
	rapid.Check(t, func(t *rapid.T) {
		for range 60 {
			var text []string
			for range rapid.IntRange(1, 16).Draw(t, "events") {
				text = append(text, fmt.Sprintf("%s actor=%v word=%s", rapid.SampledFrom([]string{"Lock", "Lock", "Unlock", "TryLock", "RLock", "RUnlock"}).Draw(t, "kind"),
					trace.Actor(rapid.IntRange(0, 3).Draw(t, "actor")), rapid.SampledFrom([]string{"M", "N", "O"}).Draw(t, "word")))
			}
			made := traced(t, strings.Join(text, "|"))
			got, want := waiting.OrderCycle(made), shortest(made.Events, waiting.Edges(made))
			if len(got) != want {
				t.Fatalf("a cycle of %d edges, the reference finds %d\n%s\n%s", len(got), want, strings.Join(text, "\n"), lines(got))
			}
			found[want]++
		}
	})
	if rare := found[0]+found[2] > 4000; found[0] == 0 || found[2] == 0 || rare && found[3] == 0 {
		t.Errorf("the traces are too much alike: %v", found)
	}
}

// shortest is the definition: the smallest number of edges that can be put in a
// circle so that no two exclude each other; 0 if there is none.
func shortest(events []trace.Event, edges []waiting.Edge) int {
	best := 0
	var try func(path []waiting.Edge)
	try = func(path []waiting.Edge) {
		if n := len(path); n > 1 && waitsFor(events, path[n-1], path[0]) && (best == 0 || n < best) {
			best = n
		}
		for _, e := range edges {
			fits := len(path) == 0 || waitsFor(events, path[len(path)-1], e)
			for _, f := range path {
				common := false
				for _, l := range e.Gates {
					common = common || slices.Contains(f.Gates, l) && (!slices.Contains(e.Shared, l) || !slices.Contains(f.Shared, l))
				}
				fits = fits && f.Taken.Actor != e.Taken.Actor && f.Held != e.Held && !common
			}
			if fits {
				try(append(slices.Clone(path), e))
			}
		}
	}
	try(nil)
	return best
}

// waitsFor is the definition: late takes what early holds, and not both read it,
// or a third waits to write it.
func waitsFor(events []trace.Event, late, early waiting.Edge) bool {
	if late.Taken.Kind == trace.RLock && slices.Contains(early.Shared, early.Held) {
		third := func(e trace.Event) bool {
			return e.Kind == trace.Lock && e.Word == early.Held && e.Actor != late.Taken.Actor && e.Actor != early.Taken.Actor
		}
		return late.Taken.Word == early.Held && slices.ContainsFunc(events, third)
	}
	return late.Taken.Word == early.Held
}

// TestOrderCycleOfManyLocks: hand over hand through twelve locks, by eight actors,
// is no cycle, nor is a ring of as many locks, and both are seen at once.
func TestOrderCycleOfManyLocks(t *testing.T) {
	for _, ring := range []int{0, 1} {
		var text []string
		for actor := range trace.Actor(8) {
			text = append(text, fmt.Sprintf("Lock actor=%v word=M00", actor))
			for i := 1; i < 12+ring; i++ {
				text = append(text, fmt.Sprintf("Lock actor=%v word=M%02d", actor, i%12), fmt.Sprintf("Unlock actor=%v word=M%02d", actor, i-1))
			}
			text = append(text, fmt.Sprintf("Unlock actor=%v word=M%02d", actor, (11+ring)%12))
		}
		if c := waiting.OrderCycle(traced(t, strings.Join(text, "|"))); c != nil {
			t.Errorf("ring %d: a cycle of 12 locks cannot be of 8 actors:\n%s", ring, lines(c))
		}
	}
}

// each calls f with the trace of every schedule of a lab.
func each(t *testing.T, lab shmlab.AnyLab, f func(*trace.Trace)) (schedules int) {
	t.Helper()
	bench, err := shmlab.Open(lab, shmlab.Setting{Host: shmlab.Coroutines, Size: shmlab.Size{Actors: 2, Ops: 1}})
	if err != nil {
		t.Fatal(err)
	}
	defer bench.Close()
	dfs := inject.NewDFS(inject.Bound{Preemptions: inject.Unbounded, Delays: inject.Unbounded})
	for dfs.Begin() {
		made, err := bench.Trace(dfs)
		if err != nil {
			t.Fatal(err)
		}
		f(made)
		schedules++
	}
	return schedules
}

// TestDeadlockOfALab: there is a cycle exactly in the schedules that end in a
// deadlock, and the lock order warns in the others too.
func TestDeadlockOfALab(t *testing.T) {
	deadlocks, warned := 0, 0
	n := each(t, workload.TransferArgumentOrder, func(made *trace.Trace) {
		cycle := waiting.Cycle(made)
		if (len(cycle) == 2) != (made.Verdict == trace.Deadlock) {
			t.Errorf("%v with a cycle of %d:\n%v", made.Verdict, len(cycle), made)
		}
		if made.Verdict == trace.Deadlock {
			deadlocks++
		}
		if len(waiting.OrderCycle(made)) == 2 {
			warned++
		}
	})
	if deadlocks == 0 || deadlocks == n || warned != n {
		t.Errorf("%d schedules, %d deadlocks, %d with a warning", n, deadlocks, warned)
	}
	each(t, workload.TransferOrdered, func(made *trace.Trace) {
		if waiting.Cycle(made) != nil || waiting.OrderCycle(made) != nil || waiting.LostWakeups(made) != nil {
			t.Errorf("something is wrong with\n%v", made)
		}
	})
}

// A bell is what one actor waits for and another rings.
type bell struct{ Rung shmlab.Uint32 }

// bells is a lab in which the first actor waits as wait does, and the second rings.
func bells(wait func(p *shmlab.Proc, s *bell)) shmlab.AnyLab {
	return shmlab.Lab[bell]{
		Name: "test/bell", Size: shmlab.Size{Actors: 2, Ops: 1},
		Actors: func(shmlab.Size) []shmlab.Actor[bell] {
			return append(shmlab.Each(1, "waits", wait), shmlab.Each(1, "rings", func(p *shmlab.Proc, s *bell) {
				s.Rung.Store(p, 1)
				s.Rung.Wake(p, 1)
			})...)
		},
	}
}

// TestLostWakeupOfALab: it is found exactly in the schedules in which the waiter
// never wakes up. Whoever looks at the word and then sleeps on what it holds by
// then has looked at the wrong time.
func TestLostWakeupOfALab(t *testing.T) {
	asleep := 0
	each(t, bells(func(p *shmlab.Proc, s *bell) {
		if s.Rung.Load(p) == 0 {
			_ = s.Rung.Wait(p, s.Rung.Load(p), 0)
		}
	}), func(made *trace.Trace) {
		lost := waiting.LostWakeups(made)
		if (len(lost) == 1) != (made.Verdict == trace.Deadlock) {
			t.Errorf("%v, %d wake-ups lost:\n%v", made.Verdict, len(lost), made)
		}
		asleep += len(lost)
	})
	if asleep == 0 {
		t.Error("no wake-up is lost")
	}
	each(t, bells(func(p *shmlab.Proc, s *bell) {
		for s.Rung.Load(p) == 0 {
			_ = s.Rung.Wait(p, 0, 0)
		}
	}), func(made *trace.Trace) {
		if made.Verdict != trace.Holds || waiting.LostWakeups(made) != nil {
			t.Errorf("%v:\n%v", made.Verdict, made)
		}
	})
}

func ExampleOrderCycle() {
	t, err := trace.Parse(`shmrace/1 transfer/argument-order actors=2 ops=1 : A4 B4
Lock step=1 actor=A word=Accounts[0].Mu
Lock step=2 actor=A word=Accounts[1].Mu
Unlock step=3 actor=A word=Accounts[1].Mu
Unlock step=4 actor=A word=Accounts[0].Mu
Lock step=5 actor=B word=Accounts[1].Mu
Lock step=6 actor=B word=Accounts[0].Mu`)
	if err != nil {
		panic(err)
	}
	for _, e := range waiting.OrderCycle(t) {
		fmt.Println(&e)
	}
	// Output:
	// A takes Accounts[1].Mu while it holds Accounts[0].Mu
	// B takes Accounts[0].Mu while it holds Accounts[1].Mu
}
