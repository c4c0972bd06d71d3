package shmlab_test

import (
	"testing"
	"unsafe"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// addresses is where each actor finds the same cell, and what it finds in it.
type addresses struct {
	Cell  shmlab.Var[uint64]
	Where [3]shmlab.Var[uint64]
	Found [3]shmlab.Var[uint64]
}

var tellsAddress = served(shmlab.Lab[addresses]{
	Name:  "region/addresses",
	Size:  shmlab.Size{Actors: 3},
	Setup: func(s *addresses, _ shmlab.Size) { s.Cell.Init(7) },
	Actors: func(size shmlab.Size) []shmlab.Actor[addresses] {
		return shmlab.Each(size.Actors, "tells", func(p *shmlab.Proc, s *addresses) {
			s.Where[p.Index()].Set(p, uint64(uintptr(unsafe.Pointer(&s.Cell))))
			s.Found[p.Index()].Set(p, s.Cell.Get(p))
			s.Cell.Set(p, s.Cell.Get(p)+1)
		})
	},
	Final: func(s *addresses) error {
		seen = map[uint64]bool{uint64(uintptr(unsafe.Pointer(&s.Cell))): true}
		for i := range s.Where {
			seen[s.Where[i].Peek()] = true
			found[i] = s.Found[i].Peek()
		}
		return nil
	},
})

var (
	seen  map[uint64]bool
	found [3]uint64
)

// An address of one actor is another cell, or none, for another.
func TestAddressesDiffer(t *testing.T) {
	onBoth(t, tellsAddress, shmlab.Setting{}, func(t *testing.T, bench *shmlab.Bench) {
		run, err := bench.Run(script(t, "A5 B5 C5"))
		if err != nil || run.Verdict != trace.Holds {
			t.Fatal(run, err)
		}
		if len(seen) != 4 {
			t.Errorf("four mappings have %d addresses", len(seen))
		}
		if want := [3]uint64{7, 8, 9}; found != want {
			t.Errorf("the actors find %v, expected %v", found, want)
		}
	})
}
