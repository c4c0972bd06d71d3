package trace_test

import (
	"testing"

	"pgregory.net/rapid"

	"shmrace/shmlab/trace"
)

// changes alter an event each in one way that counts.
var changes = map[string]func(e *trace.Event){
	"kind":  func(e *trace.Event) { e.Kind = e.Kind%trace.Finish + 1 },
	"step":  func(e *trace.Event) { e.Step++ },
	"actor": func(e *trace.Event) { e.Actor++ },
	"word":  func(e *trace.Event) { e.Word += " " },
	"read":  func(e *trace.Event) { e.Read += "\n" },
	"wrote": func(e *trace.Event) { e.Wrote += "0" },
	"note":  func(e *trace.Event) { e.Note += `"` },
}

// clone copies t so that its events can be changed.
func clone(t *trace.Trace) *trace.Trace {
	c := *t
	c.Events = append([]trace.Event(nil), t.Events...)
	return &c
}

// same fails unless a and b are equal to Differs, both ways, and to Hash.
func same(t rapid.TB, a, b *trace.Trace) {
	t.Helper()
	if expected, found, same := a.Differs(b); !same || expected != "" || found != "" {
		t.Fatalf("expected\n%s\nfound\n%s", expected, found)
	}
	if _, _, same := b.Differs(a); !same || a.Hash() != b.Hash() {
		t.Fatalf("one way the same, but not the other; hashes %x and %x", a.Hash(), b.Hash())
	}
}

// TestSourceLinesDoNotCount: a run without them, or of the same lab at another
// line, is the same run. So is one whose schedule is written otherwise.
func TestSourceLinesDoNotCount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := traces().Draw(t, "trace")
		b := clone(a)
		for i := range b.Events {
			b.Events[i].At, b.Events[i].Code = texts().Draw(t, "at"), texts().Draw(t, "code")
		}
		b.Schedule, b.Preemptions = trace.Schedule{}, b.Preemptions+1
		same(t, a, b)
	})
}

// TestEachFieldCounts changes one event: Differs shows it, and Hash is another.
func TestEachFieldCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := traces().Filter(func(t *trace.Trace) bool { return len(t.Events) > 0 }).Draw(t, "trace")
		b := clone(a)
		i := rapid.IntRange(0, len(b.Events)-1).Draw(t, "event")
		for name, change := range changes {
			b.Events[i] = a.Events[i]
			change(&b.Events[i])
			x, y := a.Events[i], b.Events[i]
			x.At, x.Code, y.At, y.Code = "", "", "", ""
			expected, found, same := a.Differs(b)
			if same || expected != x.String() || found != y.String() {
				t.Fatalf("%s: expected\n%s\nfound\n%s", name, expected, found)
			}
			if a.Hash() == b.Hash() {
				t.Fatalf("%s does not count for the hash", name)
			}
		}
	})
}

func TestDiffersAtTheEnd(t *testing.T) {
	short := clone(&lostUpdate)
	short.Events = short.Events[:5]
	last := "Finish step=4 actor=A"
	if expected, found, same := lostUpdate.Differs(short); same || expected != last || found != "the end" {
		t.Errorf("expected %q, found %q", expected, found)
	}
	if expected, found, same := short.Differs(&lostUpdate); same || expected != "the end" || found != last {
		t.Errorf("expected %q, found %q", expected, found)
	}
	if short.Hash() == lostUpdate.Hash() {
		t.Error("the last event does not count for the hash")
	}
}

func TestDiffersInVerdict(t *testing.T) {
	held, silent, unknown := clone(&lostUpdate), clone(&lostUpdate), clone(&lostUpdate)
	held.Verdict, held.Message = trace.Holds, ""
	silent.Message = ""
	unknown.Verdict, unknown.Message = trace.Undecided, ""
	violated := `violated: "the count is 1, expected 2: 1 of 2 increments are lost"`
	for _, c := range []struct {
		a, b            *trace.Trace
		expected, found string
	}{
		{&lostUpdate, held, violated, "holds"},
		{held, &lostUpdate, "holds", violated},
		{silent, &lostUpdate, "violated", violated},
		{&lostUpdate, unknown, violated, "undecided"},
		{unknown, &lostUpdate, "", ""},
		{&lostUpdate, clone(&lostUpdate), "", ""},
	} {
		if expected, found, same := c.a.Differs(c.b); expected != c.expected || found != c.found || same != (c.found == "") {
			t.Errorf("expected %q, found %q, same %v", expected, found, same)
		}
	}
	hashes := map[uint64]bool{}
	for _, made := range []*trace.Trace{&lostUpdate, held, silent, unknown} {
		hashes[made.Hash()] = true
	}
	if len(hashes) != 4 {
		t.Errorf("4 endings have %d hashes", len(hashes))
	}
}

// TestHashIsKept: a hash stands in files and reports, so it must not depend on
// the process or the version that made it.
func TestHashIsKept(t *testing.T) {
	if h := lostUpdate.Hash(); h != 0x19398b6ef5f40ac4 {
		t.Errorf("the hash is %#x", h)
	}
}

// TestBareSchedule: a trace of which nothing is known yet is one line.
func TestBareSchedule(t *testing.T) {
	made, err := trace.Parse("shmrace/1 counter/unlocked actors=2 ops=1 : A B A B")
	if err != nil || made.Verdict != trace.Undecided || len(made.Events) != 0 || len(made.Schedule.Decisions) != 4 {
		t.Errorf("it is read as %v, %v", made, err)
	}
}
