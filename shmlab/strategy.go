package shmlab

import "shmrace/shmlab/trace"

// A Strategy decides who goes next, at every point of every schedule.
type Strategy interface {
	// Begin prepares for the next schedule; false if there is none left to try.
	Begin() bool
	// Next chooses one of the enabled actors, or a fault.
	Next(c *Choice) trace.Decision
}

// A Choice is what a scheduler can choose from.
type Choice struct {
	Enabled []trace.Actor // who can take a step, in ascending order; never empty
	Last    trace.Actor   // who took the step before; -1 at the first
	Step    int           // how many decisions were taken before
	mask    uint64        // Enabled as a set
	sched   *scheduler
}

// Can reports whether actor a is among the enabled.
func (c *Choice) Can(a trace.Actor) bool {
	return a >= 0 && a < trace.MaxActors && c.mask>>uint(a)&1 != 0
}

// Set returns the enabled actors as a set: bit i stands for actor i.
func (c *Choice) Set() uint64 { return c.mask }

// Point returns where actor a stands.
func (c *Choice) Point(a trace.Actor) Point { return c.sched.actors[a].at.point }

// Actors returns how many actors the run has.
func (c *Choice) Actors() int { return c.sched.n }

// Takes reports whether decision d can be carried out.
func (c *Choice) Takes(d trace.Decision) bool { return c.sched.impossible(d) == "" }
