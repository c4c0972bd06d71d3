package shmlab

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// A process is one worker, as its supervisor sees it.
type process struct {
	standing standing
	control  *control
	process  *os.Process
	pidfd    int
	stderr   *os.File // holds what it wrote
	arrivals uint64   // how often it has arrived
	next     order    // what it is let go for
	alive    bool
	light    bool             // the kernel knows of it; see Proc.Lighten
	ruffled  bool             // its priority or its processor may not be what it began with
	state    *os.ProcessState // how it ended
}

// stderrSize is how much of what a worker writes is kept, in bytes.
const stderrSize = 1 << 16

// dead reports whether the process has ended.
func (w *process) dead() bool {
	fds := []unix.PollFd{{Fd: int32(w.pidfd), Events: unix.POLLIN}}
	n, err := unix.Poll(fds, 0)
	return err == nil && n > 0
}

// end kills the process if it is alive, and waits for it.
func (w *process) end() {
	if !w.alive {
		return
	}
	w.alive = false
	if w.signal(unix.SIGKILL) != nil {
		w.process.Kill() // it has ended already, or this kernel has no pidfd
	}
	w.state, _ = w.process.Wait()
}

// dieOf sends the process a signal that ends it, and waits for it.
func (w *process) dieOf(sig unix.Signal) error {
	if err := w.signal(sig); err != nil {
		return err
	}
	defer w.end()
	for end := In(DefaultGuard); monotonic() < int64(end); {
		fds := []unix.PollFd{{Fd: int32(w.pidfd), Events: unix.POLLIN}}
		if n, _ := unix.Poll(fds, int(deathCheck.Milliseconds())); n > 0 {
			return nil
		}
	}
	return fmt.Errorf("a worker does not die of %v", sig)
}

func (w *process) signal(sig unix.Signal) error {
	if err := unix.PidfdSendSignal(w.pidfd, sig, nil, 0); err != nil {
		return fmt.Errorf("cannot send %v to a worker: %w", sig, err)
	}
	return nil
}

// obituary says what the process died of.
func (w *process) obituary() string {
	if w.state == nil {
		return "it is gone"
	}
	b := make([]byte, stderrSize)
	n, _ := w.stderr.ReadAt(b, 0)
	if line := firstLine(b[:n]); line != "" {
		return fmt.Sprintf("%v: %s", w.state, line)
	}
	return w.state.String()
}

// close gives back what the supervisor holds of a process that has ended.
func (w *process) close() {
	if w.pidfd > 0 {
		unix.Close(w.pidfd)
		w.pidfd = 0
	}
	if w.stderr != nil {
		w.stderr.Close()
		w.stderr = nil
	}
	if w.control != nil {
		w.control.unmap()
		w.control = nil
	}
}
