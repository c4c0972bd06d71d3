package shmsync_test

import (
	"slices"
	"testing"
	"time"

	"shmrace/shmlab"
	shmsync "shmrace/sync"
)

const (
	pairs  = 1_000_000 // of a round
	rounds = 9         // at least
)

// BenchmarkPair is what an uncontended pair of each primitive costs on shared memory,
// by an actor that is light as those of a free run are, and its ratio to the C
// library's in the same run: round about, on one processor.
func BenchmarkPair(b *testing.B) {
	b.Run("mutex", func(b *testing.B) {
		m := onPage[shmsync.Mutex](b)
		compare(b, "mutex", func(p *shmlab.Proc) {
			// Five a turn: a loop's counter that lives across a call is stored in
			// each turn, and a locked instruction waits for the stores before it.
			for range pairs / 5 {
				m.Lock(p)
				m.Unlock(p)
				m.Lock(p)
				m.Unlock(p)
				m.Lock(p)
				m.Unlock(p)
				m.Lock(p)
				m.Unlock(p)
				m.Lock(p)
				m.Unlock(p)
			}
		})
	})
	b.Run("robust", func(b *testing.B) {
		m := onPage[shmsync.RobustMutex](b)
		compare(b, "robust", func(p *shmlab.Proc) {
			for range pairs {
				if m.Lock(p) != nil {
					b.Fatal("nobody has died")
				}
				m.Unlock(p)
			}
		})
	})
	b.Run("permit", func(b *testing.B) {
		s := onPage[shmsync.Semaphore](b)
		s.Init(1)
		compare(b, "semaphore", func(p *shmlab.Proc) {
			for range pairs {
				s.Acquire(p)
				s.Release(p)
			}
		})
	})
	b.Run("semaphore", func(b *testing.B) {
		s := onPage[shmsync.Semaphore](b)
		s.Init(1)
		compare(b, "semaphore", func(p *shmlab.Proc) {
			for range pairs {
				s.Wait(p)
				s.Post(p)
			}
		})
	})
	b.Run("read", func(b *testing.B) {
		m := onPage[shmsync.RWMutex](b)
		compare(b, "read", func(p *shmlab.Proc) {
			for range pairs {
				if m.RLock(p) != nil {
					b.Fatal("nobody has died")
				}
				m.RUnlock(p)
			}
		})
	})
	// What no lock that needs two locked instructions can be below, in C.
	b.Run("floor", func(b *testing.B) {
		c := buildBaseline(b)
		_, cpu := processors(b)
		defer pin(b, cpu)()
		report(b, func() float64 { return c.nanoseconds(b, "bare", pairs) },
			func() float64 { return c.nanoseconds(b, "mutex", pairs) })
	})
}

// compare reports ours, which does so many pairs, beside what the C program does
// under the name theirs.
func compare(b *testing.B, theirs string, ours func(p *shmlab.Proc)) {
	c := buildBaseline(b)
	_, cpu := processors(b)
	defer pin(b, cpu)()
	p := shmlab.NewProc(0)
	p.Lighten()
	report(b, func() float64 {
		ours(p) // warms up, as theirs does
		begun := time.Now()
		ours(p)
		return float64(time.Since(begun).Nanoseconds()) / pairs
	}, func() float64 { return c.nanoseconds(b, theirs, pairs) })
}

// report reports the medians of ours, of theirs and of their ratios, round about.
func report(b *testing.B, ours, theirs func() float64) {
	var ourTimes, theirTimes, ratios []float64
	round := func() {
		our, their := ours(), theirs()
		ourTimes, theirTimes = append(ourTimes, our), append(theirTimes, their)
		ratios = append(ratios, our/their)
	}
	for b.Loop() {
		round()
	}
	for len(ratios) < rounds {
		round()
	}
	b.ReportMetric(0, "ns/op") // of a round, which says nothing
	b.ReportMetric(median(ourTimes), "ns/ours")
	b.ReportMetric(median(theirTimes), "ns/theirs")
	b.ReportMetric(median(ratios), "ratio")
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}
