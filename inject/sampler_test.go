package inject_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"shmrace/inject"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// lost is n actors that each read, add and write k times without a lock.
func lost(n, k int) faulty {
	return faulty{bodies: same(n, func(p *shmlab.Proc, s *small) {
		for range k {
			s.X.Store(p, s.X.Load(p)+1)
		}
	}), wrong: func(s *small) bool { return s.X.Peek() != int64(n*k) }}
}

func torn() faulty {
	return faulty{bodies: []body{
		func(p *shmlab.Proc, s *small) { s.X.Store(p, 1); s.Y.Store(p, 1) },
		func(p *shmlab.Proc, s *small) { s.bad(s.X.Load(p) != s.Y.Load(p)) },
	}}
}

func locked(f body) body {
	return func(p *shmlab.Proc, s *small) {
		lock(p, &s.L[0])
		f(p, s)
		unlock(p, &s.L[0])
	}
}

// account: the check is wrong about the order of a deposit and a withdrawal.
func account() faulty {
	const x, y, z = 1, 2, 4
	add := func(delta int64, flag int) body {
		return locked(func(p *shmlab.Proc, s *small) {
			s.X.Store(p, s.X.Load(p)+delta)
			s.Flag[flag].Store(p, 1)
		})
	}
	return faulty{bodies: []body{
		locked(func(p *shmlab.Proc, s *small) {
			if s.Flag[0].Load(p) != 0 && s.Flag[1].Load(p) != 0 {
				s.bad(x+s.X.Load(p) != (x-y)-z)
			}
		}),
		add(y, 0), add(-z, 1),
	}}
}

func lazy() faulty {
	add := func(delta int64) body {
		return locked(func(p *shmlab.Proc, s *small) { s.X.Store(p, s.X.Load(p)+delta) })
	}
	return faulty{bodies: []body{
		add(1), add(2),
		locked(func(p *shmlab.Proc, s *small) { s.bad(s.X.Load(p) >= 3) }),
	}}
}

func abba() faulty {
	both := func(first, second int) body {
		return func(p *shmlab.Proc, s *small) {
			lock(p, &s.L[first])
			lock(p, &s.L[second])
			unlock(p, &s.L[second])
			unlock(p, &s.L[first])
		}
	}
	return faulty{bodies: []body{both(0, 1), both(1, 0)}}
}

// twostage is a writers of two stages and b readers that see one of them.
func twostage(a, b int) faulty {
	write := func(p *shmlab.Proc, s *small) {
		lock(p, &s.L[0])
		s.X.Store(p, 1)
		unlock(p, &s.L[0])
		lock(p, &s.L[1])
		s.Y.Store(p, s.X.Load(p)+1)
		unlock(p, &s.L[1])
	}
	read := func(p *shmlab.Proc, s *small) {
		lock(p, &s.L[0])
		if s.X.Load(p) == 0 {
			unlock(p, &s.L[0])
			return
		}
		t1 := s.X.Load(p)
		unlock(p, &s.L[0])
		lock(p, &s.L[1])
		t2 := s.Y.Load(p)
		unlock(p, &s.L[1])
		s.bad(t2 != t1+1)
	}
	return faulty{bodies: append(same(a, write), same(b, read)...)}
}

// reorder is a writers that write twice and c readers that see only one of it.
func reorder(a, c int) faulty {
	return faulty{bodies: append(
		same(a, func(p *shmlab.Proc, s *small) { s.X.Store(p, 1); s.Y.Store(p, -1) }),
		same(c, func(p *shmlab.Proc, s *small) {
			x, y := s.X.Load(p), s.Y.Load(p)
			s.bad(!(x == 0 && y == 0) && !(x == 1 && y == -1))
		})...)}
}

// A faulty program fails in some schedules: it marks them, they end in a wrong
// state, or in a deadlock.
type faulty struct {
	bodies []body
	start  func(s *small) // the state before; nil: all zero
	wrong  func(s *small) bool
}

var errWrong = errors.New("wrong")

func (f faulty) lab() shmlab.Lab[small] {
	lab := program(f.bodies...).(shmlab.Lab[small])
	lab.Setup = func(s *small, _ shmlab.Size) {
		if f.start != nil {
			f.start(s)
		}
	}
	lab.Final = func(s *small) error {
		if s.Bad.Peek() != 0 || f.wrong != nil && f.wrong(s) {
			return errWrong
		}
		return nil
	}
	return lab
}

// A chance is a program with its exact numbers: of classes of schedules, of
// schedules, and the probability that a random walk fails.
type chance struct {
	name               string
	f                  faulty
	traces, badTraces  int
	interleavings, bad int
	walk               float64
}

