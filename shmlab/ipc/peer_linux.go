package ipc

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// A peer is the process at the other end, as far as it can be watched.
type peer struct {
	pidfd int
}

// watch begins to watch a process.
func watch(pid int) (peer, error) {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return peer{-1}, fmt.Errorf("cannot watch process %d: %w", pid, err)
	}
	return peer{fd}, nil
}

// dead reports whether the process has ended.
func (p peer) dead() bool { return readable(p.pidfd, 0) }

func (p peer) close() { unix.Close(p.pidfd) }

// await waits for events on fd. It returns ErrDied if the peer dies first.
func (p peer) await(fd int, events int16, deadline time.Time) error {
	fds := []unix.PollFd{{Fd: int32(fd), Events: events}, {Fd: int32(p.pidfd), Events: unix.POLLIN}}
	for {
		n, err := unix.Ppoll(fds, until(deadline), nil)
		switch {
		case err != nil && err != unix.EINTR:
			return err
		case err == nil && n == 0:
			return ErrTimeout
		case n > 0 && fds[0].Revents != 0:
			return nil
		case n > 0:
			return ErrDied
		}
	}
}

// until is how long it is until the deadline, for a system call; nil is for ever.
func until(deadline time.Time) *unix.Timespec {
	if deadline.IsZero() {
		return nil
	}
	t := unix.NsecToTimespec(int64(max(0, time.Until(deadline))))
	return &t
}
