package shmlab_test

import (
	"os"
	"testing"

	"shmrace/shmlab"
)

func TestMain(m *testing.M) {
	shmlab.Serve(append(labs, tally)...)
	if as, ok := os.LookupEnv(roleEnv); ok {
		roles[as]()
		os.Exit(1) // a role does not end by itself
	}
	os.Exit(m.Run())
}

// labs are those that the tests run on processes.
var labs []shmlab.AnyLab

// served makes lab one of labs.
func served[S any](lab shmlab.Lab[S]) shmlab.Lab[S] {
	labs = append(labs, lab)
	return lab
}

// roleEnv is set where the test binary is started to be a program of its own.
const roleEnv = "SHMRACE_TEST_ROLE"

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
