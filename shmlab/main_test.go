package shmlab_test

import (
	"os"
	"testing"

	"shmrace/shmlab"
)

func TestMain(m *testing.M) {
	shmlab.Serve(tally)
	os.Exit(m.Run())
}

// A sum is counted up by several actors at once.
type sum struct{ Count shmlab.Var[int64] }

// tally is the smallest race there is: read, add one, write back.
var tally = shmlab.Lab[sum]{
	Name: "tally/unlocked",
	Size: shmlab.Size{Actors: 2, Ops: 1},
	Actors: func(size shmlab.Size) []shmlab.Actor[sum] {
		return shmlab.Each(size.Actors, "count", func(p *shmlab.Proc, s *sum) {
			for range size.Ops {
				s.Count.Set(p, s.Count.Get(p)+1)
			}
		})
	},
}
