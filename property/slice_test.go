package property_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"shmrace/property"
	"shmrace/shmlab"
)

// A crowd is a counter that some count with and others have nothing to do with.
type crowd struct {
	Count shmlab.Var[int64]
	Own   [3]shmlab.Var[int64]
}

// crowded is two actors that count, and one that does a lot besides.
var crowded = shmlab.Lab[crowd]{
	Name: "test/crowded",
	Size: shmlab.Size{Actors: 3, Ops: 1},
	Actors: func(shmlab.Size) []shmlab.Actor[crowd] {
		count := func(p *shmlab.Proc, s *crowd) {
			s.Own[p.Index()].Set(p, 1)
			s.Count.Set(p, s.Count.Get(p)+1)
			for range 4 {
				s.Own[p.Index()].Set(p, 7)
			}
		}
		return []shmlab.Actor[crowd]{{Name: "counts", Body: count}, {Name: "counts", Body: count}, {Name: "idles", Body: func(p *shmlab.Proc, s *crowd) {
			for i := range int64(12) {
				s.Own[2].Set(p, i)
			}
		}}}
	},
	Final: func(s *crowd) error {
		if s.Count.Peek() != 2 {
			return errors.New("an increment is lost")
		}
		return nil
	},
}

// Of a failure that is longer than the screen the steps are told that matter, and
// of the others only how many there are.
func TestReportLeavesOut(t *testing.T) {
	r, err := property.Explore(context.Background(), crowded, property.Options{Setting: shmlab.Setting{Host: shmlab.Coroutines}})
	if err != nil {
		t.Fatal(err)
	}
	if r.Failure == nil || r.Failure.Pair == nil {
		t.Fatalf("no failure of %d schedules, or no pair that decides", r.Schedules)
	}
	text := r.Failure.String()
	fits(t, text)
	if n := strings.Count(text, "[2] :="); n > 1 {
		t.Errorf("%d steps of an actor that has nothing to do with it:\n%s", n, text)
	}
	for _, want := range []string{"steps that do not matter\n", "Count := 1", "Count is 0", "[0] := 1", "[1] := 1"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Count(text, "Count := 1") != 2 || strings.Count(text, "Count is 0") != 2 {
		t.Errorf("not all that matters is told:\n%s", text)
	}
}

// A barred is a gate, passed by who finds it open, and shut by who comes in after.
type barred struct {
	Shut, In, Out shmlab.Var[int64]
	Own           shmlab.Var[int64]
}

// gated fails by what its Always sees, also in words that one actor alone touches
// and that are the same when it holds.
var gated = shmlab.Lab[barred]{
	Name: "test/gated",
	Size: shmlab.Size{Actors: 3, Ops: 1},
	Actors: func(shmlab.Size) []shmlab.Actor[barred] {
		return []shmlab.Actor[barred]{{Name: "enters", Body: func(p *shmlab.Proc, s *barred) {
			if s.Shut.Get(p) == 0 {
				s.In.Set(p, 1)
			}
		}}, {Name: "counts", Body: func(p *shmlab.Proc, s *barred) {
			for i := range int64(20) {
				s.Own.Set(p, i)
			}
		}}, {Name: "leaves", Body: func(p *shmlab.Proc, s *barred) {
			s.Shut.Set(p, 1)
			s.Out.Set(p, 1)
		}}}
	},
	Always: func(s *barred) error {
		if s.In.Peek() == 1 && s.Out.Peek() == 1 && s.Own.Peek() == 19 {
			return errors.New("all three are")
		}
		return nil
	},
}

// What an Always has looked at matters, though no access says so.
func TestReportKeepsWhatAlwaysSaw(t *testing.T) {
	r := explore(t, gated, property.Options{Setting: shmlab.Setting{Host: shmlab.Coroutines}})
	if r.Failure == nil || r.Failure.Pair == nil || r.Failure.Pair.First.Word != "Shut" {
		t.Fatalf("no failure of %d schedules, or another pair decides: %v", r.Schedules, r.Failure)
	}
	text := r.Failure.String()
	fits(t, text)
	if strings.Contains(text, "not matter") || !strings.Contains(text, "Own := 19") {
		t.Errorf("steps without which it holds are said not to matter:\n%s", text)
	}
}
