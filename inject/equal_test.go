package inject_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"shmrace/inject"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A generated program's state: shared words, and what each actor has seen,
// written without a point.
type drawn struct {
	Word [3]shmlab.Uint32
	Lock [2]shmlab.Uint32
	Seen [3]shmlab.Uint64
}

// An op is one operation of a generated program.
type op struct {
	kind  string
	word  int
	value uint32
}

func (o op) String() string { return fmt.Sprintf("%s(%d,%d)", o.kind, o.word, o.value) }

// steps is how many points an op has at most.
func (o op) steps() int {
	switch o.kind {
	case "locked", "spin":
		return 4
	case "copy", "wake", "trylocked":
		return 2
	}
	return 1
}

func (o op) run(p *shmlab.Proc, s *drawn) {
	w := &s.Word[o.word]
	seen := func(v uint32) {
		log := &s.Seen[p.Index()]
		log.Init(log.Peek()*31 + uint64(v) + 1)
	}
	switch o.kind {
	case "read":
		seen(w.Load(p))
	case "write":
		w.Store(p, o.value)
	case "cas":
		if w.CompareAndSwap(p, o.value, o.value+1) {
			seen(1)
		}
	case "add":
		w.Add(p, o.value)
	case "swap":
		seen(w.Swap(p, o.value))
	case "copy":
		s.Word[(o.word+1)%3].Store(p, w.Load(p)+o.value)
	case "if":
		if w.Load(p) == o.value {
			s.Word[(o.word+1)%3].Store(p, 2)
		}
	case "await":
		p.Until(w.Is(o.value))
	case "either":
		p.Until(w.Is(o.value).Not().Or(s.Word[(o.word+1)%3].Is(1)))
	case "spin":
		for w.Load(p) != o.value && s.Word[(o.word+1)%3].Load(p) != 1 {
			p.Yield()
		}
	case "locked":
		m := &s.Lock[o.word%2]
		acquire(p, m)
		w.Store(p, w.Load(p)+1)
		release(p, m)
	case "trylocked":
		m := &s.Lock[o.word%2]
		p.Enter(trace.TryLock, m.Is(0).Word())
		ok := m.CompareAndSwap(p, 0, 1)
		p.Leave(ok)
		if ok {
			release(p, m)
			seen(1)
		}
	case "both", "varies":
		kind := trace.Unlock
		if o.kind == "varies" {
			kind = trace.TryLock // of which nobody can tell that it writes another word
		}
		p.Enter(kind, w.Is(0).Word())
		w.Store(p, s.Word[(o.word+1)%3].Load(p)+1)
		p.Leave(true)
	case "wait":
		if w.Wait(p, o.value, 0) == nil {
			seen(1)
		}
	case "timed":
		if w.Wait(p, o.value, 1) == shmlab.ErrTimeout {
			seen(2)
		}
	case "wake":
		w.Store(p, o.value)
		seen(uint32(w.Wake(p, 1)))
	}
}

func acquire(p *shmlab.Proc, m *shmlab.Uint32) {
	p.Enter(trace.Lock, m.Is(0))
	m.CompareAndSwap(p, 0, 1)
	p.Leave(true)
}

func release(p *shmlab.Proc, m *shmlab.Uint32) {
	p.Enter(trace.Unlock, m.Is(0).Word())
	m.Swap(p, 0)
	p.Leave(true)
}

var (
	plainOps = []string{"read", "write", "cas", "add", "swap", "copy", "if", "locked"}
	exactOps = append([]string{"await", "either", "trylocked", "both", "wait", "timed", "wake", "spin"}, plainOps...)
	allOps   = append([]string{"varies"}, exactOps...)
)

// draw draws a program of two or three actors with at most 10 points.
func draw(t *rapid.T, kinds []string) [][]op {
	actors := rapid.IntRange(2, 3).Draw(t, "actors")
	bodies := make([][]op, actors)
	left := 10
	for i := range bodies {
		n := rapid.IntRange(1, 4).Draw(t, "ops")
		for range n {
			o := op{
				rapid.SampledFrom(kinds).Draw(t, "kind"),
				rapid.IntRange(0, 2).Draw(t, "word"),
				rapid.Uint32Range(0, 2).Draw(t, "value"),
			}
			if left -= o.steps(); left >= 0 {
				bodies[i] = append(bodies[i], o)
			}
		}
	}
	return bodies
}

func labOf[P piece](bodies [][]P, always func(s *drawn) error) shmlab.Lab[drawn] {
	return shmlab.Lab[drawn]{
		Name:   "test/drawn",
		Size:   shmlab.Size{Actors: len(bodies), Ops: 1},
		Always: always,
		Actors: func(shmlab.Size) []shmlab.Actor[drawn] {
			var actors []shmlab.Actor[drawn]
			for _, ops := range bodies {
				actors = append(actors, shmlab.Actor[drawn]{Name: "act", Body: func(p *shmlab.Proc, s *drawn) {
					for _, o := range ops {
						o.run(p, s)
					}
				}})
			}
			return actors
		},
	}
}

// A watcher is a strategy whose schedules are sorted into classes: two are
// equivalent if they are the same but for the order of steps that touch no
// common word, or only read it.
type watcher struct {
	shmlab.Strategy
	decided []trace.Actor
	touched [][]shmlab.Touch
}

func (w *watcher) Begin() bool {
	w.decided, w.touched = nil, nil
	return w.Strategy.Begin()
}

