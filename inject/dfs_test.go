package inject_test

import (
	"testing"

	"shmrace/inject"
	"shmrace/shmlab"
)

// steps is a lab whose actors take ops steps each and disturb nobody.
func steps(actors, ops int) shmlab.AnyLab {
	return shmlab.Lab[struct{ Own [8]shmlab.Uint32 }]{
		Name: "test/steps",
		Size: shmlab.Size{Actors: actors, Ops: ops},
		Actors: func(size shmlab.Size) []shmlab.Actor[struct{ Own [8]shmlab.Uint32 }] {
			return shmlab.Each(size.Actors, "step", func(p *shmlab.Proc, s *struct{ Own [8]shmlab.Uint32 }) {
				for range size.Ops {
					s.Own[p.Index()].Add(p, 1)
				}
			})
		},
	}
}

func TestDFSExploresEveryInterleaving(t *testing.T) {
	for _, c := range []struct{ actors, ops, want int }{{1, 3, 1}, {2, 1, 2}, {2, 3, 20}, {3, 2, 90}, {4, 2, 2520}} {
		d := inject.NewDFS(inject.Bound{Preemptions: inject.Unbounded, Delays: inject.Unbounded})
		explore(t, steps(c.actors, c.ops), d, func(shmlab.Run, *shmlab.Bench) {})
		if d.Explored() != c.want || d.Cut() {
			t.Errorf("%d actors of %d steps: %d schedules, cut %v, expected %d", c.actors, c.ops, d.Explored(), d.Cut(), c.want)
		}
	}
}

// A bound finds exactly those schedules of the unbounded search that are within
// it. Three actors that are never preempted run in one of 3! orders.
func TestDFSPreemptionBound(t *testing.T) {
	all := map[int]int{}
	explore(t, steps(3, 2), inject.NewDFS(inject.Bound{Preemptions: -1, Delays: -1}), func(r shmlab.Run, _ *shmlab.Bench) { all[r.Preemptions]++ })
	if all[0] != 6 {
		t.Errorf("%d schedules without preemption, expected 3! = 6", all[0])
	}
	want := 0
	for bound := range 5 {
		want += all[bound]
		d := inject.NewDFS(inject.Bound{Preemptions: bound, Delays: inject.Unbounded})
		got, first := 0, -1
		explore(t, steps(3, 2), d, func(r shmlab.Run, _ *shmlab.Bench) {
			if got++; first < 0 {
				first = r.Preemptions
			}
		})
		if got != want || first != 0 {
			t.Errorf("at most %d preemptions: %d schedules, expected %d; the first has %d", bound, got, want, first)
		}
		if cut := want < 90; d.Cut() != cut {
			t.Errorf("at most %d preemptions: cut %v, expected %v", bound, d.Cut(), cut)
		}
	}
}

// Without a delay there is one schedule; with one, it can be spent at each of
// the points at which another actor is left.
func TestDFSDelayBound(t *testing.T) {
	for delays, want := range []int{1, 5} {
		d := inject.NewDFS(inject.Bound{Preemptions: inject.Unbounded, Delays: delays})
		explore(t, steps(3, 2), d, func(shmlab.Run, *shmlab.Bench) {})
		if d.Explored() != want || !d.Cut() {
			t.Errorf("at most %d delays: %d schedules, cut %v, expected %d", delays, d.Explored(), d.Cut(), want)
		}
	}
}
