package inject_test

import (
	"maps"
	"math"
	"testing"

	"shmrace/inject"
	"shmrace/shmlab"
)

// The default proves a small lab right, and is over then.
func TestPortfolioProves(t *testing.T) {
	for _, c := range []struct {
		o    inject.Options
		want int
	}{
		{inject.Options{Seed: 1}, 2*36 + 0},
		{inject.Options{Seed: 1, Bounded: true, Preemptions: 0}, 2 * 6},
	} {
		s, err := inject.New("", c.o)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		explore(t, program(incRW(3)...), s, func(shmlab.Run, *shmlab.Bench) { n++ })
		if n != c.want {
			t.Errorf("%+v: over after %d schedules, expected %d", c.o, n, c.want)
		}
	}
}

// The shards of a strategy that is over when all is proved are over, too, and
// those that draw at random draw differently.
func TestStrategiesShards(t *testing.T) {
	for _, named := range inject.Strategies {
		var met [2]map[string]bool
		for i := range met {
			s, err := inject.New(named.Name, inject.Options{Seed: 5, Shard: inject.Shard{Index: i, Of: 2}})
			if err != nil {
				t.Fatal(err)
			}
			bench := open(t, program(incRW(3)...))
			met[i] = map[string]bool{}
			proves := named.Name == "portfolio" || named.Name == "dpor" || named.Name == "dfs"
			for n := 0; proves && s.Begin() || !proves && n < 20 && s.Begin(); n++ {
				if n > 1000 {
					t.Fatalf("%s: no end after %d runs", named.Name, n)
				}
				r, err := bench.Run(s)
				if err != nil {
					t.Fatal(err)
				}
				if p, ok := s.(interface{ Foreign() bool }); ok && p.Foreign() {
					continue
				}
				schedule := bench.Schedule(r)
				met[i][schedule.String()] = true
			}
		}
		if maps.Equal(met[0], met[1]) {
			t.Errorf("%s: both shards take the same schedules", named.Name)
		}
	}
}

// Every strategy by name runs, and the same seed gives the same schedules.
func TestStrategiesRepeat(t *testing.T) {
	for _, named := range inject.Strategies {
		var runs [2][]string
		for i := range runs {
			bench := open(t, program(binc(3)...))
			s, err := inject.New(named.Name, inject.Options{Seed: 5})
			if err != nil {
				t.Fatal(err)
			}
			for range 20 {
				s.Begin()
				r, err := bench.Run(s)
				if err != nil {
					t.Fatal(err)
				}
				schedule := bench.Schedule(r)
				runs[i] = append(runs[i], schedule.String())
			}
		}
		for k := range runs[0] {
			if runs[0][k] != runs[1][k] {
				t.Errorf("%s: schedule %d is %s, then %s", named.Name, k+1, runs[0][k], runs[1][k])
			}
		}
	}
}

// Half of the default's schedules are the search's.
func TestPortfolioEstimate(t *testing.T) {
	s, err := inject.New("", inject.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	explore(t, program(incRW(3)...), s, func(shmlab.Run, *shmlab.Bench) {})
	if e := s.(*inject.Portfolio).Estimate(); math.Round(e) != 72 {
		t.Errorf("%v schedules in all, expected 72", e)
	}
}
