package shmlab_test

import (
	"strings"
	"testing"

	"shmrace/inject"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A bell is a word to sleep on within something that is not a plain struct.
type bell struct{ word shmlab.Uint32 }

// TestWhomAWakeWoke: a wake names the sleepers it released, a sleep the value it
// sleeps on, and both the very word.
func TestWhomAWakeWoke(t *testing.T) {
	lab := shmlab.Lab[struct{ Bell bell }]{
		Name: "test/wake", Size: shmlab.Size{Actors: 4, Ops: 1},
		Actors: func(size shmlab.Size) []shmlab.Actor[struct{ Bell bell }] {
			sleep := func(p *shmlab.Proc, s *struct{ Bell bell }) { _ = s.Bell.word.Wait(p, 0, 0) }
			ring := func(p *shmlab.Proc, s *struct{ Bell bell }) {
				s.Bell.word.Wake(p, 2)
				s.Bell.word.Wake(p, 2)
				s.Bell.word.Wake(p, 2)
			}
			return append(shmlab.Each(size.Actors-1, "sleeps", sleep), shmlab.Each(1, "rings", ring)...)
		},
	}
	bench, err := shmlab.Open(lab, shmlab.Setting{Host: shmlab.Coroutines})
	if err != nil {
		t.Fatal(err)
	}
	defer bench.Close()
	s, err := trace.ParseSchedule("shmrace/1 test/wake actors=4 ops=1 : B C A D3")
	if err != nil {
		t.Fatal(err)
	}
	replay := inject.NewReplay(s.Decisions)
	replay.Begin()
	got, err := bench.Trace(replay)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, e := range got.Events {
		if e.Kind == trace.Wait || e.Kind == trace.Wake {
			e.At, e.Code = "", ""
			told = append(told, e.String())
		}
	}
	want := `Wait step=1 actor=B word=Bell.word read=0 note=asleep
Wait step=2 actor=C word=Bell.word read=0 note=asleep
Wait step=3 actor=A word=Bell.word read=0 note=asleep
Wake step=4 actor=D word=Bell.word note="woke B C"
Wake step=5 actor=D word=Bell.word note="woke A"
Wake step=6 actor=D word=Bell.word note="woke nobody"`
	if text := strings.Join(told, "\n"); text != want {
		t.Errorf("recorded\n%s\nexpected\n%s", text, want)
	}
}
