package shmlab

import (
	"time"

	"golang.org/x/sys/unix"
)

// Nap is [Uint32.Wait] for whoever must not rely on being woken: the wake may
// have gone to somebody who was killed before he could pass it on, or the one
// who would wake is dead. It returns nil after a while, to look again: first
// after 10 ms, then after twice as long each time, at most 20 s, so that whoever
// waits long costs little. Try counts how often the caller has looked.
//
// In a stepped run a nap ends by itself only after a kill, when nobody can step,
// and only to see what has changed: otherwise it would hide a lost wake-up.
func (u *Uint32) Nap(p *Proc, want uint32, deadline Deadline, try int) error {
	if p.stepped && !p.alone {
		point := futexPoint(want)
		point.nap = true
		return waitErrors[p.wait(addrOf(u), point, deadline)&3]
	}
	end := In(shortNap << min(try, longerNaps))
	if deadline != 0 && deadline <= end {
		return u.Wait(p, want, deadline)
	}
	if err := u.Wait(p, want, end); err != ErrTimeout {
		return err
	}
	return nil
}

const (
	shortNap   = 10 * time.Millisecond
	longerNaps = 11
)

// GiveWay lets those run first that wait for this processor: who looks for what
// another does may keep it from doing so.
func (p *Proc) GiveWay() { unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0) }
