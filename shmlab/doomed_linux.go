package shmlab

import (
	"os"
	"runtime"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"

	"shmrace/shmlab/trace"
)

// NewDoomed returns an actor of no run, as [NewProc] does, that meets its points,
// those within primitives included, and sends itself a signal when it arrives at
// the one with number at, from 1; at 0 it never does. It is how a lock is shown
// to survive a death at an exact point while everybody else runs freely. Its
// cells are all in s.
func NewDoomed[S any](s *S, index, at int, sig unix.Signal) *Proc {
	return &Proc{
		stepped: true, inside: true, kernel: true, alone: true, index: index,
		base: uintptr(unsafe.Pointer(s)), port: &doom{at: at, signal: sig},
	}
}

// doom is the port of an actor that nobody schedules.
type doom struct {
	at, met int
	signal  unix.Signal
}

func (d *doom) arrive(p *Proc) *seat {
	point := &p.at.point
	if point.Kind.Point() && !point.inner {
		if d.met++; d.met == d.at {
			unix.Tgkill(os.Getpid(), unix.Gettid(), d.signal) // takes effect before it returns
		}
	}
	word := (*atomic.Uint32)(unsafe.Add(unsafe.Pointer(nil), p.base+uintptr(point.Off)))
	if point.test != nothing && !point.inner {
		runtime.Gosched() // it looks again
	}
	switch point.Kind {
	case trace.Wait:
		p.at.reply = replyOf(futexWait(word, uint32(point.want), p.until))
	case trace.Wake:
		p.at.reply = uint64(futexWake(word, int(point.count)))
	}
	return nil
}

func replyOf(errno unix.Errno) uint64 {
	switch futexError(errno) {
	case ErrChanged:
		return changed
	case ErrInterrupted:
		return interrupted
	case ErrTimeout:
		return timedOut
	}
	return woken
}
