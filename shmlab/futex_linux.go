package shmlab

import (
	"errors"
	"math"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"shmrace/shmlab/trace"
)

// A Deadline is a time of the monotonic clock, in nanoseconds, as futex(2)
// wants it. The zero Deadline is never.
type Deadline int64

// In returns the deadline that is d from now.
func In(d time.Duration) Deadline { return Deadline(monotonic() + max(int64(d), 1)) }

// monotonic returns the time of the monotonic clock, in nanoseconds.
func monotonic() int64 {
	var t unix.Timespec
	unix.ClockGettime(unix.CLOCK_MONOTONIC, &t) // cannot fail: the clock exists and t is ours
	return t.Nano()
}

// What a futex wait returns when it was not woken.
var (
	ErrChanged     = errors.New("the word has changed")    // EAGAIN
	ErrInterrupted = errors.New("interrupted by a signal") // EINTR
	ErrTimeout     = errors.New("the deadline has passed") // ETIMEDOUT
)

// The answers of a scheduler to a wait.
const (
	woken uint64 = iota
	changed
	interrupted
	timedOut
)

var waitErrors = [...]error{nil, ErrChanged, ErrInterrupted, ErrTimeout}

// Wait sleeps while the word holds want, until a [Uint32.Wake] releases it. The
// test and the falling asleep are one step, so no wake between them is lost.
// It returns nil when woken, which may also be for no reason, else ErrChanged,
// ErrInterrupted or ErrTimeout.
func (u *Uint32) Wait(p *Proc, want uint32, deadline Deadline) error {
	if p.stepped {
		return waitErrors[p.wait(addrOf(u), futexPoint(want), deadline)&3]
	}
	p.look()
	err := futexError(futexWait(&u.v, want, deadline))
	p.look()
	return err
}

func futexPoint(want uint32) Point { return Point{Kind: trace.Wait, Size: 4, want: uint64(want)} }

func futexError(errno unix.Errno) error {
	switch errno {
	case 0:
		return nil
	case unix.EAGAIN:
		return ErrChanged
	case unix.EINTR:
		return ErrInterrupted
	case unix.ETIMEDOUT:
		return ErrTimeout
	}
	panic("shmlab: futex wait: " + errno.Error())
}

// Wake releases at most n of the actors that sleep on the word and returns how many.
func (u *Uint32) Wake(p *Proc, n int) int {
	n = min(max(n, 0), math.MaxInt32) // the kernel takes an int, and 0 for 1
	if p.stepped {
		return int(p.wake(addrOf(u), n))
	}
	if n == 0 {
		return 0
	}
	return futexWake(&u.v, n)
}

// wait is a futex wait in a stepped run. Within a step that is taken as a whole
// it is the step that waits: the actor stands at it again, to go on when the
// word has changed. With a deadline it sleeps, so that the deadline can pass.
func (p *Proc) wait(addr uintptr, point Point, deadline Deadline) uint64 {
	point.Off = offset(addr, p.base)
	point.timed, point.inner, p.until = deadline != 0, p.within, deadline
	if p.within && !point.timed && p.roamer == nil {
		return p.waitWithin(point)
	}
	p.at.point = point
	p.arrive()
	return p.at.reply
}

func (p *Proc) waitWithin(point Point) uint64 {
	step := Point{Kind: p.steps[0].Kind, Off: point.Off, Size: point.Size, test: different, want: point.want}
	if point.nap {
		step.deaths = newDeath
	}
	p.at.point, p.at.effect.failed = step, true
	p.arrive()
	return woken
}

func (p *Proc) wake(addr uintptr, n int) uint64 {
	p.at.point = Point{Kind: trace.Wake, Size: 4, Off: offset(addr, p.base), count: uint32(n), inner: p.within}
	p.arrive()
	return p.at.reply
}

// The operations of futex(2). Without FUTEX_PRIVATE_FLAG: the word is shared.
const (
	futexWakeOp       = 1
	futexWaitBitsetOp = 9 // its timeout is absolute
	futexAllBits      = 0xffffffff
)

// futexWait sleeps while *word holds want. It tells the Go scheduler, for it
// may last.
func futexWait(word *atomic.Uint32, want uint32, deadline Deadline) unix.Errno {
	var timeout *unix.Timespec
	if deadline != 0 {
		t := unix.NsecToTimespec(int64(deadline))
		timeout = &t
	}
	_, _, errno := unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWaitBitsetOp,
		uintptr(want), uintptr(unsafe.Pointer(timeout)), 0, futexAllBits)
	return errno
}

// futexWake wakes at most n sleepers and returns how many. It never lasts, so
// the Go scheduler is not told.
func futexWake(word *atomic.Uint32, n int) int {
	woken, _, _ := unix.RawSyscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWakeOp, uintptr(n), 0, 0, 0)
	return int(woken)
}
