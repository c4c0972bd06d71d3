package property_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"shmrace/inject"
	"shmrace/property"
	"shmrace/property/linear"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
	shmsync "shmrace/sync"
)

// A locked is a program of a few actors on one lock. It is part of the state, so
// that actors in processes of their own can read it.
type locked struct {
	Program [3][4]uint8 // what each actor does, one after the other: see attempts
	Mu      shmsync.Mutex
}

// attempts are what an actor can do. It unlocks what it locked at once.
var attempts = []func(p *shmlab.Proc, mu *shmsync.Mutex){
	func(*shmlab.Proc, *shmsync.Mutex) {},
	func(p *shmlab.Proc, mu *shmsync.Mutex) {
		p.Op("lock", func() any { mu.Lock(p); return nil })
		p.Op("unlock", func() any { mu.Unlock(p); return nil })
	},
	func(p *shmlab.Proc, mu *shmsync.Mutex) {
		taken := false
		p.Op("trylock", func() any { taken = mu.TryLock(p); return taken })
		if taken {
			p.Op("unlock", func() any { mu.Unlock(p); return nil })
		}
	},
}

func locking(setup func(s *locked, size shmlab.Size)) shmlab.AnyLab {
	return shmlab.Lab[locked]{
		Name: "test/locking", Size: shmlab.Size{Actors: 3, Ops: 1}, Setup: setup,
		Actors: func(size shmlab.Size) []shmlab.Actor[locked] {
			return shmlab.Each(size.Actors, "locks", func(p *shmlab.Proc, s *locked) {
				for _, what := range s.Program[p.Index()] {
					attempts[what](p, &s.Mu)
				}
			})
		},
	}
}

// TestMutexIsALock: any program on a Mutex, under any schedule, between processes
// and not, does what one lock would.
func TestMutexIsALock(t *testing.T) {
	for _, c := range []struct {
		setting shmlab.Setting
		times   int
	}{
		{shmlab.Setting{Host: shmlab.Coroutines}, 10},
		{shmlab.Setting{Host: shmlab.Coroutines, InsideLocks: true}, 10},
		{shmlab.Setting{Host: shmlab.Processes}, 1},
	} {
		t.Run(fmt.Sprintf("%v inside=%v", c.setting.Host, c.setting.InsideLocks), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				lab := locking(func(s *locked, _ shmlab.Size) {
					for a := range s.Program {
						for i := range s.Program[a] {
							s.Program[a][i] = uint8(rapid.IntRange(0, len(attempts)-1).Draw(t, "attempt"))
						}
					}
				})
				bench, err := shmlab.Open(lab, c.setting)
				if err != nil {
					t.Fatalf("%v", err)
				}
				defer bench.Close()
				for range c.times {
					made := property.RapidTrace(t, bench, inject.Options{})
					r, err := linear.Check(made, linear.Lock(), time.Minute)
					if err != nil {
						t.Fatalf("%v", err)
					}
					if r.Verdict != trace.Holds {
						t.Fatalf("%v\n%v", r, made.Schedule)
					}
				}
			})
		})
	}
}
