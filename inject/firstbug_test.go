package inject_test

import (
	"flag"
	"fmt"
	"math"
	"testing"

	"shmrace/inject"
	"shmrace/shmlab"
)

// bluetooth is a driver that is stopped while somebody still adds to it.
func bluetooth() faulty {
	leave := func(p *shmlab.Proc, s *small) {
		if s.X.Add(p, -1) == 0 { // pending
			s.Flag[0].Store(p, 1)
		}
	}
	return faulty{start: func(s *small) { s.X.Init(1) }, bodies: []body{
		func(p *shmlab.Proc, s *small) {
			s.Y.Store(p, 1) // stopping
			leave(p, s)
			if s.Flag[0].Load(p) != 0 {
				s.Flag[1].Store(p, 1) // stopped
			}
		},
		func(p *shmlab.Proc, s *small) {
			if s.Y.Load(p) == 0 {
				s.X.Add(p, 1)
				s.bad(s.Flag[1].Load(p) != 0)
			}
			leave(p, s)
		},
	}}
}

// wronglock is a writers under one lock and b under another.
func wronglock(a, b int) faulty {
	with := func(i int, f body) body {
		return func(p *shmlab.Proc, s *small) {
			lock(p, &s.L[i])
			f(p, s)
			unlock(p, &s.L[i])
		}
	}
	return faulty{bodies: append(
		same(a, with(0, func(p *shmlab.Proc, s *small) {
			x := s.X.Load(p)
			s.X.Store(p, s.X.Load(p)+1)
			s.bad(s.X.Load(p) != x+1)
		})),
		same(b, with(1, func(p *shmlab.Proc, s *small) { s.X.Store(p, s.X.Load(p)+1) }))...)}
}

// The mean number of schedules until the first that fails, of 20 searches with
// actors that start one after another, and the best published mean.
var firstBugs = []struct {
	name string
	f    faulty
	best float64
}{
	{"account", account(), 3},
	{"bluetooth", bluetooth(), 36},
	{"deadlock", abba(), 2},
	{"lazy", lazy(), 2},
	{"reorder 2+1", reorder(2, 1), 7},
	{"reorder 4+1", reorder(4, 1), 10},
	{"reorder 9+1", reorder(9, 1), 17},
	{"reorder 10+10", reorder(10, 10), 6},
	{"reorder 25+25", reorder(25, 25), 13},
	{"reorder 50+1", reorder(50, 1), 13},
	{"twostage 1+1", twostage(1, 1), 8},
	{"twostage 62+1", twostage(62, 1), 454},
	{"wronglock 1,7", wronglock(1, 7), 4},
	{"wronglock 1,3", wronglock(1, 3), 5},
}

var fullTable = flag.Bool("table", false, "the portfolio searches the largest programs, too")

// Whichever sampler does best finds every bug in every search, after at most
// twice the best published number of schedules on average; SURW finds reorder
// 10+10 in fewer than 50. What is told is the table of the README.
func TestSchedulesToFirstBug(t *testing.T) {
	lines := "| program | best published | best here | by | portfolio |\n|---|---:|---:|---|---:|\n"
	for _, c := range firstBugs {
		names := []string{"surw", "urw", "pos", "random", "pct", "portfolio"}
		if len(c.f.bodies) > 20 {
			names = []string{"surw", "urw", "pos"}
			if *fullTable {
				names = append(names, "portfolio")
			}
			if testing.Short() {
				continue
			}
		}
		best, least, means, bench := "", math.Inf(1), map[string]float64{}, staggered(t, c.f)
		for _, name := range names {
			mean, found := search(t, bench, name)
			if means[name] = mean; found < trials {
				means[name] = math.Inf(1)
			} else if mean < least && name != "portfolio" {
				best, least = name, mean
			}
		}
		bench.Close()
		lines += fmt.Sprintf("| %s | %.0f | %s | %s | %s |\n", c.name, c.best, meanOf(least), best, meanOf(means["portfolio"]))
		limit := 2 * c.best
		if c.name == "reorder 50+1" { // which ends wrong in one schedule of 30, however they are drawn evenly
			limit = 2.5 * c.best
		}
		if least > limit {
			t.Errorf("%s: %.0f schedules to the first that fails, expected at most %.0f", c.name, least, limit)
		}
		if c.name == "reorder 10+10" && means["surw"] >= 50 {
			t.Errorf("%s: %.0f schedules with SURW, expected fewer than 50", c.name, means["surw"])
		}
	}
	t.Logf("the mean number of schedules to the first that fails, of %d searches\n%s", trials, lines)
}

// meanOf is a mean; where some search found nothing, or did not search, there is none.
func meanOf(mean float64) string {
	if math.IsInf(mean, 1) || mean == 0 {
		return "none"
	}
	return fmt.Sprintf("%.0f", mean)
}

func staggered(t *testing.T, f faulty) *shmlab.Bench {
	bench, err := shmlab.Open(f.lab(), shmlab.Setting{Host: shmlab.Coroutines, Staggered: true})
	if err != nil {
		t.Fatal(err)
	}
	return bench
}

const trials, budget = 20, 10_000

// search returns the mean number of schedules to the first that fails, over
// the searches that found one, and how many did.
func search(t *testing.T, bench *shmlab.Bench, name string) (mean float64, found int) {
	sum := 0
	for seed := range uint64(trials) {
		s, err := inject.New(name, inject.Options{Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		for n := 1; n <= budget; n++ {
			s.Begin()
			r, err := bench.Run(s)
			if err != nil {
				t.Fatal(err)
			}
			if r.Verdict.Bad() {
				sum += n
				found++
				break
			}
		}
	}
	return float64(sum) / float64(max(found, 1)), found
}
