package inject_test

import (
	"testing"

	"shmrace/inject"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// takes is a primitive's step that can be taken while X is 0 and touches all words.
func takes(p *shmlab.Proc, s *small) {
	p.Enter(trace.Lock, s.X.Is(0))
	s.X.Store(p, 1)
	s.Z.Store(p, s.Y.Load(p)+1)
	p.Leave(true)
}

// A half is a word of which some look at a half.
type half struct{ Word shmlab.Robust }

// hard are programs whose classes are easily missed, each for another reason.
var hard = map[string]shmlab.AnyLab{
	"a step lets go together with a later one": program(
		func(p *shmlab.Proc, s *small) { s.X.Store(p, 2); s.X.Store(p, 2) },
		func(p *shmlab.Proc, s *small) { p.Until(s.X.Is(0).Or(s.Y.Is(0).Not())) },
		func(p *shmlab.Proc, s *small) { s.Y.Store(p, 2) },
	),
	"who waits at the end would touch what nobody knows": program(
		func(p *shmlab.Proc, s *small) { s.X.Store(p, 2) },
		func(p *shmlab.Proc, s *small) { s.Z.Store(p, 2) },
		takes,
	),
	"who comes earlier writes something else": program(
		takes,
		func(p *shmlab.Proc, s *small) { s.Y.Store(p, 1) },
		func(p *shmlab.Proc, s *small) { s.X.CompareAndSwap(p, 1, 2) },
	),
	"an operation is begun or not": program(
		func(p *shmlab.Proc, s *small) {
			if s.X.Load(p) == 0 {
				p.Op(0, func() any { return 0 })
			}
		},
		func(p *shmlab.Proc, s *small) { p.Op(0, func() any { return s.Y.Load(p) }) },
		func(p *shmlab.Proc, s *small) { s.X.CompareAndSwap(p, 0, 1) },
	),
	"an operation ends here or there": program(
		func(p *shmlab.Proc, s *small) {
			p.Op(0, func() any { return s.Y.CompareAndSwap(p, 0, 1) || s.Z.CompareAndSwap(p, 0, 1) })
		},
		func(p *shmlab.Proc, s *small) {
			p.Op(0, func() any { lock(p, &s.T); s.Y.Add(p, 1); unlock(p, &s.T); return 0 })
		},
		func(p *shmlab.Proc, s *small) { p.Op(0, func() any { return s.X.Load(p) }) },
	),
	"half a word is written": program(
		func(p *shmlab.Proc, s *half) { s.Word.CompareAndSwap(p, 0, 1<<32|5) },
		func(p *shmlab.Proc, s *half) { s.Word.Free(p) },
		func(p *shmlab.Proc, s *half) { s.Word.CompareAndSwap(p, 1<<32|5, 7) },
		func(p *shmlab.Proc, s *half) { s.Word.CompareAndSwap(p, 1<<32, 9) },
	),
}

func TestDPORHard(t *testing.T) {
	for name, lab := range hard {
		t.Run(name, func(t *testing.T) {
			d := inject.NewDPOR()
			got := &classes{watcher{Strategy: d}, map[string]bool{}}
			want := &classes{watcher{Strategy: all()}, map[string]bool{}}
			outcomes(t, lab, got)
			outcomes(t, lab, want)
			if len(got.met) != len(want.met) || d.Blocked() == 0 && d.Explored() != len(want.met) {
				t.Errorf("%d schedules of %d classes, %d of them blocked, expected %d", d.Explored(), len(got.met), d.Blocked(), len(want.met))
			}
		})
	}
}
