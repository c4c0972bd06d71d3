package shmlab_test

import (
	"strings"
	"testing"

	"shmrace/inject"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
	shmsync "shmrace/sync"
)

// A board is the state of most labs here: a few words and a lock.
type board struct {
	X, Y  shmlab.Var[int64]
	Word  shmlab.Uint32
	Other shmlab.Uint32
	Mu    shmsync.Mutex
}

// A deed is what an actor on a board does.
type deed = func(p *shmlab.Proc, s *board)

// play is a lab with an actor for each of deeds.
func play(name string, deeds ...deed) shmlab.Lab[board] {
	return shmlab.Lab[board]{
		Name: name,
		Size: shmlab.Size{Actors: len(deeds)},
		Actors: func(shmlab.Size) (actors []shmlab.Actor[board]) {
			for _, d := range deeds {
				actors = append(actors, shmlab.Actor[board]{Name: "does", Body: d})
			}
			return actors
		},
	}
}

// script is the strategy that takes the decisions in text, then goes on with
// whoever stepped last.
func script(t testing.TB, text string) shmlab.Strategy {
	t.Helper()
	s, err := trace.ParseSchedule("shmrace/1 a/script actors=64 ops=1 : " + text)
	if err != nil {
		t.Fatal(err)
	}
	replay := inject.NewReplay(s.Decisions)
	replay.Begin()
	return replay
}

func open(t testing.TB, lab shmlab.AnyLab, setting shmlab.Setting) *shmlab.Bench {
	t.Helper()
	bench, err := shmlab.Open(lab, setting)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := bench.Close(); err != nil {
			t.Error(err)
		}
	})
	return bench
}

// traced runs bench once and returns what happened.
func traced(t testing.TB, bench *shmlab.Bench, strategy shmlab.Strategy) *trace.Trace {
	t.Helper()
	told, err := bench.Trace(strategy)
	if err != nil {
		t.Fatal(err)
	}
	return told
}

// hosts are both, as a table's column.
var hosts = []shmlab.Host{shmlab.Coroutines, shmlab.Processes}

// onBoth calls f with a bench of lab on each host.
func onBoth(t *testing.T, lab shmlab.AnyLab, setting shmlab.Setting, f func(t *testing.T, bench *shmlab.Bench)) {
	t.Helper()
	for _, host := range hosts {
		t.Run(host.String(), func(t *testing.T) {
			setting.Host = host
			f(t, open(t, lab, setting))
		})
	}
}

// story tells a trace in one line: who did what to which word, what was read
// and written, and the notes.
func story(told *trace.Trace) string {
	var events []string
	for _, e := range told.Events {
		words := []string{e.Actor.String(), e.Kind.String()}
		for _, w := range []string{e.Word, e.Read, e.Wrote, e.Note} {
			if w != "" {
				words = append(words, w)
			}
		}
		events = append(events, strings.Join(words, " "))
	}
	return strings.Join(events, "; ")
}
