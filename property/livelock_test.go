package property_test

import (
	"strings"
	"testing"

	"shmrace/inject"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
	shmsync "shmrace/sync"
)

// A gate is two flags: of who has come, and of who may go.
type gate struct {
	Come, Go shmlab.Bool
	Mu       shmlab.Uint32
}

// polite waits in a loop for a sign that is given only to who has come before.
var polite = shmlab.Lab[gate]{
	Name: "test/polite",
	Size: shmlab.Size{Actors: 2, Ops: 1},
	Actors: func(shmlab.Size) []shmlab.Actor[gate] {
		return []shmlab.Actor[gate]{
			{Name: "comes", Body: func(p *shmlab.Proc, s *gate) {
				s.Come.Store(p, true)
				for !s.Go.Load(p) && s.Mu.Load(p) == 0 {
					p.Yield()
				}
			}},
			{Name: "lets", Body: func(p *shmlab.Proc, s *gate) { s.Go.Store(p, s.Come.Load(p)) }},
		}
	},
}

// An actor that goes round for ever is found, shrunk, and told with what it
// reads, on both hosts.
func TestLivelockTold(t *testing.T) {
	for _, host := range hosts {
		f := failed(t, polite, host)
		if f.Trace.Verdict != trace.Livelock || len(f.Trace.Schedule.Decisions) != 5 {
			t.Errorf("%v: %v after %d steps, expected a livelock after 5", host, f.Trace.Verdict, len(f.Trace.Schedule.Decisions))
		}
		text := f.String()
		fits(t, text)
		for _, want := range []string{
			"test/polite: LIVELOCK in 5 steps with 0 preemptions\n",
			"READS Go = false again",
			"A goes round for ever: it reads Go (false) and Mu (0) again and again, and\n  nobody is left to change it.\n",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("%v: no %q in\n%s", host, want, text)
			}
		}
	}
}

// A fork is what an actor looks at who goes round as often as it was told.
type fork struct {
	Told      shmsync.MPMC[uint64]
	Word, Set shmlab.Uint32
	Never     shmlab.Uint32
}

const (
	few  = 3
	many = 1 << 30 // more than anybody tries
)

// stares is an actor that goes round as often as ask says.
func stares(ask func(p *shmlab.Proc, s *fork) int) shmlab.Actor[fork] {
	return shmlab.Actor[fork]{Name: "stares", Body: func(p *shmlab.Proc, s *fork) {
		for range ask(p, s) {
			if s.Never.Load(p) != 0 {
				return
			}
			p.Yield()
		}
	}}
}

// forks are labs in which A has read the same in two runs, and goes round for
// ever in the first only: what it was told is in no word that it read.
var forks = []struct {
	told        string
	first, then []trace.Decision
	actors      []shmlab.Actor[fork]
}{
	{"by a queue", steps(2, 1, 1, 0), steps(1, 1, 2, 0), []shmlab.Actor[fork]{
		stares(func(p *shmlab.Proc, s *fork) int { return int(s.Told.Pop(p)) }),
		{Name: "tells", Body: func(p *shmlab.Proc, s *fork) {
			rounds := uint64(few)
			if s.Set.Load(p) != 0 {
				rounds = many
			}
			s.Told.Push(p, rounds)
		}},
		{Name: "sets", Body: func(p *shmlab.Proc, s *fork) { s.Set.Store(p, 1) }},
	}},
	{"by a wait", steps(0, 1), steps(1, 0), []shmlab.Actor[fork]{
		stares(func(p *shmlab.Proc, s *fork) int {
			if s.Word.Wait(p, 0, 1) == nil {
				return many
			}
			return few
		}),
		{Name: "wakes", Body: func(p *shmlab.Proc, s *fork) { s.Word.Wake(p, 1) }},
	}},
	{"by a signal", append([]trace.Decision{{Actor: 0, Fault: trace.Usr1}}, steps(0, 1)...), steps(0, 1), []shmlab.Actor[fork]{
		stares(func(p *shmlab.Proc, s *fork) int {
			rounds := few
			p.Handle(trace.Usr1, func() { rounds = many })
			s.Word.Load(p)
			return rounds
		}),
		{Name: "looks on", Body: func(p *shmlab.Proc, s *fork) { s.Word.Load(p) }},
	}},
	{"by a death", []trace.Decision{{Actor: 1, Fault: trace.Kill}, {Actor: 0}}, steps(0, 1), []shmlab.Actor[fork]{
		stares(func(p *shmlab.Proc, s *fork) int {
			s.Word.Load(p)
			if p.Gone(1) {
				return many
			}
			return few
		}),
		{Name: "dies", Body: func(p *shmlab.Proc, s *fork) { s.Word.Load(p) }},
	}},
}

// steps are decisions without faults.
func steps(actors ...trace.Actor) (list []trace.Decision) {
	for _, a := range actors {
		list = append(list, trace.Decision{Actor: a})
	}
	return list
}

// A livelock of one run is none of another in which the actor was told to leave.
func TestLivelockIsOfItsRun(t *testing.T) {
	for _, f := range forks {
		lab := shmlab.Lab[fork]{Name: "test/fork", Size: shmlab.Size{Actors: len(f.actors), Ops: 1},
			Actors: func(shmlab.Size) []shmlab.Actor[fork] { return f.actors }}
		bench, err := shmlab.Open(lab, shmlab.Setting{Host: shmlab.Coroutines})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			decisions []trace.Decision
			want      trace.Verdict
		}{{f.first, trace.Livelock}, {f.then, trace.Holds}, {f.first, trace.Livelock}} {
			got, err := bench.Run(inject.Begun(inject.NewOrder(c.decisions)))
			if err != nil {
				t.Fatal(err)
			}
			if got.Verdict != c.want {
				t.Errorf("told %s, %v: %v, expected %v", f.told, c.decisions, got.Verdict, c.want)
			}
		}
		bench.Close()
	}
}
