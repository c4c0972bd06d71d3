package trace

import (
	"fmt"
	"strings"
)

// A Fault is what a scheduler does to an actor instead of letting it step.
type Fault uint8

// The faults, with their names in the text of a schedule. The zero Fault is none.
const (
	NoFault  Fault = iota
	Kill           // SIGKILL: the actor never takes another step
	Stop           // SIGSTOP: the actor takes no step until a Cont
	Cont           // SIGCONT
	Wakeup         // this waiter, not the first, is the one a futex wake releases
	EINTR          // the futex wait returns EINTR
	Spurious       // the futex wait returns as if woken
	Timeout        // the futex wait's deadline passes
	Hup            // a signal, delivered at the point; so are the rest
	Int
	Quit
	Usr1
	Usr2
	Pipe
	Alrm
	Term
	Chld
	Urg
	Winch
	faults
)

var faultNames = [faults]string{
	"", "kill", "stop", "cont", "wake", "eintr", "spurious", "timeout",
	"hup", "int", "quit", "usr1", "usr2", "pipe", "alrm", "term", "chld", "urg", "winch",
}

// String returns the fault's name, as in the text of a schedule.
func (f Fault) String() string {
	if f < faults {
		return faultNames[f]
	}
	return fmt.Sprintf("fault(%d)", uint8(f))
}

// A Decision is one choice of a scheduler: this actor takes a step or, with a
// fault, this happens to it. In text "A", or "kill(A)".
type Decision struct {
	Actor Actor
	Fault Fault
}

// String returns the decision's text.
func (d Decision) String() string {
	if d.Fault == NoFault {
		return d.Actor.String()
	}
	return d.Fault.String() + "(" + d.Actor.String() + ")"
}

// ParseDecision is the inverse of [Decision.String].
func ParseDecision(text string) (Decision, error) {
	name, rest, isFault := strings.Cut(text, "(")
	if !isFault {
		a, err := ParseActor(text)
		return Decision{Actor: a}, err
	}
	inner, ok := strings.CutSuffix(rest, ")")
	if !ok {
		return Decision{}, fmt.Errorf("%q is not a decision: expected an actor or a fault, as A or kill(A)", text)
	}
	a, err := ParseActor(inner)
	if err != nil {
		return Decision{}, err
	}
	for f := Kill; f < faults; f++ {
		if faultNames[f] == name {
			return Decision{Actor: a, Fault: f}, nil
		}
	}
	return Decision{}, fmt.Errorf("no fault is called %q: expected kill, stop, cont, wake, eintr, spurious, timeout or a signal", name)
}
