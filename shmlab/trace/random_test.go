package trace_test

import (
	"strings"

	"pgregory.net/rapid"

	"shmrace/shmlab/trace"
)

// awkward are the texts a careless grammar trips over.
var awkward = []string{
	"", " ", "#", "# no comment", "=", `"`, `""`, `\`, `\n`, "`", "'", ":", " : ", "a b", "a=b", " a", "a ", "\t",
	"\n", "a\nVerdict is=holds preemptions=0", "\r", "\x00", "\x1b[31m", "\xff", "é", "\u2028", "\u202e", "\ufeff",
	`say "hi" = #1`, "Accounts[2].Balance", "n := s.Count.Get(p)", "-1", "0x1f",
}

func texts() *rapid.Generator[string] {
	bytes := rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 8), func(b []byte) string { return string(b) })
	return rapid.OneOf(rapid.SampledFrom(awkward), rapid.StringN(0, 12, -1), rapid.StringMatching(`[!-~]{0,6}`), bytes)
}

func decisions(actors int) *rapid.Generator[[]trace.Decision] {
	return rapid.Custom(func(t *rapid.T) []trace.Decision {
		var all []trace.Decision
		for range rapid.IntRange(0, 8).Draw(t, "runs") {
			d := trace.Decision{Actor: trace.Actor(rapid.IntRange(0, actors-1).Draw(t, "actor"))}
			if rapid.IntRange(0, 3).Draw(t, "faulty") == 0 {
				d.Fault = trace.Fault(rapid.IntRange(int(trace.Kill), int(trace.Winch)).Draw(t, "fault"))
			}
			for range rapid.SampledFrom([]int{1, 2, 3, 11}).Draw(t, "times") {
				all = append(all, d)
			}
		}
		return all
	})
}

func schedules() *rapid.Generator[trace.Schedule] {
	return rapid.Custom(func(t *rapid.T) trace.Schedule {
		actors := rapid.IntRange(1, trace.MaxActors).Draw(t, "actors")
		return trace.Schedule{
			Lab:         rapid.StringMatching(`[a-zA-Z0-9_/.-]{1,12}`).Draw(t, "lab"),
			Hash:        rapid.StringMatching(`([0-9a-f]{4})?`).Draw(t, "hash"),
			Actors:      actors,
			Ops:         rapid.IntRange(1, trace.MaxOps).Draw(t, "ops"),
			InsideLocks: rapid.Bool().Draw(t, "inside"),
			Staggered:   rapid.Bool().Draw(t, "staggered"),
			Decisions:   decisions(actors).Draw(t, "decisions"),
		}
	})
}

func events(actors, steps int) *rapid.Generator[trace.Event] {
	return rapid.Custom(func(t *rapid.T) trace.Event {
		return trace.Event{
			Kind:  trace.Kind(rapid.IntRange(int(trace.Start), int(trace.Finish)).Draw(t, "kind")),
			Step:  rapid.IntRange(0, steps).Draw(t, "step"),
			Actor: trace.Actor(rapid.IntRange(0, actors-1).Draw(t, "actor")),
			Word:  texts().Draw(t, "word"), Read: texts().Draw(t, "read"), Wrote: texts().Draw(t, "wrote"),
			Note: texts().Draw(t, "note"), At: texts().Draw(t, "at"), Code: texts().Draw(t, "code"),
		}
	})
}

func traces() *rapid.Generator[*trace.Trace] {
	return rapid.Custom(func(t *rapid.T) *trace.Trace {
		s := schedules().Draw(t, "schedule")
		made := &trace.Trace{
			Schedule:    s,
			Verdict:     trace.Verdict(rapid.IntRange(int(trace.Undecided), int(trace.Tampered)).Draw(t, "verdict")),
			Message:     texts().Draw(t, "message"),
			Preemptions: rapid.IntRange(0, len(s.Decisions)).Draw(t, "preemptions"),
		}
		for range rapid.IntRange(0, 6).Draw(t, "events") {
			made.Events = append(made.Events, events(s.Actors, len(s.Decisions)).Draw(t, "event"))
		}
		return made
	})
}

// blanks is what may stand between two words.
func blanks(t *rapid.T, set ...string) string {
	return strings.Repeat(rapid.SampledFrom(set).Draw(t, "blank"), rapid.IntRange(1, 3).Draw(t, "blanks"))
}

// legible fails unless err is one line of bounded length that says what was expected.
func legible(t rapid.TB, err error) {
	t.Helper()
	text := err.Error()
	if strings.ContainsAny(text, "\n\r\t\x1b\x00") || len(text) > 700 {
		t.Fatalf("the error is not one short line: %q", text)
	}
	if !strings.Contains(text, "expected ") {
		t.Fatalf("the error does not say what was expected: %s", text)
	}
}
