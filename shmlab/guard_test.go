package shmlab_test

import (
	"fmt"
	"testing"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// gates is cells of each kind that can guard a step.
type gates struct {
	U32 shmlab.Uint32
	U64 shmlab.Uint64
	I64 shmlab.Int64
	B   shmlab.Bool
	Rec shmlab.Record[struct {
		A [2]int8
		F float32
	}]
}

// guarded is a lab whose A waits for the guard and whose B then makes U32 5.
func guarded(guard func(s *gates) shmlab.Guard, setup func(s *gates)) shmlab.Lab[gates] {
	return shmlab.Lab[gates]{
		Name: "guard/step", Size: shmlab.Size{Actors: 2},
		Setup: func(s *gates, _ shmlab.Size) { setup(s) },
		Actors: func(shmlab.Size) []shmlab.Actor[gates] {
			return []shmlab.Actor[gates]{
				{Name: "waits", Body: func(p *shmlab.Proc, s *gates) { p.Enter(trace.Lock, guard(s)); p.Leave(true) }},
				{Name: "sets", Body: func(p *shmlab.Proc, s *gates) { s.U32.Store(p, 5) }},
			}
		},
	}
}

// asked is the strategy that notes whether A can step, and lets the last who can.
type asked struct{ notes string }

func (*asked) Begin() bool { return true }
func (a *asked) Next(c *shmlab.Choice) trace.Decision {
	a.notes += fmt.Sprintf("%v %v %b %d %v; ", c.Can(0), c.Takes(trace.Decision{}), c.Set(), c.Actors(), c.Point(0).Kind)
	return trace.Decision{Actor: c.Enabled[len(c.Enabled)-1]}
}

// A guarded step can be taken while its guard holds.
func TestGuards(t *testing.T) {
	const (
		both   = "true true 11 2 Lock; true true 1 2 Lock; "
		late   = "false false 10 2 Lock; true true 1 2 Lock; "
		never  = "false false 10 2 Lock; "
		before = "true true 11 2 Lock; "
	)
	set := func(s *gates) {
		s.U32.Init(3)
		s.U64.Init(1 << 40)
		s.I64.Init(-2)
		s.B.Init(true)
	}
	for _, test := range []struct {
		name  string
		guard func(s *gates) shmlab.Guard
		want  string
	}{
		{"is", func(s *gates) shmlab.Guard { return s.U32.Is(3) }, before},
		{"comes", func(s *gates) shmlab.Guard { return s.U32.Is(5) }, late},
		{"never", func(s *gates) shmlab.Guard { return s.U32.Is(4) }, never},
		{"not", func(s *gates) shmlab.Guard { return s.U32.Is(3).Not() }, late},
		{"no more", func(s *gates) shmlab.Guard { return s.U32.Is(5).Not() }, before},
		{"64", func(s *gates) shmlab.Guard { return s.U64.Is(1 << 40) }, both},
		{"negative", func(s *gates) shmlab.Guard { return s.I64.Is(-2) }, both},
		{"true", func(s *gates) shmlab.Guard { return s.B.Is(true) }, both},
		{"false", func(s *gates) shmlab.Guard { return s.B.Is(false) }, never},
		{"either", func(s *gates) shmlab.Guard { return s.B.Is(false).Or(s.U32.Is(5)) }, late},
		{"or", func(s *gates) shmlab.Guard { return s.B.Is(true).Or(s.U32.Is(9)) }, both},
		{"neither", func(s *gates) shmlab.Guard { return s.B.Is(false).Or(s.U64.Is(9)) }, never},
		{"word", func(s *gates) shmlab.Guard { return s.B.Is(false).Or(s.U64.Is(9)).Word() }, both},
	} {
		strategy := &asked{}
		bench := open(t, guarded(test.guard, set), shmlab.Setting{Host: shmlab.Coroutines})
		run, err := bench.Run(strategy)
		want := trace.Holds
		if test.want == never || test.want == before {
			want = trace.Deadlock
		}
		if err != nil || strategy.notes != test.want || run.Verdict != want {
			t.Errorf("%s: %v %v, %s\nexpected %v, %s", test.name, run.Verdict, err, strategy.notes, want, test.want)
		}
	}
}

// The state's text has a word of each cell, a record's by their own names.
func TestStateText(t *testing.T) {
	lab := guarded(func(s *gates) shmlab.Guard { return s.U32.Is(5) }, func(s *gates) {
		s.Rec.Init(struct {
			A [2]int8
			F float32
		}{[2]int8{-1, 2}, 0.5})
		s.I64.Init(-7)
	})
	bench := open(t, lab, shmlab.Setting{Host: shmlab.Coroutines})
	if _, err := bench.Run(script(t, "B A")); err != nil {
		t.Fatal(err)
	}
	if want := "U32=5 U64=0 I64=-7 B=false Rec.A[0]=-1 Rec.A[1]=2 Rec.F=0.5"; bench.State() != want {
		t.Errorf("%s, expected %s", bench.State(), want)
	}
}

func TestThreeClauses(t *testing.T) {
	defer func() {
		if r := recover(); r != "shmlab: a guard has at most two clauses" {
			t.Error(r)
		}
	}()
	s := &gates{}
	s.U32.Is(1).Or(s.U32.Is(2)).Or(s.U32.Is(3))
}
