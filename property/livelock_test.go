package property_test

import (
	"strings"
	"testing"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
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
