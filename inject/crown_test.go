package inject_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"shmrace/inject"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A part is a search of which some runs are other shards'.
type part interface {
	shmlab.Strategy
	Foreign() bool
	Explored() int
}

// tally counts how often each class of schedules is met in the runs of a shard.
type tallied struct {
	watcher
	part part
	met  map[string]int
	ends map[string]bool
}

// run runs a lab until nothing is left of the shard.
func (s *tallied) run(t testing.TB, lab shmlab.AnyLab, part part) {
	s.part, s.Strategy = part, part
	bench, err := shmlab.Open(lab, shmlab.Setting{Host: shmlab.Coroutines, Steps: 100})
	if err != nil {
		t.Fatal(err)
	}
	defer bench.Close()
	for s.Begin() {
		run, err := bench.Run(s)
		if err != nil {
			t.Fatal(err)
		}
		if !part.Foreign() && run.Verdict != trace.Undecided {
			s.met[s.class()]++
			s.ends[fmt.Sprint(run.Verdict, bench.StateHash())] = true
		}
	}
}

// split runs all shards of a search.
func split(t testing.TB, lab shmlab.AnyLab, of int, search func(shard inject.Shard) part) (s *tallied, explored int) {
	s = &tallied{met: map[string]int{}, ends: map[string]bool{}}
	for i := range of {
		p := search(inject.Shard{Index: i, Of: of})
		s.run(t, lab, p)
		explored += p.Explored()
	}
	return s, explored
}

func dporShard(s inject.Shard) part { return inject.NewDPORShard(s) }

func dfsShard(s inject.Shard) part {
	return inject.NewDFSShard(inject.Bound{Preemptions: inject.Unbounded, Delays: inject.Unbounded}, s)
}

// On generated programs the shards of DPOR take each class once, all together.
func TestDPORShards(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		bodies := draw(r, exactOps)
		lab := labOf(bodies, nil)
		want, classes := split(t, lab, 1, dporShard)
		of := rapid.IntRange(2, 4).Draw(r, "shards")
		got, explored := split(t, lab, of, dporShard)
		if explored != classes || fmt.Sprint(got.met) != fmt.Sprint(want.met) {
			r.Fatalf("%v: %d schedules in %d classes, expected one of each of %d", bodies, explored, len(got.met), classes)
		}
		compare(r, bodies, got.ends, want.ends)
	})
}

// A shard that learns of a step what the others do not does all that is left.
func TestDPORShardsLearn(t *testing.T) {
	tells := func(p *shmlab.Proc, w *word) { p.Op(0, func() any { w.Store(p, 1); return 0 }) }
	lab := program(
		func(p *shmlab.Proc, s *small) { unlock(p, &s.X); s.Y.Store(p, 2) },
		func(p *shmlab.Proc, s *small) {
			p.Enter(trace.Unlock, s.Y.Is(0).Word())
			s.Y.Store(p, s.Z.Load(p)+1)
			p.Leave(true)
		},
		func(p *shmlab.Proc, s *small) { s.Y.Store(p, 2) },
		func(p *shmlab.Proc, s *small) { unlock(p, &s.X); tells(p, &s.Z) },
	)
	want, _ := split(t, lab, 1, dfsShard)
	for of := 2; of <= 5; of++ {
		if got, _ := split(t, lab, of, dporShard); len(got.met) != len(want.met) {
			t.Errorf("%d shards: %d classes, expected %d", of, len(got.met), len(want.met))
		}
	}
}

// The same with steps of which it cannot be foreseen what they touch: nothing is missed.
func TestDPORShardsUnforeseen(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		bodies := draw(r, allOps)
		lab := labOf(bodies, nil)
		want, _ := split(t, lab, 1, dfsShard)
		got, _ := split(t, lab, 3, dporShard)
		compare(r, bodies, got.ends, want.ends)
	})
}

// The shards of DFS take each schedule once, all together, those of the bounded
// searches reach what the whole reaches.
func TestDFSShards(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		bodies := draw(r, exactOps)
		lab := labOf(bodies, nil)
		of := rapid.IntRange(2, 4).Draw(r, "shards")
		want, schedules := split(t, lab, 1, dfsShard)
		got, explored := split(t, lab, of, dfsShard)
		if explored != schedules || fmt.Sprint(got.met) != fmt.Sprint(want.met) {
			r.Fatalf("%v: %d schedules in %d classes, expected %d in %d", bodies, explored, len(got.met), schedules, len(want.met))
		}
		bound := rapid.IntRange(0, 2).Draw(r, "preemptions")
		for _, search := range []func(s inject.Shard) part{
			func(s inject.Shard) part { return inject.NewBoundedDPORShard(bound, s) },
			func(s inject.Shard) part {
				return inject.NewDFSShard(inject.Bound{Preemptions: bound, Delays: inject.Unbounded}, s)
			},
		} {
			want, _ := split(t, lab, 1, search)
			got, _ := split(t, lab, of, search)
			compare(r, bodies, got.ends, want.ends)
		}
	})
}

// The shards of the programs whose counts are known come to the same counts.
func TestDPORShardCounts(t *testing.T) {
	for _, c := range programs {
		for i, want := range c.want {
			if want > 3000 {
				continue
			}
			for _, of := range []int{2, 4} {
				sum, runs := 0, 0
				for k := range of {
					d := inject.NewDPORShard(inject.Shard{Index: k, Of: of})
					explore(t, c.lab(c.from+i), d, func(shmlab.Run, *shmlab.Bench) { runs++ })
					if sum += d.Explored(); d.Blocked() != 0 {
						t.Errorf("%s(%d), shard %d of %d: %d schedules are blocked", c.name, c.from+i, k+1, of, d.Blocked())
					}
				}
				if sum != want {
					t.Errorf("%s(%d), %d shards: %d schedules, expected %d", c.name, c.from+i, of, sum, want)
				}
				if want > 1000 {
					t.Logf("%s(%d), %d shards: %d schedules in %d runs", c.name, c.from+i, of, sum, runs)
				}
			}
		}
	}
}
