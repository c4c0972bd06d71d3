package linear_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"shmrace/inject"
	"shmrace/property/linear"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// models are all models with the definition they are compared with, what can be
// called and what can come of it, "|" between.
var models = map[string]modelled{
	"counter":  {linear.Counter(0), func() object { return &number{} }, "inc|dec|get", "|0|1|2|-1", ""},
	"register": {linear.Register("0"), func() object { return &value{"0"} }, "read|write 1|write 2|swap 1|cas 0 1|cas 1 2", "|0|1|2|true|false", "write"},
	"queue":    {linear.Queue(2), func() object { return &list{capacity: 2} }, "enqueue 1|enqueue 2|dequeue", "|1|2|empty|full", "enqueue"},
	"stack":    {linear.Stack(2), func() object { return &list{capacity: 2, lifo: true} }, "push 1|push 2|pop", "|1|2|empty|full", "push"},
	"lock":     {linear.Lock(), func() object { return &lock{} }, "lock|unlock|trylock", "|true|false|owner died", "lock|unlock"},
	"map":      {linear.Map(), func() object { return table{} }, "put a 1|put b 2|get a|get b|delete a", "|1|2|none", "put"},
}

// A modelled is a model, its definition, and what can be called and returned.
type modelled struct {
	model          linear.Model
	object         func() object
	calls, results string
	silent         string // what returns nothing to be judged
}

// admitted are the results that can be drawn of a call.
func (m *modelled) admitted(call string) []string {
	results := strings.Split(m.results, "|")
	if slices.Contains(strings.Split(m.silent, "|"), strings.Fields(call)[0]) {
		results = slices.DeleteFunc(results, func(r string) bool { return !slices.Contains([]string{"", "true", "full", "owner died"}, r) })
	}
	return results
}

// histories draws traces of calls and returns of 3 actors, one of which may be
// killed.
func histories(t *rapid.T, m modelled) *trace.Trace {
	made := &trace.Trace{Schedule: trace.Schedule{Lab: "a/b", Actors: 3, Ops: 1}}
	called := map[trace.Actor]string{}
	dead := map[trace.Actor]bool{}
	for range rapid.IntRange(1, 12).Draw(t, "events") {
		e := trace.Event{Actor: trace.Actor(rapid.IntRange(0, 2).Draw(t, "actor")), Step: len(made.Events) + 1}
		switch {
		case dead[e.Actor]:
			continue
		case rapid.IntRange(0, 19).Draw(t, "kill") == 19:
			e.Kind, e.Note, dead[e.Actor] = trace.Injected, "kill", true
		case called[e.Actor] != "":
			e.Kind, e.Note, called[e.Actor] = trace.Return, rapid.SampledFrom(m.admitted(called[e.Actor])).Draw(t, "result"), ""
		default:
			e.Kind, e.Note = trace.Call, rapid.SampledFrom(strings.Split(m.calls, "|")).Draw(t, "call")
			called[e.Actor] = e.Note
		}
		made.Events = append(made.Events, e)
	}
	return made
}

// TestAsTheReference compares with every order of every choice of pending ones.
func TestAsTheReference(t *testing.T) {
	for name, m := range models {
		t.Run(name, func(t *testing.T) {
			found := map[bool]int{}
			rapid.Check(t, func(t *rapid.T) {
				for range 50 {
					made := histories(t, m)
					r, err := linear.Check(made, m.model, 0)
					if err != nil {
						t.Fatal(err)
					}
					want := linearizable(r.History, m.object)
					found[want]++
					if (r.Verdict == trace.Holds) != want || r.Verdict == trace.Undecided {
						t.Fatalf("%v, the reference says %v\n%v", r.Verdict, want, r)
					}
					if want != (len(r.Left) == 0) {
						t.Fatalf("%d operations are left\n%v", len(r.Left), r)
					}
				}
			})
			if found[true] < 20 || found[false] < 20 {
				t.Errorf("the histories are too much alike: %v", found)
			}
		})
	}
}