var chances = []chance{
	{"lost update 2x1", lost(2, 1), 4, 2, 6, 4, 0.5},
	{"lost update 2x2", lost(2, 2), 34, 28, 70, 64, 0.8125},
	{"lost update 2x3", lost(2, 3), 328, 308, 924, 904, 0.93359},
	{"lost update 3x1", lost(3, 1), 36, 30, 90, 84, 0.83333},
	{"torn pair", torn(), 4, 2, 6, 2, 0.25},
	{"philosophers 2", faulty{bodies: philosophers(2)}, 3, 1, 6, 2, 0.5},
	{"philosophers 3", faulty{bodies: philosophers(3)}, 7, 1, 168, 6, 0.3333},
	{"philosophers 4", faulty{bodies: philosophers(4)}, 15, 1, 98184, 24, 0.2292},
	{"philosophers 5", faulty{bodies: philosophers(5)}, 31, 1, 66468720, 120, 0.1583},
	{"account", account(), 6, 2, 6, 2, 0.3333},
	{"lazy", lazy(), 6, 2, 6, 2, 0.3333},
	{"deadlock", abba(), 3, 1, 6, 2, 0.5},
	{"twostage 1+1", twostage(1, 1), 3, 1, 72, 1, 0.015625},
	{"twostage 2+1", twostage(2, 1), 40, 10, 17752, 284, 0.01395},
	{"reorder 2+1", reorder(2, 1), 36, 16, 90, 28, 0.24691},
	{"reorder 3+1", reorder(3, 1), 576, 216, 2520, 684, 0.22266},
}

// A weigher runs all schedules and adds up how likely a sampler is to take
// them, if it chooses among the enabled with the given weights.
type weigher struct {
	shmlab.Strategy
	weight func(a trace.Actor, taken int) float64
	taken  [trace.MaxActors]int
	now    float64
}

func (w *weigher) Begin() bool {
	w.taken, w.now = [trace.MaxActors]int{}, 1
	return w.Strategy.Begin()
}

func (w *weigher) Next(c *shmlab.Choice) trace.Decision {
	d := w.Strategy.Next(c)
	total := 0.0
	for _, a := range c.Enabled {
		total += w.weight(a, w.taken[a])
	}
	w.now *= w.weight(d.Actor, w.taken[d.Actor]) / total
	w.taken[d.Actor]++
	return d
}

// most is of how many interleavings all are taken.
const most = 1_000_000

// DPOR and DFS count what is in the table, and so does a random walk that is
// weighed and not drawn: the programs are the table's.
func TestExactChances(t *testing.T) {
	for _, c := range chances {
		if testing.Short() && c.interleavings > 1000 {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			traces, badTraces := tally(t, c.f, inject.NewDPOR(), func() float64 { return 1 })
			if int(traces) != c.traces || int(badTraces) != c.badTraces {
				t.Errorf("%v classes, %v bad, expected %d and %d", traces, badTraces, c.traces, c.badTraces)
			}
			if c.interleavings > most {
				return
			}
			n, bad := tally(t, c.f, all(), func() float64 { return 1 })
			if int(n) != c.interleavings || int(bad) != c.bad {
				t.Errorf("%v interleavings, %v bad, expected %d and %d", n, bad, c.interleavings, c.bad)
			}
			w := &weigher{Strategy: all(), weight: func(trace.Actor, int) float64 { return 1 }}
			if sum, p := tally(t, c.f, w, func() float64 { return w.now }); math.Abs(sum-1) > 1e-9 || math.Abs(p-c.walk) > 6e-5 {
				t.Errorf("a random walk fails with probability %.5f of %.3f, expected %.5f", p, sum, c.walk)
			}
		})
	}
}

// tally adds up what value says after each run, of all runs and of those that fail.
func tally(t *testing.T, f faulty, s shmlab.Strategy, value func() float64) (sum, bad float64) {
	explore(t, f.lab(), s, func(r shmlab.Run, _ *shmlab.Bench) {
		sum += value()
		if r.Verdict.Bad() {
			bad += value()
		}
	})
	return sum, bad
}

// hits runs a sampler so often and returns how many schedules fail.
func hits(t *testing.T, f faulty, s shmlab.Strategy, runs int) (n int) {
	bench := open(t, f.lab())
	for range runs {
		s.Begin()
		r, err := bench.Run(s)
		if err != nil {
			t.Fatal(err)
		}
		if r.Verdict.Bad() {
			n++
		}
	}
	return n
}

// near fails the test if so many hits are more than five standard deviations
// from what is expected.
func near(t *testing.T, name string, hits, runs int, p float64) {
	t.Helper()
	want, sigma := float64(runs)*p, math.Sqrt(float64(runs)*p*(1-p))
	if math.Abs(float64(hits)-want) > 5*sigma+1 {
		t.Errorf("%s: %d of %d schedules fail, expected %.0f, give or take %.0f", name, hits, runs, want, sigma)
	}
}

// draws is how many schedules are drawn to see how many fail.
func draws() int {
	if testing.Short() {
		return 4_000
	}
	return 20_000
}

func TestRandomChances(t *testing.T) {
	draws := draws()
	for _, c := range chances {
		near(t, c.name, hits(t, c.f, inject.NewRandom(1), draws), draws, c.walk)
	}
}

