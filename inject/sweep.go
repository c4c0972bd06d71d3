package inject

import (
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// Sweep has each of some faults happen to each actor at each of its places, in
// every schedule: for each it begins a search of its own, in which the fault is a
// step of that actor. Before these it searches all schedules without any. When a
// search has come to an end in which the actor never came to the place, there is
// no place with a higher number either.
type Sweep struct {
	fresh  func() shmlab.Strategy
	faults Faults
	inner  shmlab.Strategy
	plans  []plan // what is swept, in turn
	at     int    // of plans; -1: nothing happens
	made   bool   // the appointment is, in this schedule
	kept   bool   // the fault did come, in this search
	came   bool   // and in this schedule
	shard  Shard  // of the places; the search without faults is split by itself
	size   size
}

// A plan is one fault of one actor.
type plan struct {
	shmlab.Appointment
	over bool // the actor comes to no such place
}

// A size is what is known of how large a sweep is.
type size struct {
	actors   int
	handled  [trace.MaxActors]uint32 // signals that each actor was seen to handle
	steps    [trace.MaxActors]int    // most that each was seen to take
	run      [trace.MaxActors]int    // taken in this schedule
	explored int                     // schedules in the searches that are over
	searches int                     // that are over
	now      int                     // schedules in this one
}

// NewSweep returns the sweep for which fresh begins each search: a search that
// ends, as [NewDPOR] or [NewDFS].
func NewSweep(faults Faults, fresh func() shmlab.Strategy) *Sweep {
	return &Sweep{fresh: fresh, inner: fresh(), faults: faults, at: -1}
}

// Begin goes on to the next fault, actor and place when a search is over. It
// returns false when no actor comes to a place that was not swept.
func (s *Sweep) Begin() bool {
	for !s.inner.Begin() {
		if !s.next() {
			return false
		}
		s.inner, s.kept = s.fresh(), false
		s.size.explored, s.size.now = s.size.explored+s.size.now, 0
		s.size.searches++
	}
	s.size.now++
	s.made = false
	s.size.run = [trace.MaxActors]int{}
	return true
}

// next goes to the next plan that is not over, one place further on.
func (s *Sweep) next() bool {
	if s.at < 0 {
		s.plan()
	} else {
		s.plans[s.at].over = !s.kept
		s.plans[s.at].At += max(s.shard.Of, 1)
	}
	for range s.plans {
		if s.at = (s.at + 1) % len(s.plans); !s.plans[s.at].over {
			return true
		}
	}
	return false
}

// plan makes a plan for each fault and each actor.
func (s *Sweep) plan() {
	for a := range trace.Actor(s.size.actors) {
		if !s.faults.hits(a) {
			continue
		}
		for _, f := range s.faults.Each {
			s.plans = append(s.plans, plan{Appointment: shmlab.Appointment{Actor: a, Fault: f, At: s.shard.Index}})
		}
		for f := trace.Hup; s.faults.Signals && f.Signal(); f++ {
			if s.size.handled[a]>>f&1 != 0 || s.shard.Of > 1 { // which has not seen all
				s.plans = append(s.plans, plan{Appointment: shmlab.Appointment{Actor: a, Fault: f, At: s.shard.Index, Handled: true}})
			}
		}
	}
}

// Next makes the appointment, and leaves the rest to the search.
func (s *Sweep) Next(c *shmlab.Choice) trace.Decision {
	s.appoint(c)
	d := s.inner.Next(c)
	if s.at < 0 && d.Actor >= 0 {
		s.size.see(c, d.Actor)
	}
	return d
}

// Rescues reports whether the fault comes though nobody can take the first step.
func (s *Sweep) Rescues(c *shmlab.Choice) bool {
	s.appoint(c)
	return c.Due() != 0
}

func (s *Sweep) appoint(c *shmlab.Choice) {
	if s.at >= 0 && !s.made {
		s.made = true
		c.Appoint(s.plans[s.at].Appointment)
	}
}

// see takes note of a step of the search without faults.
func (z *size) see(c *shmlab.Choice, a trace.Actor) {
	z.run[a]++
	z.steps[a] = max(z.steps[a], z.run[a])
	z.handles(c, a)
}

// handles takes note of the signals that actor a handles.
func (z *size) handles(c *shmlab.Choice, a trace.Actor) {
	for f := trace.Hup; f.Signal(); f++ {
		if c.Handles(a, f) {
			z.handled[a] |= 1 << f
		}
	}
}

// End tells the search that the run is over.
func (s *Sweep) End(c *shmlab.Choice) {
	s.came = c.Kept()
	s.kept = s.kept || s.came
	for a := trace.Actor(0); s.at < 0 && int(a) < c.Actors(); a++ {
		s.size.actors = c.Actors()
		s.size.handles(c, a) // also of those who never came to step
	}
	if o, ok := s.inner.(shmlab.Observer); ok {
		o.End(c)
	}
}

// Foreign reports whether the last run was another shard's, or of the search
// without faults: the actor never came to the place.
func (s *Sweep) Foreign() bool {
	if s.at >= 0 && !s.came {
		return true
	}
	p, ok := s.inner.(parted)
	return ok && p.Foreign()
}

// Estimate returns about how many schedules the sweep takes in all: what is left
// as if each search to come were as large as those that are over, with a place for
// each step that an actor was seen to take.
func (s *Sweep) Estimate() float64 {
	e, ok := s.inner.(interface{ Estimate() float64 })
	if !ok {
		return 0
	}
	now := e.Estimate()
	if s.at < 0 {
		places := 0
		for _, n := range s.size.steps {
			places += n
		}
		return now * float64(1+places*max(len(s.faults.Each), 1))
	}
	left := 0
	for i := range s.plans {
		if p := &s.plans[i]; !p.over && (p.At < s.size.steps[p.Actor] || i == s.at) {
			left += max(s.size.steps[p.Actor]-p.At, 0)
		}
	}
	mean := (float64(s.size.explored) + now) / float64(s.size.searches+1)
	return float64(s.size.explored) + now + mean*float64(max(left-1, 0))
}
