package trace_test

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"shmrace/shmlab/trace"
)

func TestActorRoundTrip(t *testing.T) {
	seen := map[string]bool{}
	for a := range trace.Actor(trace.MaxActors) {
		back, err := trace.ParseActor(a.String())
		if err != nil || back != a || seen[a.String()] {
			t.Errorf("actor %d is written %v and read %d, %v", int(a), a, int(back), err)
		}
		seen[a.String()] = true
	}
	for a, want := range map[trace.Actor]string{0: "A", 25: "Z", 26: "AA", 51: "AZ", 52: "BA", 63: "BL", -1: "?"} {
		if a.String() != want {
			t.Errorf("actor %d is written %v, expected %s", int(a), a, want)
		}
	}
}

func TestFaultRoundTrip(t *testing.T) {
	for f := trace.Kill; f <= trace.Winch; f++ {
		if back, err := trace.ParseFault(f.String()); err != nil || back != f {
			t.Errorf("%v is read as %v, %v", f, back, err)
		}
	}
	if f, err := trace.ParseFault(trace.NoFault.String()); err == nil {
		t.Errorf("no fault is read as %v", f)
	}
}

func TestDecisionRoundTrip(t *testing.T) {
	for a := range trace.Actor(trace.MaxActors) {
		for f := trace.NoFault; f <= trace.Winch; f++ {
			d := trace.Decision{Actor: a, Fault: f}
			if back, err := trace.ParseDecision(d.String()); err != nil || back != d {
				t.Errorf("%v is read as %v, %v", d, back, err)
			}
		}
	}
}

func TestScheduleRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := schedules().Draw(t, "schedule")
		back, err := trace.ParseSchedule(s.String())
		if err != nil || !reflect.DeepEqual(*back, s) {
			t.Fatalf("%v\nis read as\n%v, %v", s, back, err)
		}
	})
}

func TestEventRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := events(trace.MaxActors, trace.MaxDecisions).Draw(t, "event")
		back, err := trace.ParseEvent(e.String())
		if err != nil || back != e || strings.ContainsAny(e.String(), "\n\r") {
			t.Fatalf("%v\nis read as\n%v, %v", e, back, err)
		}
	})
}

func TestTraceRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		made := traces().Draw(t, "trace")
		text := made.String()
		back, err := trace.Parse(text)
		if err != nil || !reflect.DeepEqual(back, made) || strings.Count(text, "\n") != len(made.Events)+2 {
			t.Fatalf("%v\nis read as\n%v, %v", made, back, err)
		}
	})
}

// TestScheduleCanonical writes a schedule in every other way there is: it is
// read as the same, and printed in the one way.
func TestScheduleCanonical(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := schedules().Draw(t, "schedule")
		head := []string{fmt.Sprintf("actors=%d", s.Actors), fmt.Sprintf("ops=0%d", s.Ops)}
		head = append(head, spelled(t, s.Staggered, "start=staggered", "start=barrier")...)
		head = append(head, spelled(t, s.InsideLocks, "inside-locks=yes", "inside-locks=no")...)
		words := []string{trace.Version, s.Lab}
		if s.Hash != "" {
			words[1] += "#" + s.Hash
		}
		words = append(append(words, rapid.Permutation(head).Draw(t, "settings")...), ":")
		words = append(words, singly(t, s.Decisions)...)
		text := ""
		for _, w := range words {
			text += blanks(t, " ", "\t", "\n", "\r\n", "\u00a0") + w
		}
		back, err := trace.ParseSchedule(text)
		if err != nil || back.String() != s.String() {
			t.Fatalf("%q\nis read as\n%v, %v", text, back, err)
		}
	})
}

// spelled writes a setting out; the one that is off may be left out.
func spelled(t *rapid.T, on bool, yes, no string) []string {
	if on {
		return []string{yes}
	}
	if rapid.Bool().Draw(t, "explicit") {
		return []string{no}
	}
	return nil
}

// singly writes decisions without putting equal ones together.
func singly(t *rapid.T, decisions []trace.Decision) []string {
	var words []string
	for _, d := range decisions {
		word := d.String()
		if d.Fault == trace.NoFault {
			word += rapid.SampledFrom([]string{"", "1", "01"}).Draw(t, "run")
		}
		words = append(words, word)
	}
	return words
}

// TestTraceCanonical is TestScheduleCanonical for the lines of a trace.
func TestTraceCanonical(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		made := traces().Draw(t, "trace")
		text := noise(t) + made.Schedule.String() + blanks(t, "\n", "\r\n")
		for _, e := range made.Events {
			text += noise(t) + loosely(t, e) + blanks(t, "\n", "\r\n")
		}
		fields := []string{"is=" + strconv.Quote(made.Verdict.String()), fmt.Sprintf("preemptions=%d", made.Preemptions), "note=" + strconv.Quote(made.Message)}
		text += noise(t) + "Verdict"
		for _, f := range rapid.Permutation(fields).Draw(t, "fields") {
			text += blanks(t, " ", "\t") + f
		}
		back, err := trace.Parse(text + "\n" + noise(t))
		if err != nil || back.String() != made.String() {
			t.Fatalf("%s\nis read as\n%v, %v", text, back, err)
		}
	})
}

// noise is lines that say nothing.
func noise(t *rapid.T) string {
	return rapid.SampledFrom([]string{"", "\n", " \t\n", "# a comment\n", "  #Get step=1 actor=A\r\n"}).Draw(t, "noise")
}

// loosely writes an event with its fields in any order, all of them quoted.
func loosely(t *rapid.T, e trace.Event) string {
	fields := []string{
		"step=" + strconv.Itoa(e.Step), "actor=" + strconv.Quote(e.Actor.String()),
		"word=" + strconv.Quote(e.Word), "read=" + strconv.Quote(e.Read), "wrote=" + strconv.Quote(e.Wrote),
		"note=" + strconv.Quote(e.Note), "at=" + strconv.Quote(e.At), "code=" + strconv.Quote(e.Code),
	}
	text := e.Kind.String()
	for _, f := range rapid.Permutation(fields).Draw(t, "fields") {
		text += blanks(t, " ", "\t") + f
	}
	return text
}

// TestGarbledTrace puts a few wrong bytes into a trace: it is refused legibly,
// or what is read is printed and read again as the same.
func TestGarbledTrace(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := []byte(traces().Draw(rt, "trace").String())
		for range rapid.IntRange(1, 3).Draw(rt, "wrong") {
			text[rapid.IntRange(0, len(text)-1).Draw(rt, "where")] = rapid.OneOf(rapid.SampledFrom([]byte(" \n\"=#:()A1")), rapid.Byte()).Draw(rt, "byte")
		}
		stable(rt, string(text))
	})
}

// stable fails unless text is refused legibly or read, printed and read as the same.
func stable(t rapid.TB, text string) {
	t.Helper()
	first, err := trace.Parse(text)
	if err != nil {
		legible(t, err)
		return
	}
	second, err := trace.Parse(first.String())
	if err != nil || !reflect.DeepEqual(first, second) || first.String() != second.String() {
		t.Fatalf("%q\nis read as\n%v\nand that as\n%v, %v", text, first, second, err)
	}
}
