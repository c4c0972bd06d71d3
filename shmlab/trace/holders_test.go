package trace_test

import (
	"fmt"
	"testing"

	"shmrace/shmlab/trace"
)

// TestHolders goes through a trace and looks at who holds what after each event.
func TestHolders(t *testing.T) {
	var h trace.Holders
	for _, c := range []struct{ event, held, of string }{
		{"Lock step=1 actor=A word=M", "[M] []", "[A] []"},
		{"TryLock step=2 actor=B word=M note=failed", "[M] []", "[A] []"},
		{"Lock step=3 actor=A word=N", "[M N] []", "[A] [A]"},
		{"Unlock step=4 actor=B word=N", "[M N] []", "[A] [A]"},
		{"Unlock step=5 actor=A word=M", "[N] []", "[] [A]"},
		{"RLock step=6 actor=A word=M", "[N M] []", "[A] [A]"},
		{"RLock step=7 actor=B word=M", "[N M] [M]", "[A B] [A]"},
		{"RUnlock step=8 actor=A word=M", "[N] [M]", "[B] [A]"},
		{"Injected step=9 actor=A note=stop", "[N] [M]", "[B] [A]"},
		{"Injected step=9 actor=A note=kill", "[N] [M]", "[B] [A]"},
		{"Lock step=10 actor=B word=N", "[] [M N]", "[B] [B]"},
	} {
		e, err := trace.ParseEvent(c.event)
		if err != nil {
			t.Fatal(err)
		}
		h.Take(&e)
		if held := fmt.Sprint(h.Held(0), h.Held(1)); held != c.held {
			t.Errorf("after %s A and B hold %s, expected %s", c.event, held, c.held)
		}
		if of := fmt.Sprint(h.Of("M"), h.Of("N")); of != c.of {
			t.Errorf("after %s M and N are held by %s, expected %s", c.event, of, c.of)
		}
	}
	if !h.Dead(0) || h.Dead(1) {
		t.Errorf("A is dead: %v, B is dead: %v", h.Dead(0), h.Dead(1))
	}
}
