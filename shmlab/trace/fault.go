package trace

import "fmt"

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
	"none", "kill", "stop", "cont", "wake", "eintr", "spurious", "timeout",
	"hup", "int", "quit", "usr1", "usr2", "pipe", "alrm", "term", "chld", "urg", "winch",
}

// Signal reports whether f is a signal that a handler may be there for.
func (f Fault) Signal() bool { return f >= Hup && f < faults }

// Ignored reports whether f is a signal that does nothing to an actor without a
// handler for it; any other ends that actor.
func (f Fault) Ignored() bool { return f == Chld || f == Urg || f == Winch }

// Fatal reports whether f ends an actor, which has a handler for it or has not.
func (f Fault) Fatal(handled bool) bool {
	return f == Kill || f.Signal() && !handled && !f.Ignored()
}

// String returns the fault's name, as in the text of a schedule.
func (f Fault) String() string {
	if f < faults {
		return faultNames[f]
	}
	return fmt.Sprintf("fault(%d)", uint8(f))
}

// ParseFault is the inverse of [Fault.String]; there is no text for [NoFault].
func ParseFault(name string) (Fault, error) {
	for f := Kill; f < faults; f++ {
		if faultNames[f] == name {
			return f, nil
		}
	}
	return NoFault, fmt.Errorf("no fault is called %s: expected kill, stop, cont, wake, eintr, spurious, timeout or a signal as usr1", excerpt(name))
}
