package trace_test

import (
	"errors"
	"fmt"
	"testing"

	"shmrace/shmlab/trace"
)

func TestGarbledSchedules(t *testing.T) {
	for _, g := range garbledSchedules {
		s, err := trace.ParseSchedule(g.text)
		refused(t, g, s == nil, err)
	}
}

func TestGarbledTraces(t *testing.T) {
	for _, g := range garbledTraces {
		made, err := trace.Parse(g.text)
		refused(t, g, made == nil, err)
	}
}

// TestNoHalfEvent: an event that is refused late is not there at all.
func TestNoHalfEvent(t *testing.T) {
	e, err := trace.ParseEvent("Get step=1 actor=A word=Count read")
	refused(t, garbled{"a late error", `"read" is not a field: expected key=value`}, e == trace.Event{}, err)
}

func TestGarbledNames(t *testing.T) {
	for _, name := range []string{"", " A", "A ", "a", "A1", "?", "kill(A) ", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "\xff\n", long} {
		quoted := fmt.Sprintf("%q", name)
		if name == long {
			quoted = cut
		}
		a, err := trace.ParseActor(name)
		refused(t, garbled{name, "no actor is called " + quoted + ": expected A to BL"}, a == 0, err)
		d, err := trace.ParseDecision(name)
		refused(t, garbled{name, quoted + " is not a decision: expected an actor, A to BL, or a fault as kill(A)"}, d == trace.Decision{}, err)
		f, err := trace.ParseFault(name)
		refused(t, garbled{name, "no fault is called " + quoted + ": expected kill, stop, cont, wake, eintr, spurious, timeout or a signal as usr1"}, f == trace.NoFault, err)
		k, err := trace.ParseKind(name)
		refused(t, garbled{name, "no event is called " + quoted + ": expected a kind as Get, Lock or Finish"}, k == trace.None, err)
		v, err := trace.ParseVerdict(name)
		refused(t, garbled{name, "no verdict is called " + quoted + ": expected one of undecided holds violated deadlock livelock budget stuck diverged tampered"}, v == trace.Undecided, err)
	}
}

// refused fails unless err is the one expected and nothing is returned with it.
func refused(t *testing.T, g garbled, nothing bool, err error) {
	t.Helper()
	if err == nil {
		err = errors.New("no error")
	} else {
		legible(t, err)
	}
	if err.Error() != g.want || !nothing {
		t.Errorf("%.80q\n  gets %s\nexpect %s", g.text, err, g.want)
	}
}
