package property_test

import (
	"context"
	"errors"
	"testing"

	"shmrace/property"
	"shmrace/shmlab"
)

// failsOnce is a lab whose check fails in one run only, whatever the schedule.
func failsOnce(in int) shmlab.AnyLab {
	type state struct{ X shmlab.Var[int64] }
	runs := 0
	return shmlab.Lab[state]{
		Name: "test/once", Size: shmlab.Size{Actors: 2, Ops: 1},
		Actors: func(size shmlab.Size) []shmlab.Actor[state] {
			return shmlab.Each(size.Actors, "sets", func(p *shmlab.Proc, s *state) { s.X.Set(p, 1) })
		},
		Final: func(*state) error {
			if runs++; runs == in {
				return errors.New("once")
			}
			return nil
		},
	}
}

// A failure that does not come again is neither told as one nor passed over.
func TestExploreFailsOnce(t *testing.T) {
	o := property.Options{Setting: shmlab.Setting{Host: shmlab.Coroutines}}
	if r, err := property.Explore(context.Background(), failsOnce(3), o); !errors.Is(err, property.ErrNondeterministic) {
		t.Errorf("found %+v, %v, expected %v", r, err, property.ErrNondeterministic)
	}
}
