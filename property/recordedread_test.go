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

	Within shmsync.SeqLock // of a reader who is in the middle of the pair
	Single shmlab.Var[int64]
}

// notices is a lab of one that writes and one that reads.
func notices(name string, reads func(p *shmlab.Proc, s *notice)) shmlab.Lab[notice] {
	return shmlab.Lab[notice]{
		Name: name, Size: shmlab.Size{Actors: 2, Ops: 1},
		Actors: func(size shmlab.Size) []shmlab.Actor[notice] {
			return []shmlab.Actor[notice]{
				{Name: "writes", Body: func(p *shmlab.Proc, s *notice) {
					s.Seq.Lock(p)
					s.Pair.Set(p, [2]int64{1, 1})
					s.Seq.Unlock(p)
				}},
				{Name: "reads", Body: reads},
			}
		},
	}
}

// Both are right.
var (
	readsAgain = notices("test/reads-again", func(p *shmlab.Proc, s *notice) { s.Seq.Read(p, func() { s.Pair.Get(p) }) })

	readsWithin = notices("test/reads-within", func(p *shmlab.Proc, s *notice) {
		s.Seq.Read(p, func() {
			s.Within.Read(p, func() { s.Single.Get(p) })
			s.Pair.Get(p)
		})
	})
)

// TestNoRaceRecordedReader: what a reader read while another wrote is no race if it
// looks again and finds that out, or is killed before it could, be it in the look.
func TestNoRaceRecordedReader(t *testing.T) {
	meanwhile := "actor=A occurrence=1 : sleep(20ms); actor=B kind=Get occurrence=2 : sleep(50ms)"
	for _, c := range []struct {
		lab    shmlab.AnyLab
		plan   string
		inside bool
		killed int
	}{
		{readsAgain, meanwhile, false, 0},
		{readsAgain, meanwhile, true, 0},
		{readsAgain, meanwhile + "; actor=B kind=ReadCheck occurrence=1 : kill", false, 1},
		{readsAgain, meanwhile + "; actor=B kind=Load occurrence=2 : kill", true, 1},
		{readsWithin, "actor=A occurrence=1 : sleep(20ms); actor=B kind=Get occurrence=3 : sleep(50ms)", false, 0},
	} {
		bench, err := shmlab.Open(c.lab, shmlab.Setting{InsideLocks: c.inside})
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
