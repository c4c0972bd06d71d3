package shmlab

import "shmrace/shmlab/trace"

// An Appointment is a fault that is to happen to an actor at a place of its own,
// wherever the others are by then. So it means the same in every order of steps,
// and a search of all orders can have it in each.
//
// The places are, for eintr, spurious, timeout and wake, the times that the actor
// falls asleep, for timeout with a deadline: the fault comes at once, for nobody
// sees whether it comes later. For any other fault they are the points that the
// actor comes to, and the times that it falls asleep. Standing there it takes no
// other step before the fault, which is a step of the actor that it can always
// take, also while it waits; if its sleep ends meanwhile, the fault comes at the
// next point.
type Appointment struct {
	Actor   trace.Actor
	Fault   trace.Fault
	At      int  // the number of the place, from 0
	Handled bool // only places where the actor has a handler for the fault count
}

// appointed is how far an appointment is.
type appointed struct {
	Appointment
	made   bool // also in a run that is begun again where it was broken off
	passed int  // places that the actor has come to
	is     bool // there is one, and it is not kept
	kept   bool
}

// again makes ready for a run, the same again if an appointment was made in it.
func (a *appointed) again(here bool) { a.is, a.kept, a.passed = a.made && here, false, 0 }

// Appoint has a fault happen in this run; it is called before the first decision
// and no more than once. From the place on, the actor is among the enabled, and
// the decision that it takes a step stands for the fault.
func (c *Choice) Appoint(a Appointment) {
	s := c.sched
	s.appointed = appointed{Appointment: a, made: int(a.Actor) < s.n, is: int(a.Actor) < s.n}
	if s.appointed.is && s.actors[a.Actor].status == ready {
		s.place(int(a.Actor))
		s.enable()
	}
}

// Kept reports whether the appointed fault has happened.
func (c *Choice) Kept() bool { return c.sched.appointed.kept }

// Due returns the actors whose next step is the appointed fault, as a set.
func (c *Choice) Due() uint64 { return c.sched.due }

// Lapsed returns the actors whose fault was due while they slept, and who were
// woken and came to their end instead, as a set. It could have come before.
func (c *Choice) Lapsed() uint64 { return c.sched.lapsed }

// Handles reports whether actor a has a handler for signal f.
func (c *Choice) Handles(a trace.Actor, f trace.Fault) bool {
	actor := &c.sched.actors[a]
	return actor.live && actor.at.handles>>f&1 != 0
}

// ofSleep reports whether f happens to who sleeps.
func ofSleep(f trace.Fault) bool { return f >= trace.Wakeup && f <= trace.Timeout }

// place takes note that the actor of the appointment stands at a new point or
// has fallen asleep.
func (s *scheduler) place(i int) {
	a := &s.appointed
	if i == int(a.Actor) && a.is && s.due == 0 && !ofSleep(a.Fault) && (!a.Handled || s.choice.Handles(a.Actor, a.Fault)) {
		if a.passed == a.At {
			s.due = 1 << i
		}
		a.passed++
	}
}

// oversleeps does the appointed fault to actor i, which has fallen asleep, if
// this is the place, and reports whether its sleep is over.
func (s *scheduler) oversleeps(i int) bool {
	a := &s.appointed
	switch {
	case i != int(a.Actor) || !a.is || !ofSleep(a.Fault) || a.Fault == trace.Timeout && !s.actors[i].at.point.timed:
		return false
	case a.passed < a.At:
		a.passed++
		return false
	}
	a.is, a.kept = false, true
	s.decisions = append(s.decisions, trace.Decision{Actor: a.Actor, Fault: a.Fault})
	if !s.fault(&s.actors[i], s.decisions[len(s.decisions)-1]) {
		return false
	}
	s.choice.woke |= 1 << i // it does not sleep: whoever counts the sleepers is told
	return true
}

// keepAppointment is the step of the actor whose fault is due.
func (s *scheduler) keepAppointment() bool {
	a := &s.appointed
	a.is, a.kept, s.due = false, true, 0
	return s.takeFault(trace.Decision{Actor: a.Actor, Fault: a.Fault})
}
