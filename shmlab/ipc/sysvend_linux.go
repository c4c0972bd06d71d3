package ipc

import (
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// A sysvEnd is an end of a System V queue. It is no descriptor and cannot be
// polled together with the peer, so a call that waits for ever is interrupted
// by a watchman: SIGURG, which Go's runtime handles and otherwise ignores.
type sysvEnd struct {
	queue   SysVQueue
	peer    peer
	thread  int
	waiting atomic.Bool
	died    atomic.Bool
	over    atomic.Bool
}

func newSysvEnd(q SysVQueue, p peer) *sysvEnd {
	e := &sysvEnd{queue: q, peer: p, thread: unix.Gettid()}
	go e.watch()
	return e
}

// watch waits for the peer's death and then interrupts this end's waiting.
func (e *sysvEnd) watch() {
	for !readable(e.peer.pidfd, 100) {
		if e.over.Load() {
			e.peer.close()
			return
		}
	}
	e.died.Store(true)
	// Again and again: a signal that comes just before the call does not end it.
	for ; !e.over.Load(); time.Sleep(time.Millisecond) {
		if e.waiting.Load() {
			unix.Tgkill(unix.Getpid(), e.thread, unix.SIGURG)
		}
	}
	e.peer.close()
}

func (e *sysvEnd) send(record []byte, deadline time.Time) error {
	return e.repeat(deadline, unix.EAGAIN, func(flags int) error { return e.queue.Send(1, record, flags) })
}

func (e *sysvEnd) receive(buffer []byte, deadline time.Time) (n int, err error) {
	err = e.repeat(deadline, unix.ENOMSG, func(flags int) (err error) {
		n, _, err = e.queue.Receive(0, buffer, flags)
		return err
	})
	return n, err
}

// repeat makes a call until it does not have to wait: blocking if there is no
// deadline, else looking every 50 microseconds.
func (e *sysvEnd) repeat(deadline time.Time, empty unix.Errno, f func(flags int) error) error {
	for {
		died := e.died.Load()
		flags := 0
		if died || !deadline.IsZero() {
			flags = ipcNoWait
		}
		e.waiting.Store(flags == 0)
		err := f(flags)
		e.waiting.Store(false)
		switch {
		case err == unix.EIDRM:
			return ErrClosed
		case err != unix.EINTR && err != empty:
			return err
		case err == empty && died:
			return ErrDied
		case err == empty && !time.Now().Before(deadline):
			return ErrTimeout
		case err == empty:
			time.Sleep(50 * time.Microsecond)
		}
	}
}

func (e *sysvEnd) close() error {
	e.over.Store(true)
	return nil
}
