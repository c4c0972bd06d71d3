package inject

import (
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// Replay takes the decisions of a schedule, once. When they are used up and
// actors are left, the actor that stepped last goes on as long as it can, then
// the first that can.
type Replay struct {
	decisions []trace.Decision
	lenient   bool
	at        int
	begun     bool
}

// NewReplay returns the strategy that takes exactly these decisions; one that
// the lab cannot take ends the run as diverged.
func NewReplay(decisions []trace.Decision) *Replay { return &Replay{decisions: decisions} }

// NewOrder returns the strategy that keeps to the order of these decisions as
// far as the lab can take them, and skips the others: the same order for a lab
// with other steps.
func NewOrder(decisions []trace.Decision) *Replay {
	return &Replay{decisions: decisions, lenient: true}
}

// Begin makes ready for the one schedule there is.
func (r *Replay) Begin() bool {
	if r.begun {
		return false
	}
	r.begun, r.at = true, 0
	return true
}

// Next returns the next decision.
func (r *Replay) Next(c *shmlab.Choice) trace.Decision {
	if r.skip(c); r.at < len(r.decisions) {
		r.at++
		return r.decisions[r.at-1]
	}
	return trace.Decision{Actor: onward(c)}
}

// Rescues reports whether the next decision is a fault.
func (r *Replay) Rescues(c *shmlab.Choice) bool {
	r.skip(c)
	return r.at < len(r.decisions) && r.decisions[r.at].Fault != trace.NoFault
}

// skip goes to the next decision that the lab can take, if others may be skipped.
func (r *Replay) skip(c *shmlab.Choice) {
	for r.lenient && r.at < len(r.decisions) && !c.Takes(r.decisions[r.at]) {
		r.at++
	}
}

// Left returns how many decisions were not taken.
func (r *Replay) Left() int { return len(r.decisions) - r.at }

// onward is who steps when nobody says: the last as long as it can, then the first.
func onward(c *shmlab.Choice) trace.Actor {
	if c.Can(c.Last) {
		return c.Last
	}
	return c.Enabled[0]
}