// Where nobody waits, URW takes each interleaving as often as any other. Where
// locks are, it weighs actors by the steps they have left, and some
// interleavings are not possible: it must fail as often as those weights say.
func TestURWChances(t *testing.T) {
	draws := draws()
	for _, c := range chances {
		if testing.Short() && c.interleavings > 1000 || c.interleavings > most {
			continue
		}
		var taken [trace.MaxActors]int
		explore(t, c.f.lab(), all(), func(r shmlab.Run, _ *shmlab.Bench) {
			var steps [trace.MaxActors]int
			for _, d := range r.Decisions {
				steps[d.Actor]++
				taken[d.Actor] = max(taken[d.Actor], steps[d.Actor])
			}
		})
		w := &weigher{Strategy: all(), weight: func(a trace.Actor, n int) float64 { return float64(max(taken[a]-n, 1)) }}
		_, p := tally(t, c.f, w, func() float64 { return w.now })
		uniform := float64(c.bad) / float64(c.interleavings)
		free := c.f.lockFree()
		if free && math.Abs(p-uniform) > 1e-9 {
			t.Errorf("%s: the weights give %.5f, expected %.5f", c.name, p, uniform)
		}
		t.Logf("%-16s uniform %.4f, weighed %.4f", c.name, uniform, p)
		near(t, c.name, hits(t, c.f, inject.NewURW(1), draws), draws, p)
	}
}

// dinners counts the interleavings of philosophers who have taken so many of their
// steps (left fork, right fork, and both back in turn), and those that end in a
// deadlock. What is known of a state that is come to in many ways is looked up.
func dinners(done []byte, known map[string][2]int) (sum [2]int) {
	if sum, ok := known[string(done)]; ok {
		return sum
	}
	n, stuck, over := len(done), true, true
	for i, steps := range done {
		left, right := done[(i+n-1)%n], done[(i+1)%n]
		over = over && steps == 4
		if steps == 4 || steps == 0 && left == 2 || steps == 1 && right%4 != 0 {
			continue
		}
		stuck = false
		done[i]++
		below := dinners(done, known)
		done[i]--
		sum[0], sum[1] = sum[0]+below[0], sum[1]+below[1]
	}
	if stuck && over {
		sum = [2]int{1, 0}
	} else if stuck {
		sum = [2]int{1, 1}
	}
	known[string(done)] = sum
	return sum
}

// What no search can go through is counted otherwise: of the interleavings of five
// philosophers 1.8 in a million end in a deadlock, though a random walk meets it
// in every sixth schedule.
func TestUniformDinners(t *testing.T) {
	for n := 2; n <= 5; n++ {
		i := slices.IndexFunc(chances, func(c chance) bool { return c.name == fmt.Sprintf("philosophers %d", n) })
		if c, got := chances[i], dinners(make([]byte, n), map[string][2]int{}); got != [2]int{c.interleavings, c.bad} {
			t.Errorf("%s: %d interleavings, %d bad, expected %d and %d", c.name, got[0], got[1], c.interleavings, c.bad)
		} else if p := float64(got[1]) / float64(got[0]); n == 5 && math.Abs(p-1.8e-6) > 0.05e-6 {
			t.Errorf("%s: a schedule drawn evenly fails with probability %g, expected 1.8e-6", c.name, p)
		}
	}
}

// lockFree reports whether no schedule has a lock in it.
func (f faulty) lockFree() bool {
	free := true
	d := inject.NewRandom(1)
	d.Begin()
	bench, err := shmlab.Open(f.lab(), shmlab.Setting{Host: shmlab.Coroutines})
	if err != nil {
		return false
	}
	defer bench.Close()
	tr, err := bench.Trace(d)
	if err != nil {
		return false
	}
	for _, e := range tr.Events {
		free = free && e.Kind != trace.Lock
	}
	return free
}

func samplers(seed uint64) map[string]shmlab.Strategy {
	return map[string]shmlab.Strategy{
		"random": inject.NewRandom(seed),
		"pct":    inject.NewPCT(seed, 3),
		"pos":    inject.NewPOS(seed),
		"urw":    inject.NewURW(seed),
		"surw":   inject.NewSURW(seed),
	}
}

func BenchmarkSampler(b *testing.B) {
	for name, s := range samplers(1) {
		for _, n := range []int{2, 8} {
			b.Run(fmt.Sprintf("%s/actors=%d", name, n), func(b *testing.B) {
				lab := program(same(n, func(p *shmlab.Proc, s *small) {
					for range 50 {
						s.X.Store(p, s.X.Load(p)+1)
					}
				})...)
				bench := open(b, lab)
				steps := 0
				b.ReportAllocs()
				for b.Loop() {
					s.Begin()
					r, err := bench.Run(s)
					if err != nil {
						b.Fatal(err)
					}
					steps += len(r.Decisions)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(steps), "ns/step")
			})
		}
	}
}
