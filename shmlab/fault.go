package shmlab

import (
	"fmt"

	"shmrace/shmlab/trace"
)

// goOn is the step of an actor that is stopped or asleep. It takes it because
// nobody can take another.
func (s *scheduler) goOn(i trace.Actor) bool {
	a := &s.actors[i]
	before := Point{Kind: trace.Blocked, Off: a.at.point.Off, Size: a.at.point.Size}
	if a.stopped {
		before.Off, before.Size = outside, 0
	}
	goesOn := s.takeFault(trace.Decision{Actor: i, Fault: s.forced(a)})
	s.choice.before = before
	return goesOn
}

// forced returns what lets an actor go on that is stopped or asleep, when nobody
// can step; of any other actor none.
func (s *scheduler) forced(a *actor) trace.Fault {
	switch {
	case a.stopped:
		return trace.Cont
	case a.status != asleep:
		return trace.NoFault
	case s.napIsOver(a):
		return trace.Spurious
	}
	return trace.Timeout
}

// takeFault is take for a fault, and for a step that cannot be taken.
func (s *scheduler) takeFault(d trace.Decision) bool {
	if why := s.impossible(d); why != "" {
		s.end(trace.Diverged, fmt.Errorf("step %d: the schedule says %v, but %s", len(s.decisions)+1, d, why))
		return false
	}
	s.decisions = append(s.decisions, d)
	a, c := &s.actors[d.Actor], &s.choice
	c.forget()
	c.before, c.marked = Point{Kind: trace.Injected, Off: outside}, c.marked[:0]
	if a.status == asleep && d.Fault != trace.Stop && d.Fault != trace.Wakeup {
		c.before.Off, c.before.Size = a.at.point.Off, a.at.point.Size
	}
	c.touched.add(Everything, 1, true, 0)
	goesOn := s.fault(a, d)
	c.died = a.status == over
	return goesOn
}

// impossible says why a decision cannot be carried out, or "".
func (s *scheduler) impossible(d trace.Decision) string {
	if int(d.Actor) >= s.n || d.Actor < 0 {
		return fmt.Sprintf("there are %d actors", s.n)
	}
	a := &s.actors[d.Actor]
	switch {
	case a.status == over:
		return fmt.Sprintf("%v is over", d.Actor)
	case d.Fault == trace.NoFault && !s.choice.Can(d.Actor) && !s.rounds(d.Actor):
		return s.waiting()
	case d.Fault >= trace.Wakeup && d.Fault <= trace.Timeout && a.status != asleep:
		return fmt.Sprintf("%v is not asleep", d.Actor)
	case d.Fault == trace.Timeout && !a.at.point.timed:
		return fmt.Sprintf("%v sleeps without a deadline", d.Actor)
	}
	return ""
}

// fault does d to its actor and reports whether the actor is to be let go.
func (s *scheduler) fault(a *actor, d trace.Decision) bool {
	i := int(d.Actor)
	s.faulted()
	s.recorder.note(s, i, trace.Injected, d.Fault.String())
	switch d.Fault {
	case trace.Kill:
		s.kill(i, d.Fault)
		return false
	case trace.Stop, trace.Cont:
		a.stopped = d.Fault == trace.Stop
		s.stand(i)
	case trace.Wakeup:
		s.sleepers = append([]int{i}, without(s.sleepers, i)...)
		return false
	case trace.EINTR, trace.Spurious, trace.Timeout:
		a.looked = len(s.decisions)
		s.rouse(i, replies[d.Fault])
		return !a.stopped
	default:
		a.signals.due |= 1 << d.Fault
	}
	if !d.Fault.Signal() {
		if err := s.hurt(d.Actor, d.Fault, false); err != nil {
			s.end(trace.Stuck, err)
			return false
		}
	}
	return s.land(i) || a.status == running && !a.stopped // its sleep ended while it was stopped
}

// replies are what a futex wait returns after a fault.
var replies = map[trace.Fault]uint64{
	trace.EINTR: interrupted, trace.Spurious: woken, trace.Timeout: timedOut,
}

func without(list []int, i int) []int {
	rest := make([]int, 0, len(list))
	for _, x := range list {
		if x != i {
			rest = append(rest, x)
		}
	}
	return rest
}
