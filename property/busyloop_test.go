package property_test

import (
	"context"
	"strings"
	"testing"

	"shmrace/property"
	"shmrace/shmlab"
)

// A raw is a lock made of one word, as a beginner makes it.
type raw struct {
	Word  shmlab.Uint32
	Count shmlab.Var[int64]
}

func loops(name string, lock func(p *shmlab.Proc, s *raw)) shmlab.Lab[raw] {
	return shmlab.Lab[raw]{
		Name: "test/" + name, Size: shmlab.Size{Actors: 2, Ops: 1},
		Actors: func(size shmlab.Size) []shmlab.Actor[raw] {
			return shmlab.Each(size.Actors, "counts", func(p *shmlab.Proc, s *raw) {
				lock(p, s)
				s.Count.Set(p, s.Count.Get(p)+1)
				s.Word.Store(p, 0)
			})
		},
	}
}

var (
	looksOnly = loops("looks", func(p *shmlab.Proc, s *raw) {
		for !s.Word.CompareAndSwap(p, 0, 1) {
		}
	})
	takesAway = loops("swaps", func(p *shmlab.Proc, s *raw) {
		for s.Word.Swap(p, 1) == 1 {
		}
	})
	yields = loops("yields", func(p *shmlab.Proc, s *raw) {
		for !s.Word.CompareAndSwap(p, 0, 1) {
			p.Yield()
		}
	})
)

// Whoever waits in a loop and forgets to let others go first is told so, and
// where, as soon as it happens; who does not forget is not.
func TestLoopWithoutYield(t *testing.T) {
	for _, host := range hosts {
		for strategy, who := range map[string]string{"portfolio": "A", "dpor": "A", "dfs": "B"} { // who comes to it first
			o := property.Options{Setting: shmlab.Setting{Host: host}, Strategy: strategy}
			for _, c := range []struct {
				lab  shmlab.AnyLab
				want string
			}{
				{looksOnly, who + " loops at busyloop_test.go:33 without p.Yield(): no end after 10000 steps"},
				{takesAway, who + " loops at busyloop_test.go:37 without p.Yield(): no end after 10000 steps"},
			} {
				r := whatever(t, c.lab, o)
				if r.Undecided == nil || !strings.Contains(r.Undecided.Error(), c.want) || r.Schedules > 100 {
					t.Errorf("%v, %s: %v after %d schedules, expected %q", host, strategy, r.Undecided, r.Schedules, c.want)
				}
			}
			if r := whatever(t, yields, o); r.Undecided != nil || r.Failure != nil {
				t.Errorf("%v, %s: %v, %v", host, strategy, r.Undecided, r.Failure)
			}
		}
	}
}

func whatever(t *testing.T, lab shmlab.AnyLab, o property.Options) *property.Report {
	t.Helper()
	r, err := property.Explore(context.Background(), lab, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
