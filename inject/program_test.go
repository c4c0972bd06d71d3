package inject_test

import (
	"fmt"
	"testing"
	"time"

	"shmrace/inject"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A word is a cell of the programs of these tests.
type word = shmlab.Int64

// lock acquires a word as a lock, in one step.
func lock(p *shmlab.Proc, w *word) {
	p.Enter(trace.Lock, w.Is(0))
	w.Store(p, 1)
	p.Leave(true)
}

// unlock releases a word as a lock, in one step.
func unlock(p *shmlab.Proc, w *word) {
	p.Enter(trace.Unlock, w.Is(0).Word())
	w.Store(p, 0)
	p.Leave(true)
}

// small is the state of most programs.
type small struct {
	X, Y, Z, T word
	Flag       [2]word
	A          [32]word
	L          [32]word
	Bad        word // written without a point
}

// bad marks the run as one that fails; it is no step, and ends nothing.
func (s *small) bad(bad bool) {
	if bad {
		s.Bad.Init(1)
	}
}

// program makes a lab of actors given by their bodies.
func program[S any](bodies ...func(p *shmlab.Proc, s *S)) shmlab.AnyLab {
	return shmlab.Lab[S]{
		Name: "test/program",
		Size: shmlab.Size{Actors: len(bodies), Ops: 1},
		Actors: func(shmlab.Size) []shmlab.Actor[S] {
			var actors []shmlab.Actor[S]
			for _, b := range bodies {
				actors = append(actors, shmlab.Actor[S]{Name: "act", Body: b})
			}
			return actors
		},
	}
}

type body = func(p *shmlab.Proc, s *small)

// times makes n actors of one body.
func times(n int, b func(i int) body) (list []body) {
	for i := range n {
		list = append(list, b(i))
	}
	return list
}

func same(n int, b body) []body { return times(n, func(int) body { return b }) }

func ainc(n int) []body {
	return same(n, func(p *shmlab.Proc, s *small) { s.X.Add(p, 1) })
}

func binc(n int) []body {
	return same(n, func(p *shmlab.Proc, s *small) { s.X.Add(p, 1); s.Y.Add(p, 1) })
}

func incRW(n int) []body {
	return same(n, func(p *shmlab.Proc, s *small) { s.X.Store(p, s.X.Load(p)+1) })
}

func lockinc(n int) []body {
	return same(n, func(p *shmlab.Proc, s *small) {
		lock(p, &s.T)
		s.X.Store(p, s.X.Load(p)+1)
		unlock(p, &s.T)
	})
}

func casrot(n int) []body {
	return times(n, func(i int) body {
		return func(p *shmlab.Proc, s *small) { s.X.CompareAndSwap(p, int64(i), int64(i)+1) }
	})
}

func casw(n int) []body {
	return times(n, func(i int) body {
		return func(p *shmlab.Proc, s *small) {
			s.X.CompareAndSwap(p, 0, 1)
			s.X.Store(p, int64(i)+3)
		}
	})
}

func wcas(n int) []body {
	return append(same(n, func(p *shmlab.Proc, s *small) { s.X.CompareAndSwap(p, 2, 3) }),
		func(p *shmlab.Proc, s *small) { s.X.Store(p, 2) })
}

func readers(n int) []body {
	return append(same(n, func(p *shmlab.Proc, s *small) { s.X.Load(p) }),
		func(p *shmlab.Proc, s *small) { s.X.Store(p, 42) })
}

func lastzero(n int) []body {
	writers := times(n, func(j int) body {
		return func(p *shmlab.Proc, s *small) { s.A[j+1].Store(p, s.A[j].Load(p)+1) }
	})
	return append(writers, func(p *shmlab.Proc, s *small) {
		for i := n; s.A[i].Load(p) != 0; i-- {
		}
	})
}

func peterson(int) []body {
	return times(2, func(i int) body {
		return func(p *shmlab.Proc, s *small) {
			s.Flag[i].Store(p, 1)
			s.T.Store(p, int64(1-i))
			p.Until(s.Flag[1-i].Is(0).Or(s.T.Is(int64(i))))
			s.Flag[i].Store(p, 0)
		}
	})
}

func philosophers(n int) []body {
	return times(n, func(i int) body {
		return func(p *shmlab.Proc, s *small) {
			left, right := &s.L[i], &s.L[(i+1)%n]
			lock(p, left)
			lock(p, right)
			unlock(p, right)
			unlock(p, left)
		}
	})
}

// litmus shapes, by name.
var litmus = map[string][]body{
	"SB": {
		func(p *shmlab.Proc, s *small) { s.X.Store(p, 1); s.Y.Load(p) },
		func(p *shmlab.Proc, s *small) { s.Y.Store(p, 1); s.X.Load(p) },
	},
	"MP": {
		func(p *shmlab.Proc, s *small) { s.X.Store(p, 1); s.Y.Store(p, 1) },
		func(p *shmlab.Proc, s *small) { s.Y.Load(p); s.X.Load(p) },
	},
	"2+2W": {
		func(p *shmlab.Proc, s *small) { s.X.Store(p, 1); s.Y.Store(p, 2) },
		func(p *shmlab.Proc, s *small) { s.Y.Store(p, 1); s.X.Store(p, 2) },
	},
	"LB": {
		func(p *shmlab.Proc, s *small) { s.X.Load(p); s.Y.Store(p, 1) },
		func(p *shmlab.Proc, s *small) { s.Y.Load(p); s.X.Store(p, 1) },
	},
}

type table struct{ Lock, Slot [128]word }

func indexer(n int) shmlab.AnyLab {
	var bodies []func(p *shmlab.Proc, s *table)
	for tid := range int64(n) {
		bodies = append(bodies, func(p *shmlab.Proc, s *table) {
			for m := int64(1); m <= 4; m++ {
				w := m*11 + tid
				for h := w * 7 % 128; ; h = (h + 1) % 128 {
					lock(p, &s.Lock[h])
					done := s.Slot[h].CompareAndSwap(p, 0, w)
					unlock(p, &s.Lock[h])
					if done {
						break
					}
				}
			}
		})
	}
	return program(bodies...)
}

type disk struct {
	Inode, LockI [32]word
	Busy, LockB  [26]word
}

func filesystem(n int) shmlab.AnyLab {
	var bodies []func(p *shmlab.Proc, s *disk)
	for tid := range n {
		bodies = append(bodies, func(p *shmlab.Proc, s *disk) {
			i := tid % 32
			lock(p, &s.LockI[i])
			if s.Inode[i].Load(p) == 0 {
				for b := 2 * i % 26; ; b = (b + 1) % 26 {
					lock(p, &s.LockB[b])
					if s.Busy[b].Load(p) == 0 {
						s.Busy[b].Store(p, 1)
						s.Inode[i].Store(p, int64(b)+1)
						unlock(p, &s.LockB[b])
						break
					}
					unlock(p, &s.LockB[b])
				}
			}
			unlock(p, &s.LockI[i])
		})
	}
	return program(bodies...)
}

// A counted program has a known number of classes of equivalent schedules.
type counted struct {
	name string
	lab  func(n int) shmlab.AnyLab
	from int
	want []int // for from, from+1 and so on
}

func of(bodies func(n int) []body) func(n int) shmlab.AnyLab {
	return func(n int) shmlab.AnyLab { return program(bodies(n)...) }
}

var programs = []counted{
	{"ainc", of(ainc), 2, []int{2, 6, 24, 120, 720, 5040}},
	{"binc", of(binc), 2, []int{4, 36, 576}},
	{"inc-rw", of(incRW), 2, []int{4, 36, 576}},
	{"lockinc", of(lockinc), 2, []int{2, 6, 24, 120, 720}},
	{"casrot", of(casrot), 2, []int{2, 5, 14, 43, 144, 523, 2048, 8597}},
	{"casw", of(casw), 2, []int{6, 66, 1200, 32880}},
	{"wcas", of(wcas), 2, []int{5, 13, 33, 81, 193, 449, 1025, 2305}},
	{"readers", of(readers), 1, []int{2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192}},
	{"lastzero", of(lastzero), 2, []int{5, 12, 28, 64, 144, 320, 704, 1536, 3328, 7168, 15360, 32768, 69632, 147456}},
	{"indexer", indexer, 11, []int{1, 8, 64, 512, 4096}},
	{"filesystem", filesystem, 13, []int{1, 2, 4, 8, 16, 32, 64}},
	{"peterson", of(peterson), 2, []int{4}},
	{"philosophers", of(philosophers), 2, []int{3, 7, 15, 31}},
}

func TestDPORCounts(t *testing.T) {
	for _, c := range programs {
		for i, want := range c.want {
			n := c.from + i
			if testing.Short() && want > 5000 {
				continue
			}
			t.Run(fmt.Sprintf("%s(%d)", c.name, n), func(t *testing.T) { count(t, c.lab(n), want) })
		}
	}
	for name, bodies := range litmus {
		t.Run(name, func(t *testing.T) { count(t, program(bodies...), 3) })
	}
}

func count(t *testing.T, lab shmlab.AnyLab, want int) {
	d := inject.NewDPOR()
	start := time.Now()
	steps := 0
	explore(t, lab, d, func(r shmlab.Run, _ *shmlab.Bench) { steps += len(r.Decisions) })
	if d.Explored() != want || d.Blocked() != 0 {
		t.Errorf("%d schedules, %d of them blocked, expected %d and 0", d.Explored(), d.Blocked(), want)
	}
	if took := time.Since(start); took > 100*time.Millisecond {
		t.Logf("%v: %d schedules of %.1f steps, %v each", took.Round(time.Millisecond), want, float64(steps)/float64(want), (took / time.Duration(want)).Round(10*time.Nanosecond))
	}
}
