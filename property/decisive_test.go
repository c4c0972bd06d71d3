package property

import (
	"errors"
	"testing"

	"shmrace/inject"
	"shmrace/shmlab"
)

// Of a long run in which nothing decides not every pair is tried: there are more
// than anybody can wait for.
func TestDecisiveGivesUp(t *testing.T) {
	type one struct{ N shmlab.Var[int64] }
	lab := shmlab.Lab[one]{
		Name: "test/never", Size: shmlab.Size{Actors: 2, Ops: 500},
		Actors: func(size shmlab.Size) []shmlab.Actor[one] {
			return shmlab.Each(size.Actors, "counts", func(p *shmlab.Proc, s *one) {
				for range size.Ops {
					s.N.Set(p, s.N.Get(p)+1)
				}
			})
		},
		Final: func(*one) error { return errors.New("it never holds") },
	}
	bench, err := shmlab.Open(lab, shmlab.Setting{Host: shmlab.Coroutines})
	if err != nil {
		t.Fatal(err)
	}
	defer bench.Close()
	long, err := bench.Trace(inject.Begun(&inject.RoundRobin{}))
	if err != nil {
		t.Fatal(err)
	}
	tries, most := 0, pairSteps/len(long.Schedule.Decisions)+1
	pair, tried, err := decisive(bench, long, func() {
		if tries++; tries > most {
			t.Fatalf("%d pairs are tried in runs of %d steps, expected %d at most", tries, len(long.Schedule.Decisions), most)
		}
	})
	if err != nil || pair != nil || tries != most || tried != (Tried{true, tries, true}) {
		t.Errorf("%v, %v after %d tries, expected none after %d", pair, err, tries, most)
	}
}
