package inject_test

import (
	"testing"

	"shmrace/inject"
	"shmrace/shmlab"
)

// Runs that are cut short are as many as the classes of what is left of them, or
// few more: 56 are taken by a search of wakeup trees.
func TestDPORCut(t *testing.T) {
	bench, err := shmlab.Open(program(func(p *shmlab.Proc, s *small) {
		for s.Y.Load(p) == 0 {
			s.X.Add(p, 1)
		}
	}, func(p *shmlab.Proc, s *small) {
		s.X.Add(p, 1)
		s.X.Add(p, 1)
		s.Y.Store(p, 1)
	}), shmlab.Setting{Host: shmlab.Coroutines, Steps: 11})
	if err != nil {
		t.Fatal(err)
	}
	defer bench.Close()
	runs := 0
	for d := inject.NewDPOR(); runs < 200 && d.Begin(); runs++ {
		if _, err := bench.Run(d); err != nil {
			t.Fatal(err)
		}
	}
	if runs < 50 || runs > 60 {
		t.Errorf("%d schedules, expected 50 to 60", runs)
	}
}
