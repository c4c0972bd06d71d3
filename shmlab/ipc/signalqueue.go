package ipc

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// signalsSent is how many signals are sent while they are blocked.
const signalsSent = 10

var signalsNoQueue = Demonstration{
	Number: 13, Name: "sigqueue",
	Title:    "Signals are not a queue",
	Claim:    "Ten standard signals sent while they are blocked arrive as one; ten real-time signals as ten.",
	Question: "A process blocks SIGUSR1. Ten are sent to it. Then it takes what is pending, until nothing is. How many?",
	Choices:  []string{"10", "1", "between 1 and 10, it depends on the timing"},
	answer:   picks("SIGUSR1", "10", "1"),
	script:   playSignalsNoQueue,
	expect:   []string{"sent=10", "SIGUSR1=1", "SIGRTMIN+1=10"},
	Why: "For a standard signal the kernel keeps one bit: it is pending or it is not. Real-time signals are kept " +
		"in a list, up to RLIMIT_SIGPENDING.",
	Trap:    "Counting with signals: two children that end at once may be one SIGCHLD. Ask waitpid until it has no more.",
	Further: []string{"signal(7), \"Queueing and delivery\"", "sigtimedwait(2)", "sigqueue(3)", "waitpid(2)"},
	code:    []string{"playSignalsNoQueue"},
}

func playSignalsNoQueue(s *Stage) {
	const realTime = unix.Signal(35)
	restore := blockSignals(unix.SIGUSR1, realTime) // a process inherits it over exec
	defer restore()
	receiver := s.start("receiver")
	restore()
	s.fact("sent", signalsSent)
	for _, sig := range []unix.Signal{unix.SIGUSR1, realTime} {
		s.rounds(signalsSent, func(int) { s.parent.do(kill(receiver, sig)).ok() })
		sets, err := SignalSetsOf(receiver.Pid)
		if err != nil {
			s.abort(err)
		}
		s.record(Step{receiver.Name, "pending, from /proc", sets.Process.String()})
		n := 0
		for receiver.do(takeSignal(sig)).Errno == 0 {
			n++
		}
		s.fact(SignalName(int(sig)), n)
	}
}

func kill(a *Actor, sig unix.Signal) request {
	return request{call{Op: "kill", N: int64(a.Pid), M: int64(sig)}, fmt.Sprintf("kill(%s, %s)", a.Name, SignalName(int(sig))), 0}
}

// takeSignal is sigtimedwait that does not wait: EAGAIN if none is pending.
func takeSignal(sig unix.Signal) request {
	return request{call{Op: "sigtimedwait", N: int64(sig)}, fmt.Sprintf("sigtimedwait(%s, no time)", SignalName(int(sig))), 0}
}
