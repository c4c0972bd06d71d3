package shmlab

import (
	"bytes"
	"os"
	"os/signal"
	"strconv"
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
	t.set(In(d), max(d, time.Millisecond))
	unix.Tgkill(os.Getpid(), unix.Gettid(), unix.SIGSTOP) // takes effect before it returns
}

// A reviver continues actors that were stopped for longer than they were to be: a
// SIGSTOP takes with it a SIGCONT that is on its way, and the timer of a signal
// that nobody received does not expire again.
type reviver struct {
	hold  time.Duration // 0: nobody is stopped
	since map[int]time.Time
}

// work continues those of the actors left that have been stopped for too long.
func (r *reviver) work(h *processes, left []int) {
	if r.hold == 0 {
		return
	}
	if r.since == nil {
		r.since = map[int]time.Time{}
	}
	for _, i := range left {
		if w := h.workers[i]; !w.stopped() {
			delete(r.since, i)
		} else if at, seen := r.since[i]; !seen {
			r.since[i] = time.Now()
		} else if time.Since(at) > r.hold {
			w.signal(unix.SIGCONT)
		}
	}
}

// stopped reports whether the process is stopped by a signal.
func (w *process) stopped() bool { return stateOf(w.process.Pid) == 'T' }

// stateOf returns the state of a worker's thread, a letter of proc_pid_stat(5); 0
// if it is gone.
func stateOf(tid int) byte {
	b, _ := os.ReadFile("/proc/" + strconv.Itoa(tid) + "/stat")
	_, state, _ := bytes.Cut(b, []byte(") ")) // the names of workers have no parenthesis
	if len(state) == 0 {
		return 0
	}
	return state[0]
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

// set makes the timer expire at a time of the monotonic clock, and then every period.
func (t timer) set(first Deadline, period time.Duration) {
	const absolute = 1 // TIMER_ABSTIME
	times := [2]unix.Timespec{unix.NsecToTimespec(int64(period)), unix.NsecToTimespec(int64(first))}
	unix.RawSyscall6(unix.SYS_TIMER_SETTIME, uintptr(t), absolute, uintptr(unsafe.Pointer(&times)), 0, 0, 0)
}

func (t timer) delete() { unix.RawSyscall(unix.SYS_TIMER_DELETE, uintptr(t), 0, 0) }

// A blow is a [Storm] under way. The timer that continues goes on for as long as
// there is one that stops, so that none is the last.
type blow struct {
	stop, cont timer
	blowing    bool
}

// begin sets the timers of a storm that is relative to start.
func (b *blow) begin(s Storm, start Deadline) {
	if s.Period <= 0 {
		return
	}
	heard()
	var err error
	if b.cont, err = newTimer(unix.SIGCONT); err != nil {
		return // too many timers: a calmer run
	}
	if b.stop, err = newTimer(unix.SIGSTOP); err != nil {
		b.cont.delete()
		return
	}
	b.blowing = true
	// Late, both would expire at once, and the stop be the last.
	first := max(start+Deadline(s.First), In(0))
	b.cont.set(first+Deadline(s.Hold), s.Period)
	b.stop.set(first, s.Period)
}

// end ends the storm: first what stops, then what continues.
func (b *blow) end() {
	if b.blowing {
		b.stop.delete()
		b.cont.delete()
		b.blowing = false
	}
}
