package trace_test

import (
	"reflect"
	"strings"
	"testing"

	"shmrace/shmlab/trace"
)

func FuzzParseSchedule(f *testing.F) {
	for _, s := range goldenSchedules {
		f.Add(s.String())
	}
	for _, g := range garbledSchedules {
		f.Add(g.text)
	}
	f.Add("shmrace/1 a actors=1 ops=1 : A1048576")
	f.Add("\nshmrace/1\tcounter/unlocked\u00a0ops=007 actors=2 start=barrier inside-locks=no : A1 A01 usr1(B)\r\n")
	f.Fuzz(func(t *testing.T, line string) {
		first, err := trace.ParseSchedule(line)
		if err != nil {
			legible(t, err)
			return
		}
		if n := len(first.Decisions); n > trace.MaxDecisions {
			t.Fatalf("%d decisions are read", n)
		}
		second, err := trace.ParseSchedule(first.String())
		if err != nil || !reflect.DeepEqual(first, second) {
			t.Fatalf("%q\nis read as\n%v\nand that as\n%v, %v", line, first, second, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(lostUpdate.String())
	f.Add(everyKind().String())
	f.Add("# comment\r\n\r\nshmrace/1 a actors=1 ops=1 : A\r\n\tGet\tactor=A  step=1 note=\"\"\r\n")
	for _, g := range garbledTraces {
		f.Add(g.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		stable(t, text)
		if made, err := trace.Parse(text); err == nil && len(made.Events) > strings.Count(text, "\n") {
			t.Fatalf("%d events are read from %q", len(made.Events), text)
		}
	})
}