// traced is a trace of these events, each a step of its own.
func traced(t *testing.T, lines ...string) *trace.Trace {
	t.Helper()
	made, err := trace.Parse("shmrace/1 a/b actors=3 ops=1 :" + strings.Repeat(" A", len(lines)) + "\n" + strings.Join(lines, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// What the model cannot judge must not pass for a success.
func TestUnjudged(t *testing.T) {
	for _, c := range []struct {
		model     linear.Model
		call, got string
	}{
		{linear.Lock(), "lock", "false"}, {linear.Lock(), "unlock", "not owner"}, {linear.Semaphore(1), "acquire", "timeout"},
		{linear.Queue(0), "enqueue 1", "false"}, {linear.Group(1), "done", "broken"}, {linear.Register("0"), "write 1", "0"},
	} {
		made := traced(t, fmt.Sprintf("Call step=1 actor=A note=%q", c.call), fmt.Sprintf("Return step=2 actor=A note=%q", c.got))
		r, err := linear.Check(made, c.model, 0)
		if err == nil || !strings.Contains(err.Error(), "cannot judge \""+c.call+" -> "+c.got) {
			t.Errorf("%s -> %s: %v, %v", c.call, c.got, r, err)
		}
	}
}

func TestReport(t *testing.T) {
	made := traced(t, `Call step=1 actor=A note="enqueue 1"`, "Return step=2 actor=A note=<nil>", `Call step=3 actor=A note="enqueue 2"`,
		"Call step=4 actor=B note=dequeue", "Return step=5 actor=B note=2", "Injected step=6 actor=A note=kill")
	r, err := linear.Check(made, linear.Queue(0), 0)
	if err != nil {
		t.Fatal(err)
	}
	want := `The queue is NOT LINEARIZABLE: no order of these gives these results.
  A steps 1 to 2: enqueue 1
  A steps 3 to 6: enqueue 2 never returns
> B steps 4 to 5: dequeue -> 2
`
	if r.Verdict != trace.Violated || r.String() != want {
		t.Errorf("told as\n%v\nexpected\n%s", r, want)
	}
	var page bytes.Buffer
	if err := r.HTML(&page); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"<html", "enqueue 2 never returns", "dequeue -\\u003e 2", `"kill"`} {
		if !strings.Contains(page.String(), part) {
			t.Errorf("the page says nothing of %q", part)
		}
	}
}

// TestReportFits: however many operations, the report is a screen and shows one
// that does not fit.
func TestReportFits(t *testing.T) {
	var lines []string
	for i := range 40 {
		lines = append(lines, fmt.Sprintf("Call step=%d actor=A note=inc", i+1), fmt.Sprintf("Return step=%d actor=A note=%d", i+1, i+1-i/30))
	}
	r, err := linear.Check(traced(t, lines...), linear.Counter(0), 0)
	if err != nil {
		t.Fatal(err)
	}
	text := r.String()
	if n := strings.Count(text, "\n"); r.Verdict != trace.Violated || n > 20 || !strings.Contains(text, "\n> ") {
		t.Errorf("%v, %d lines:\n%s", r.Verdict, n, text)
	}
	for line := range strings.Lines(text) {
		if len(line) > 80 {
			t.Errorf("%d columns: %s", len(line), line)
		}
	}
}

// TestUndecided: a search that is not given enough time says so.
func TestUndecided(t *testing.T) {
	made := &trace.Trace{Schedule: trace.Schedule{Lab: "a/b", Actors: 40, Ops: 1}}
	for i, kind := range []trace.Kind{trace.Call, trace.Return} {
		for a := range trace.Actor(40) {
			note := fmt.Sprintf("write %d", a)
			if kind == trace.Return {
				note = ""
			}
			if a >= 20 {
				note = [...]string{"read", fmt.Sprint((a * 7) % 20)}[i]
			}
			made.Events = append(made.Events, trace.Event{Kind: kind, Actor: a, Note: note})
		}
	}
	made.Events[79].Note = "nothing that was written"
	r, err := linear.Check(made, linear.Register("0"), time.Nanosecond)
	if err != nil {
		t.Fatal(err)
	}
	if r.Verdict != trace.Undecided || !strings.Contains(r.String(), "not decided") {
		t.Errorf("%v", r)
	}
}

func TestNoHistory(t *testing.T) {
	for _, c := range []struct {
		lines []string
		want  string
	}{
		{[]string{"Call step=1 actor=A note=pop"}, `a counter has no operation "pop": expected inc, dec, add N, get`},
		{[]string{`Call step=1 actor=A note="add x"`}, `a counter has no operation "add x": expected inc, dec, add N, get`},
		{[]string{"Call step=1 actor=A note=inc", "Call step=2 actor=A note=get"}, `A calls "get" in step 2 within "inc never returns": an operation cannot be part of another`},
		{[]string{"Return step=1 actor=A note=3"}, `A returns "3" in step 1 and had called nothing`},
		{[]string{`Call step=1 actor=A note=" "`}, `A calls an operation without a name in step 1`},
	} {
		if _, err := linear.Check(traced(t, c.lines...), linear.Counter(0), 0); err == nil || err.Error() != c.want {
			t.Errorf("%v: %v, expected %s", c.lines, err, c.want)
		}
	}
}

// A tally is counted up in one step, or in two.
type tally struct{ N shmlab.Int64 }

func counting(increment func(p *shmlab.Proc, s *tally) int64) shmlab.AnyLab {
	return shmlab.Lab[tally]{
		Name: "test/tally", Size: shmlab.Size{Actors: 2, Ops: 1},
		Actors: func(size shmlab.Size) []shmlab.Actor[tally] {
			return shmlab.Each(size.Actors, "counts", func(p *shmlab.Proc, s *tally) {
				p.Op("inc", func() any { return increment(p, s) })
				p.Op("get", func() any { return s.N.Load(p) })
			})
		},
	}
}

// TestALab: a counter of one step is linearizable in every schedule, one of two
// is not in some; somebody killed changes nothing of that.
func TestALab(t *testing.T) {
	for _, c := range []struct {
		increment func(p *shmlab.Proc, s *tally) int64
		right     bool
	}{
		{func(p *shmlab.Proc, s *tally) int64 { return s.N.Add(p, 1) }, true},
		{func(p *shmlab.Proc, s *tally) int64 { n := s.N.Load(p); s.N.Store(p, n+1); return n + 1 }, false},
	} {
		bench, err := shmlab.Open(counting(c.increment), shmlab.Setting{Host: shmlab.Coroutines})
		if err != nil {
			t.Fatal(err)
		}
		violated, pending := 0, 0
		for _, strategy := range []shmlab.Strategy{inject.NewRandom(1), inject.NewCrash(inject.NewRandom(1), 1)} {
			for range 200 {
				strategy.Begin()
				made, err := bench.Trace(strategy)
				if err != nil {
					t.Fatal(err)
				}
				r, err := linear.Check(made, linear.Counter(0), 0)
				if err != nil {
					t.Fatal(err)
				}
				if r.Verdict != trace.Holds {
					violated++
				}
				for _, o := range r.History {
					if o.Pending {
						pending++
					}
				}
			}
		}
		bench.Close()
		if c.right != (violated == 0) || pending == 0 {
			t.Errorf("right: %v, %d of 400 violated, %d operations pending", c.right, violated, pending)
		}
	}
}

func ExampleCheck() {
	t, err := trace.Parse(`shmrace/1 stack/unlocked actors=2 ops=1 : A B A B
Call step=0 actor=A note="push 1"
Call step=0 actor=B note=pop
Return step=3 actor=A
Return step=4 actor=B note=2`)
	if err != nil {
		panic(err)
	}
	r, err := linear.Check(t, linear.Stack(0), time.Minute)
	if err != nil {
		panic(err)
	}
	fmt.Print(r)
	// Output:
	// The stack is NOT LINEARIZABLE: no order of these gives these results.
	//   A steps 0 to 3: push 1
	// > B steps 0 to 4: pop -> 2
}
