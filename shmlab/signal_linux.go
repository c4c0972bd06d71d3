package shmlab

import (
	"os"
	"os/signal"
	"unsafe"

	"golang.org/x/sys/unix"

	"shmrace/shmlab/trace"
)

// numbers are the system's signals.
var numbers = [...]unix.Signal{
	trace.Kill: unix.SIGKILL, trace.Stop: unix.SIGSTOP, trace.Cont: unix.SIGCONT,
	trace.Hup: unix.SIGHUP, trace.Int: unix.SIGINT, trace.Quit: unix.SIGQUIT,
	trace.Usr1: unix.SIGUSR1, trace.Usr2: unix.SIGUSR2, trace.Pipe: unix.SIGPIPE,
	trace.Alrm: unix.SIGALRM, trace.Term: unix.SIGTERM, trace.Chld: unix.SIGCHLD,
	trace.Urg: unix.SIGURG, trace.Winch: unix.SIGWINCH,
}

// A letterbox is where a process finds the signals of one kind that the kernel
// has delivered to it. It holds one, as the kernel does. Nil: of a coroutine,
// which gets no real ones.
type letterbox chan os.Signal

func newLetterbox(sig trace.Fault) letterbox {
	b := make(letterbox, 1)
	signal.Notify(b, numbers[sig])
	return b
}

// close gives the signal its default action again.
func (b letterbox) close(sig trace.Fault) {
	if b != nil {
		signal.Stop(b)
		dieOf(sig)
	}
}

// await waits for a signal that is on its way.
func (b letterbox) await() {
	if b != nil {
		<-b
	}
}

// take reports whether a signal has come.
func (b letterbox) take() bool {
	select {
	case <-b:
		return true
	default:
		return false
	}
}

// dieOfSignals gives every signal that ends a process its default action. Go
// does nothing about some of them, or prints a stack.
func dieOfSignals() {
	unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}) // leaves nothing behind
	for sig := trace.Hup; sig.Signal(); sig++ {
		dieOf(sig)
	}
}

// dieOf gives a signal its default action. To ignore it first makes Go forget
// that it has a handler of its own, which it would not set again for a letterbox.
func dieOf(sig trace.Fault) {
	if sig.Ignored() {
		return // Go's handler does nothing either, but for SIGURG, which Go needs
	}
	signal.Ignore(numbers[sig])
	var byDefault [4]uint64 // a struct sigaction of zeros: SIG_DFL, no flags
	unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(numbers[sig]), uintptr(unsafe.Pointer(&byDefault)), 0, 8, 0, 0)
}
