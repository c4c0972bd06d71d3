package shmlab

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"shmrace/shmlab/trace"
)

// A Turbulence disturbs a free run from outside: the actors meet no point, and
// what they do costs what it always does. The policy is the caller's.
type Turbulence struct {
	Start  []Push  // of each actor, before it is let go; fewer: the rest has none
	Storms []Storm // of each actor, as well
	// Next is the next thing to do to an actor, and how long after the one before;
	// a time of 0 or less ends it. Nil: nothing is done.
	Next func() (time.Duration, Push)
}

// A Storm stops an actor by SIGSTOP, continues it by SIGCONT, and so on. The
// times are the kernel's, to the microsecond: it hits between any two instructions.
type Storm struct {
	First  time.Duration // after the start when the first stop is due; the kernel takes a few microseconds more
	Hold   time.Duration // how long a stop lasts at least
	Period time.Duration // from one stop to the next; 0: there is no storm
}

// A Push is something done to all threads of an actor.
type Push struct {
	Actor  trace.Actor
	CPU    int    // to be pinned to, by its number among those allowed, modulo how many there are; -1: as it is
	Nice   int    // -20 to 19; of the policies Other and Batch
	Policy Policy //
}

// A Policy is one of the kernel's scheduling policies.
type Policy uint8

// The policies.
const (
	Other      Policy = iota // as everybody's
	Batch                    // as one that computes for long
	Idle                     // only when nobody else wants to run
	RoundRobin               // before everybody else, in turn with its equals
)

// String returns the policy's name in sched(7).
func (p Policy) String() string {
	return [...]string{"SCHED_OTHER", "SCHED_BATCH", "SCHED_IDLE", "SCHED_RR"}[p&3]
}

// lead is how long before the start the actors of a stormy run are told of it,
// so that all are awake and their timers set.
const lead = 150 * time.Microsecond

// longest is how long an actor stands still at most.
func (t *Turbulence) longest() (most time.Duration) {
	if t == nil {
		return 0
	}
	for _, s := range t.Storms {
		most = max(most, s.Hold)
	}
	return most
}

// begin does what is to be done before the actors are let go.
func (h *processes) begin(t *Turbulence) {
	h.denied = nil
	if t == nil {
		return
	}
	for i, p := range t.Start[:min(len(t.Start), len(h.workers))] {
		p.Actor = trace.Actor(i)
		h.deny(&h.denied, h.push(p))
	}
}

// deny adds to a list what was not allowed, once.
func (h *processes) deny(list *[]string, err error) {
	if err != nil && !slices.Contains(*list, err.Error()) {
		*list = append(*list, err.Error())
	}
}

// push does p to a worker and says what was not allowed.
func (h *processes) push(p Push) error {
	if int(p.Actor) >= len(h.workers) || p.Actor < 0 || !h.workers[p.Actor].alive {
		return nil
	}
	w := h.workers[p.Actor]
	w.ruffled = w.ruffled || p.CPU >= 0 || p.Policy != Other || p.Nice != 0
	var set unix.CPUSet
	if p.CPU >= 0 {
		set.Set(h.cpus[p.CPU%len(h.cpus)])
	}
	attr := unix.SchedAttr{Size: unix.SizeofSchedAttr, Nice: int32(p.Nice)}
	what := p.Policy.String()
	switch p.Policy {
	case Other:
		attr.Policy, what = unix.SCHED_NORMAL, fmt.Sprintf("nice %d", p.Nice)
	case Batch:
		attr.Policy = unix.SCHED_BATCH
	case Idle:
		attr.Policy, attr.Nice = unix.SCHED_IDLE, 0
	case RoundRobin:
		attr.Policy, attr.Nice, attr.Priority = unix.SCHED_RR, 0, 1
	}
	return w.eachThread(func(tid int) error {
		if p.CPU >= 0 {
			unix.SchedSetaffinity(tid, &set) // without it the run is calmer, not wrong
		}
		if err := unix.SchedSetAttr(tid, &attr, 0); err != nil && err != unix.ESRCH {
			return fmt.Errorf("%s: %w", what, err)
		}
		return nil
	})
}

// eachThread calls f for each thread of the process, until there is an error.
func (w *process) eachThread(f func(tid int) error) error {
	list, _ := os.ReadDir("/proc/" + strconv.Itoa(w.process.Pid) + "/task") // gone: it is dead
	for _, entry := range list {
		if tid, err := strconv.Atoi(entry.Name()); err == nil {
			if err := f(tid); err != nil {
				return err
			}
		}
	}
	return nil
}

// smooth undoes what a turbulence may have left: a worker of which that is not
// allowed is ended, and so replaced. All of its threads were at home when it
// started, and where the actor's own is to be it is told for each run.
func (h *processes) smooth() {
	home := slices.Index(h.cpus, h.home())
	for i, w := range h.workers {
		if w.alive && w.ruffled {
			w.signal(unix.SIGCONT)
			if h.push(Push{Actor: trace.Actor(i), CPU: home}) != nil {
				w.end()
			}
			w.ruffled = false
		}
	}
}

// A pusher is a turbulence under way.
type pusher struct {
	next   func() (time.Duration, Push)
	due    time.Time // zero: nothing is left to do
	push   Push
	denied []string // what was not allowed
}

func newPusher(t *Turbulence) *pusher {
	u := &pusher{}
	if t != nil && t.Next != nil {
		u.next, u.due = t.Next, time.Now()
		u.draw()
	}
	return u
}

func (u *pusher) draw() {
	after, p := u.next()
	if u.due, u.push = u.due.Add(after), p; after <= 0 {
		u.due = time.Time{}
	}
}

// wait returns how long to look away at most.
func (u *pusher) wait(look time.Duration) time.Duration {
	if u.due.IsZero() {
		return look
	}
	return min(look, max(time.Until(u.due), time.Microsecond))
}

// work does what is due.
func (u *pusher) work(h *processes) {
	for n := 0; n < 16 && !u.due.IsZero() && !time.Now().Before(u.due); n++ {
		h.deny(&u.denied, h.push(u.push))
		u.draw()
	}
}
