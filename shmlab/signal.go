package shmlab

import (
	"fmt"
	"math/bits"

	"shmrace/shmlab/trace"
)

// signals are what the scheduler knows of an actor's: it plays the kernel's part
// in when they land. A set has a bit for each [trace.Fault].
type signals struct {
	due  uint32 // sent and not landed: the actor is stopped, or in the handler
	back bool   // the next point it comes to is the one where it stood before
}

// underneath is where an actor stood when a signal landed whose handler it is in.
type underneath struct {
	actor  int
	signal trace.Fault
	stood  bool // at a point, and will again; else its sleep is over
	since  int
}

// A summons is an answer of a scheduler: run the handler of this signal first.
type summons struct {
	signal trace.Fault // NoFault: none
	onward bool        // what was interrupted is over: the actor does not stand there again
}

// handling returns the signals whose handlers actor i is in, as a set.
func (s *scheduler) handling(i int) (set uint32) {
	for _, u := range s.under {
		if u.actor == i {
			set |= 1 << u.signal
		}
	}
	return set
}

// land lets actor i have those of its signals that nothing holds back, one after
// the other, and reports whether the actor is to be let go, to its handler. One
// that is not handled does what signal(7) says that it does.
func (s *scheduler) land(i int) bool {
	a := &s.actors[i]
	for a.status != over && !a.stopped && s.verdict == trace.Undecided {
		now := a.signals.due &^ s.handling(i)
		if now == 0 {
			return false
		}
		f := trace.Fault(bits.TrailingZeros32(now))
		a.signals.due &^= 1 << f
		handled := a.live && a.at.handles>>f&1 != 0
		if f.Fatal(handled) {
			s.recorder.note(s, i, trace.Died, numbers[f].String())
			s.kill(i, f)
			return false
		}
		if err := s.hurt(trace.Actor(i), f, false); err != nil {
			s.end(trace.Stuck, err)
			return false
		}
		if handled {
			s.summon(i, f)
			return true
		}
	}
	return false
}

// summon makes actor i run its handler of f when it is let go next.
func (s *scheduler) summon(i int, f trace.Fault) {
	a := &s.actors[i]
	stood := a.status == ready
	if a.status == asleep {
		s.rouse(i, interrupted)
	}
	s.under = append(s.under, underneath{i, f, stood, a.since})
	a.at.summons = summons{f, !stood}
	a.status, a.taken = running, Point{}
	s.stand(i)
}

// handled takes note that actor i's handler has returned, and reports whether
// the run goes on: with a signal that was held back, or where the actor stood.
func (s *scheduler) handled(i int) bool {
	at := len(s.under) - 1
	for at >= 0 && s.under[at].actor != i {
		at--
	}
	if at < 0 {
		s.end(trace.Tampered, fmt.Errorf("%v has returned from a handler that it was not in", trace.Actor(i)))
		return false
	}
	u := s.under[at]
	s.under = append(s.under[:at], s.under[at+1:]...)
	if s.land(i) {
		last := &s.under[len(s.under)-1]
		last.stood, last.since = u.stood, u.since
		return true
	}
	a := &s.actors[i]
	a.since, a.signals.back = u.since, u.stood
	return a.status != over
}
