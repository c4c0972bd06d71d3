package inject

import (
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A Scene is one fault at one place of one actor: what a demonstration shows
// every time, whatever else is left to chance.
type Scene struct {
	Actor  trace.Actor
	Fault  trace.Fault
	Before int // steps that the actor takes before the fault; it comes as soon as it can from then on
	Others int // most steps that each other takes before it, as long as the actor need not wait for them
	Then   int // steps of the actor that come right after it
	Pause  int // steps of the others, after which an actor that was stopped goes on alone; 0: when nobody else can
}

// Play is the random walk with a [Scene] in each schedule.
type Play struct {
	scene Scene
	walk  *Random
	taken []int // steps of each actor before the fault
	since int   // steps since the fault; -1: it is still to come
}

// NewPlay returns the walk that seed determines.
func NewPlay(scene Scene, seed uint64) *Play { return &Play{scene: scene, walk: NewRandom(seed)} }

// Begin prepares for the next schedule; there is always one.
func (s *Play) Begin() bool {
	s.taken, s.since = s.taken[:0], -1
	return s.walk.Begin()
}

// Next does the fault when its place has come, and walks before and after.
func (s *Play) Next(c *shmlab.Choice) trace.Decision {
	if s.since >= 0 {
		return s.after(c)
	}
	for len(s.taken) < c.Actors() {
		s.taken = append(s.taken, 0)
	}
	fault := trace.Decision{Actor: s.scene.Actor, Fault: s.scene.Fault}
	if s.taken[fault.Actor] >= s.scene.Before && c.Takes(fault) {
		s.since = 0
		return fault
	}
	d := s.walk.Next(c)
	if s.taken[d.Actor] >= s.scene.Others && c.Can(fault.Actor) {
		d.Actor = fault.Actor
	}
	s.taken[d.Actor]++
	return d
}

// after is Next when the fault has come.
func (s *Play) after(c *shmlab.Choice) trace.Decision {
	s.since++
	if s.since <= s.scene.Then && c.Can(s.scene.Actor) {
		return trace.Decision{Actor: s.scene.Actor}
	}
	if s.scene.Fault == trace.Stop && s.scene.Pause > 0 && s.since > s.scene.Pause {
		if on := (trace.Decision{Actor: s.scene.Actor, Fault: trace.Cont}); s.since == s.scene.Pause+1 && c.Takes(on) {
			return on
		} else if c.Can(on.Actor) {
			return trace.Decision{Actor: on.Actor}
		}
	}
	return s.walk.Next(c)
}
