package trace_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"shmrace/shmlab/trace"
)

var update = flag.Bool("update", false, "write the golden files anew")

// steps are decisions without faults.
func steps(actors ...trace.Actor) []trace.Decision {
	var all []trace.Decision
	for _, a := range actors {
		all = append(all, trace.Decision{Actor: a})
	}
	return all
}

// everyFault is each fault once, done to the actors in turn.
func everyFault(actors trace.Actor) []trace.Decision {
	var all []trace.Decision
	for f := trace.Kill; f <= trace.Winch; f++ {
		all = append(all, trace.Decision{Actor: trace.Actor(f) % actors, Fault: f})
	}
	return all
}

var goldenSchedules = map[string]trace.Schedule{
	"lostupdate": {Lab: "counter/unlocked", Hash: "9c41", Actors: 2, Ops: 1, Decisions: steps(0, 1, 1, 0)},
	"turns":      {Lab: "counter/unlocked", Hash: "9c41", Actors: 2, Ops: 1, Decisions: steps(0, 1, 0, 1)},
	"empty":      {Lab: "counter/mutex", Actors: 1, Ops: trace.MaxOps},
	"settings":   {Lab: "a-Z_0.9/x", Hash: "0000", Actors: 3, Ops: 10, InsideLocks: true, Staggered: true, Decisions: steps(2, 2, 2, 0)},
	"many":       {Lab: "counter/unlocked", Actors: trace.MaxActors, Ops: 2, Decisions: steps(25, 26, 26, 62, 63, 63, 0)},
	"faults":     {Lab: "counter/mutex", Actors: 3, Ops: 1, Decisions: everyFault(3)},
}

// lostUpdate is a whole trace, as a bench writes it.
var lostUpdate = trace.Trace{
	Schedule: goldenSchedules["lostupdate"],
	Events: []trace.Event{
		{Kind: trace.Get, Step: 1, Actor: 0, Word: "Count", Read: "0", At: "counter.go:40", Code: "n := s.Count.Get(p)"},
		{Kind: trace.Get, Step: 2, Actor: 1, Word: "Count", Read: "0", At: "counter.go:40", Code: "n := s.Count.Get(p)"},
		{Kind: trace.Set, Step: 3, Actor: 1, Word: "Count", Wrote: "1", At: "counter.go:41", Code: "s.Count.Set(p, n+1)"},
		{Kind: trace.Finish, Step: 3, Actor: 1, At: "counter.go:41", Code: "s.Count.Set(p, n+1)"},
		{Kind: trace.Set, Step: 4, Actor: 0, Word: "Count", Wrote: "1", At: "counter.go:41", Code: "s.Count.Set(p, n+1)"},
		{Kind: trace.Finish, Step: 4, Actor: 0, At: "counter.go:41", Code: "s.Count.Set(p, n+1)"},
	},
	Verdict: trace.Violated, Message: "the count is 1, expected 2: 1 of 2 increments are lost", Preemptions: 1,
}

// everyKind is a trace of one event a kind, with texts that need quoting.
func everyKind() *trace.Trace {
	t := &trace.Trace{
		Schedule: trace.Schedule{Lab: "a/b", Actors: 2, Ops: 1, Decisions: steps(0, 1)},
		Verdict:  trace.Tampered, Message: "two\nlines, \"quoted\" # = :",
	}
	notes := append([]string{"asleep", "Accounts[2].Balance"}, awkward...)
	for k := trace.Start; k <= trace.Finish; k++ {
		t.Events = append(t.Events, trace.Event{Kind: k, Step: int(k) % 3, Actor: trace.Actor(k % 2), Note: notes[k]})
	}
	return t
}

func TestGoldenSchedules(t *testing.T) {
	for name, s := range goldenSchedules {
		text := golden(t, name+".schedule", s.String()+"\n")
		back, err := trace.ParseSchedule(text)
		if err != nil || !reflect.DeepEqual(*back, s) {
			t.Errorf("%s is read as %v, %v", name, back, err)
		}
	}
}

func TestGoldenTraces(t *testing.T) {
	for name, made := range map[string]*trace.Trace{"lostupdate": &lostUpdate, "kinds": everyKind()} {
		text := golden(t, name+".trace", made.String())
		back, err := trace.Parse(text)
		if err != nil || !reflect.DeepEqual(back, made) {
			t.Errorf("%s is read as %v, %v", name, back, err)
		}
	}
}

// golden returns the text of a golden file, which must be text.
func golden(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != text {
		t.Errorf("%s: with -update it would change\n%s", file, fmt.Sprintf("from\n%s\nto\n%s", want, text))
	}
	return string(want)
}
