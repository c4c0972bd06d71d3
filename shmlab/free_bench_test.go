package shmlab_test

import (
	"testing"
	"time"

	"shmrace/inject"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// lanes keeps two actors off each other's cache lines.
type lanes struct {
	lane [2]struct {
		Var  shmlab.Var[int64]
		Word shmlab.Uint64
		_    [112]byte
	}
}

// laps is a lab whose actors make four accesses an operation, one of them atomic,
// and never meet.
var laps = served(shmlab.Lab[lanes]{
	Name: "free/laps", Size: shmlab.Size{Actors: 2, Ops: 1},
	Actors: func(size shmlab.Size) []shmlab.Actor[lanes] {
		return shmlab.Each(size.Actors, "runs", func(p *shmlab.Proc, s *lanes) {
			l := &s.lane[p.Index()%2]
			for range size.Ops {
				l.Var.Set(p, l.Var.Get(p)+1)
				l.Word.Add(p, 1)
				l.Var.Set(p, l.Var.Get(p)+1)
			}
		})
	},
})

const lapAccesses = 5

// BenchmarkFree is what an access of a free run costs: left alone, with a plan
// that looks at every point and never fires, with one that looks at labels only,
// recorded, and recorded with lines as --race does. The ratio is to a run that is
// left alone, taken in turn with it.
func BenchmarkFree(b *testing.B) {
	never := planOf(b, "occurrence=1000000000 : kill")
	labels := planOf(b, "label=nowhere : kill")
	for _, bench := range []struct {
		name string
		free shmlab.Freedom
	}{
		{"idle", shmlab.Freedom{}},
		{"plan", shmlab.Freedom{Plan: never}},
		{"labels", shmlab.Freedom{Plan: labels}},
		{"recorded", shmlab.Freedom{Record: true}},
		{"race", shmlab.Freedom{Record: true, Lines: true}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			// The same two processes: by where things lie another may take twice as long.
			lab := open(b, laps, shmlab.Setting{Size: shmlab.Size{Ops: 400_000}})
			var each, ratio []float64
			for len(each) < rounds || b.Loop() {
				idle, cost := perFreeAccess(b, lab, shmlab.Freedom{}), perFreeAccess(b, lab, bench.free)
				each, ratio = append(each, cost), append(ratio, cost/idle)
			}
			b.ReportMetric(0, "ns/op") // of a round, which says nothing
			b.ReportMetric(median(each), "ns/access")
			b.ReportMetric(median(ratio), "ratio")
		})
	}
}

// perFreeAccess returns what an access of a free run takes, in nanoseconds.
func perFreeAccess(b *testing.B, bench *shmlab.Bench, f shmlab.Freedom) float64 {
	f.Limit = time.Minute
	run, err := bench.FreeAs(f)
	if err != nil || run.Verdict != trace.Holds {
		b.Fatalf("%v: %v, %v", run.Verdict, run.Reason, err)
	}
	return float64(run.Elapsed.Nanoseconds()) / float64(lapAccesses*bench.Setting().Size.Ops)
}

// BenchmarkChaos is how many runs of a second there are when they are disturbed.
func BenchmarkChaos(b *testing.B) {
	bench := open(b, tally, shmlab.Setting{Size: shmlab.Size{Ops: 10}})
	chaos := inject.NewChaos(1, 2)
	for b.Loop() {
		if _, err := bench.FreeAs(shmlab.Freedom{Chaos: chaos.Turbulence()}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "runs/s")
}
