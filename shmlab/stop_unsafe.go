package shmlab

import (
	"os"
	"os/signal"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// heard makes SIGCONT a signal with a handler, which does nothing: a timer whose
// signal is ignored does not expire a second time.
var heard = sync.OnceFunc(func() { signal.Notify(make(chan os.Signal, 1), unix.SIGCONT) })

// stopFor stops this process by SIGSTOP; after d the kernel continues it, for
// whoever is stopped cannot. A timer that expired before the stop took effect
// would leave it stopped for ever: this one expires again and again.
func stopFor(d time.Duration) {
	heard()
	t, err := newTimer(unix.SIGCONT)
	if err != nil {
		time.Sleep(d) // nobody could continue it: it stands still all the same
		return
	}
	defer t.delete()
	t.set(d, max(d, time.Millisecond))
	unix.Tgkill(os.Getpid(), unix.Gettid(), unix.SIGSTOP) // takes effect before it returns
}

// A timer is one of the kernel's, timer_create(2), that sends this thread a signal.
type timer int32

// sigevent is what timer_create takes: a value, the signal, how to notify whom.
type sigevent struct {
	value  uint64
	signal int32
	notify int32
	thread int32
	_      [44]byte
}

const notifyThread = 4 // SIGEV_THREAD_ID

func newTimer(sig unix.Signal) (t timer, err error) {
	event := sigevent{signal: int32(sig), notify: notifyThread, thread: int32(unix.Gettid())}
	_, _, errno := unix.RawSyscall(unix.SYS_TIMER_CREATE, unix.CLOCK_MONOTONIC, uintptr(unsafe.Pointer(&event)), uintptr(unsafe.Pointer(&t)))
	if errno != 0 {
		return 0, errno
	}
	return t, nil
}

// set makes the timer expire after first, and then every period.
func (t timer) set(first, period time.Duration) {
	times := [2]unix.Timespec{unix.NsecToTimespec(int64(period)), unix.NsecToTimespec(int64(first))}
	unix.RawSyscall6(unix.SYS_TIMER_SETTIME, uintptr(t), 0, uintptr(unsafe.Pointer(&times)), 0, 0, 0)
}

func (t timer) delete() { unix.RawSyscall(unix.SYS_TIMER_DELETE, uintptr(t), 0, 0) }
