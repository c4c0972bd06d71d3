package shmlab

import "shmrace/shmlab/trace"

// A Strategy decides who goes next, at every point of every schedule.
type Strategy interface {
	// Begin prepares for the next schedule; false if there is none left to try.
	Begin() bool
	// Next chooses one of the enabled actors, or a fault.
	Next(c *Choice) trace.Decision
}

// An Observer is a strategy that wants to know what steps turned out to be.
type Observer interface {
	Strategy
	// End is called when a run is over, also one that the strategy gave up, before
	// the Final check. Nobody is left enabled but by a run that was cut short.
	End(c *Choice)
}

// A Rescuer is a strategy that may have a fault for when nobody can step, as the
// kill of somebody who holds what all others wait for.
type Rescuer interface {
	Strategy
	// Rescues reports whether Next is to be called although nobody is enabled, and
	// then returns a fault. Else the run is over.
	Rescues(c *Choice) bool
}

// GiveUp is a strategy's answer when the run is not worth going on with. The
// run ends undecided.
var GiveUp = trace.Decision{Actor: -1}

// A Choice is what a scheduler can choose from.
type Choice struct {
	Enabled []trace.Actor // who can take a step, in ascending order; never empty
	Last    trace.Actor   // who took the step before; -1 at the first
	Step    int           // how many decisions were taken before
	mask    uint64        // Enabled as a set
	sched   *scheduler

	before  Point   // that the step before was taken from, for an observer
	touched touches // by the step before, for an observer
	pending touches // by one that is asked for
	woke    uint64  // by the step before, for an observer
	held    uint64  // of those woken
	marked  []Touch // by the kernel, when somebody was killed
	passes  bool
	died    bool // of the fault that was the step before
	yielded bool // somebody, in the step before
}

// Can reports whether actor a is among the enabled.
func (c *Choice) Can(a trace.Actor) bool {
	return a >= 0 && a < trace.MaxActors && c.mask>>uint(a)&1 != 0
}

// GoesOn reports whether the actor that stepped last can take another step: then
// to let another is to preempt it. One whose sleep ends because nobody can step
// is not preempted by one whose sleep ends first.
func (c *Choice) GoesOn() bool { return c.Can(c.Last) && c.sched.actors[c.Last].status == ready }

// Set returns the enabled actors as a set: bit i stands for actor i.
func (c *Choice) Set() uint64 { return c.mask }

// Standing returns the actors that stand at a point, enabled or not, as a set.
func (c *Choice) Standing() (set uint64) {
	for i := range c.sched.actors {
		if c.sched.actors[i].status == ready {
			set |= 1 << i
		}
	}
	return set
}

// TimePasses reports whether nobody can take a step of his own, so that the
// enabled are those whose sleep can end, and one whose appointed fault is due.
func (c *Choice) TimePasses() bool { return c.passes }

// Before returns the point that the step before was taken from, for an [Observer].
func (c *Choice) Before() Point { return c.before }

// Invariant reports whether the lab has an Always.
func (c *Choice) Invariant() bool { return c.sched.always != nil }

// Woke returns the sleepers that the step before woke, for an [Observer].
func (c *Choice) Woke() uint64 { return c.woke }

// Held returns of the sleepers that the step before woke those whose next step is
// an appointed fault: they could have had it before.
func (c *Choice) Held() uint64 { return c.held }

// Yielded reports whether in the step before, or at the start, somebody came to a
// Yield and does not spin there, for an [Observer]: he does not go on before
// somebody else has stepped, so that step does not commute with those of others.
func (c *Choice) Yielded() bool { return c.yielded }

// Load returns what a word of the state holds, for an [Observer].
func (c *Choice) Load(off uint32, size uint8) uint64 { return c.sched.memory.load(off, size) }

// Word returns which word of the state actor a stands at; of size 0: none.
func (c *Choice) Word(a trace.Actor) (off uint32, size uint8) {
	p := &c.sched.actors[a].at.point
	return p.Off, p.Size
}

// Kind returns at what actor a stands.
func (c *Choice) Kind(a trace.Actor) trace.Kind { return c.sched.actors[a].at.point.Kind }

// Point returns where actor a stands.
func (c *Choice) Point(a trace.Actor) Point { return c.sched.actors[a].at.point }

// Conflicts returns the actors that stand at a step on the same word as actor a,
// if one of the two may write it, as a set.
func (c *Choice) Conflicts(a trace.Actor) (set uint64) {
	p := &c.sched.actors[a].at.point
	if p.Size == 0 {
		return 0
	}
	// What others stand at is not foreseen: there is no branch on it.
	writes := writers >> (p.Kind & 63) & 1
	for i := range c.sched.actors {
		q := &c.sched.actors[i].at.point
		conflict := (writes | writers>>(q.Kind&63)&1) & flag(q.Off == p.Off) & flag(q.Size > 0)
		set |= conflict << (i & 63)
	}
	return set
}

// Actors returns how many actors the run has.
func (c *Choice) Actors() int { return c.sched.n }

// Takes reports whether decision d can be carried out, and is not to let somebody
// spin.
func (c *Choice) Takes(d trace.Decision) bool {
	return c.sched.impossible(d) == "" && (d.Fault != trace.NoFault || c.Can(d.Actor))
}
