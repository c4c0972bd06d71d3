package property_test

import (
	"strings"
	"testing"

	"shmrace/shmlab"
)

// A bell is what one actor sleeps on and another rings.
type bell struct{ Rung shmlab.Uint32 }

// TestLostWakeupTold: of a sleeper that looked too early it is said what it missed.
func TestLostWakeupTold(t *testing.T) {
	lab := shmlab.Lab[bell]{
		Name: "test/bell", Size: shmlab.Size{Actors: 2, Ops: 1},
		Actors: func(shmlab.Size) []shmlab.Actor[bell] {
			return append(shmlab.Each(1, "waits", func(p *shmlab.Proc, s *bell) {
				if s.Rung.Load(p) == 0 {
					_ = s.Rung.Wait(p, s.Rung.Load(p), 0)
				}
			}), shmlab.Each(1, "rings", func(p *shmlab.Proc, s *bell) {
				s.Rung.Store(p, 1)
				s.Rung.Wake(p, 1)
			})...)
		},
	}
	f := explore(t, lab, coroutines(2, 1)).Failure
	if f == nil || !strings.Contains(f.String(), "Lost wake-up: A sleeps for ever on Rung since step") ||
		!strings.Contains(strings.Join(strings.Fields(f.String()), " "), "found nobody asleep. It came after A had looked") {
		t.Errorf("%v", f)
	}
}
