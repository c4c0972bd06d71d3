package property_test

import (
	"testing"
	"time"

	"shmrace/inject"
	"shmrace/property"
	"shmrace/shmlab"
	shmsync "shmrace/sync"
)

// A notice is read without a lock, and again if somebody wrote meanwhile.
type notice struct {
	Seq  shmsync.SeqLock
	Pair shmlab.Record[[2]int64]
}

// readsAgain is right.
var readsAgain = shmlab.Lab[notice]{
	Name: "test/reads-again", Size: shmlab.Size{Actors: 2, Ops: 1},
	Actors: func(size shmlab.Size) []shmlab.Actor[notice] {
		return []shmlab.Actor[notice]{
			{Name: "writes", Body: func(p *shmlab.Proc, s *notice) {
				s.Seq.Lock(p)
				s.Pair.Set(p, [2]int64{1, 1})
				s.Seq.Unlock(p)
			}},
			{Name: "reads", Body: func(p *shmlab.Proc, s *notice) {
				s.Seq.Read(p, func() { s.Pair.Get(p) })
			}},
		}
	},
}

// TestNoRaceRecordedReader: what a reader read while another wrote is no race if it
// looks again and finds that out, or is killed before it could, be it in the look.
func TestNoRaceRecordedReader(t *testing.T) {
	meanwhile := "actor=A occurrence=1 : sleep(20ms); actor=B kind=Get occurrence=2 : sleep(50ms)"
	for _, c := range []struct {
		plan   string
		inside bool
		killed int
	}{
		{meanwhile, false, 0},
		{meanwhile, true, 0},
		{meanwhile + "; actor=B kind=ReadCheck occurrence=1 : kill", false, 1},
		{meanwhile + "; actor=B kind=Load occurrence=2 : kill", true, 1},
	} {
		bench, err := shmlab.Open(readsAgain, shmlab.Setting{InsideLocks: c.inside})
		if err != nil {
			t.Fatal(err)
		}
		plan, err := inject.ParsePlan(c.plan)
		if err != nil {
			t.Fatal(err)
		}
		run, err := bench.FreeAs(shmlab.Freedom{Limit: 20 * time.Second, Plan: plan, Record: true})
		if err != nil || run.Killed != c.killed {
			t.Fatalf("%s: %v: %v, %d killed, %v", c.plan, run.Verdict, run.Reason, run.Killed, err)
		}
		if r := property.RaceIn(run.Record, 2); r != nil {
			t.Errorf("%s, inside %v: %s", c.plan, c.inside, r.Text())
		}
		bench.Close()
	}
}