func (w *watcher) Next(c *shmlab.Choice) trace.Decision {
	w.took(c)
	d := w.Strategy.Next(c)
	w.decided = append(w.decided, d.Actor)
	return d
}

func (w *watcher) took(c *shmlab.Choice) {
	if len(w.touched) < len(w.decided) {
		w.touched = append(w.touched, slices.Clone(c.Touched()))
	}
}

// End is called when the run is over.
func (w *watcher) End(c *shmlab.Choice) {
	w.took(c)
	if o, ok := w.Strategy.(shmlab.Observer); ok {
		o.End(c)
	}
}

// class returns the same text for equivalent schedules: for each word who
// wrote it in which step, and between two writes the set of those who read it.
func (w *watcher) class() string {
	words := map[uint32][]string{}
	reads := map[uint32][]string{}
	number := map[trace.Actor]int{}
	flush := func(off uint32) {
		slices.Sort(reads[off])
		words[off] = append(words[off], strings.Join(reads[off], "+"))
		reads[off] = nil
	}
	for i, a := range w.decided {
		number[a]++
		name := fmt.Sprint(a, number[a])
		for _, t := range w.touched[i] {
			if t.Off == shmlab.Everything {
				words[t.Off] = append(words[t.Off], fmt.Sprint(name, number))
			} else if t.Wrote {
				flush(t.Off)
				words[t.Off] = append(words[t.Off], name)
			} else {
				reads[t.Off] = append(reads[t.Off], name)
			}
		}
	}
	for off := range reads {
		flush(off)
	}
	return fmt.Sprint(words, number) // maps are printed in the order of their keys
}

// outcomes runs a lab until nothing is left, and returns its final states.
func outcomes(t testing.TB, lab shmlab.AnyLab, s shmlab.Strategy) map[string]bool {
	bench, err := shmlab.Open(lab, shmlab.Setting{Host: shmlab.Coroutines, Steps: 100})
	if err != nil {
		t.Fatal(err)
	}
	defer bench.Close()
	seen := map[string]bool{}
	for s.Begin() {
		run, err := bench.Run(s)
		if err != nil {
			t.Fatal(err)
		}
		if run.Verdict != trace.Undecided {
			seen[fmt.Sprint(run.Verdict, bench.StateHash())] = true
		}
	}
	return seen
}

func all() *inject.DFS {
	return inject.NewDFS(inject.Bound{Preemptions: inject.Unbounded, Delays: inject.Unbounded})
}

// classes is a watcher of all schedules that counts the classes met.
type classes struct {
	watcher
	met map[string]bool
}

func (c *classes) End(choice *shmlab.Choice) {
	c.watcher.End(choice)
	if len(choice.Enabled) == 0 {
		c.met[c.class()] = true
	}
}

// On generated programs, DPOR reaches the final states that all interleavings
// reach, and takes one schedule of each class.
func TestDPORAgainstAllInterleavings(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		for range 3 {
			bodies := draw(r, exactOps)
			var always func(s *drawn) error
			if rapid.Bool().Draw(r, "always") { // then the order of writes matters, to whatever word
				always = func(*drawn) error { return nil }
			}
			dpor, got, want := both(r, t, labOf(bodies, always), bodies)
			if dpor.Explored() != want || dpor.Blocked() != 0 || got != want {
				r.Fatalf("%v: %d schedules of %d classes, %d of them blocked, expected %d and 0", bodies, dpor.Explored(), got, dpor.Blocked(), want)
			}
		}
	})
}

// The same with steps of which it cannot be foreseen what they touch: nothing is
// missed, but some schedules are begun in vain.
func TestDPORAgainstAllInterleavingsUnforeseen(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		bodies := draw(r, allOps)
		if _, got, want := both(r, t, labOf(bodies, nil), bodies); got != want {
			r.Fatalf("%v: %d classes, expected %d", bodies, got, want)
		}
	})
}

// both compares the final states that DPOR and all interleavings reach, and
// returns how many classes of interleavings DPOR meets, and how many there are.
func both(r *rapid.T, t *testing.T, lab shmlab.AnyLab, bodies [][]op) (dpor *inject.DPOR, got, want int) {
	dpor = inject.NewDPOR()
	some := &classes{watcher{Strategy: dpor}, map[string]bool{}}
	every := &classes{watcher{Strategy: all()}, map[string]bool{}}
	compare(r, bodies, outcomes(t, lab, some), outcomes(t, lab, every))
	return dpor, len(some.met), len(every.met)
}

// An Always that looks at the words sees each combination of values that it
// sees in all interleavings.
func TestDPORAlways(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		bodies := draw(r, plainOps)
		look := func(s shmlab.Strategy) map[string]bool {
			seen := map[string]bool{}
			outcomes(t, labOf(bodies, func(s *drawn) error {
				seen[fmt.Sprint(s.Word[0].Peek(), s.Word[1].Peek(), s.Word[2].Peek())] = true
				return nil
			}), s)
			return seen
		}
		compare(r, bodies, look(inject.NewDPOR()), look(all()))
	})
}

func compare[P piece](t *rapid.T, bodies [][]P, got, want map[string]bool) {
	for s := range want {
		if !got[s] {
			t.Fatalf("%v: %d of %d states are not found", bodies, len(want)-len(got), len(want))
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%v: %d states are found, expected %d", bodies, len(got), len(want))
	}
}
