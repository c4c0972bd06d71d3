package shmlab

import (
	"math/bits"

	"shmrace/shmlab/trace"
)

// stand sorts actor i among those who can step: always, or if it depends.
func (s *scheduler) stand(i int) {
	a, bit := &s.actors[i], uint64(1)<<i
	s.plain &^= bit
	s.special &^= bit
	switch {
	case a.status != ready || a.stopped:
	case a.at.point.Guarded() || a.at.point.Kind == trace.Yield:
		s.special |= bit
	default:
		s.plain |= bit
	}
}

// enable finds out who can take a step. When nobody can, time passes: whoever
// sleeps until a deadline can be the next whose deadline it is; and whoever
// stopped an actor lets it go on.
func (s *scheduler) enable() {
	set := s.plain
	if s.special != 0 {
		set |= s.depending()
	}
	s.choice.passes = set == 0
	if set == 0 && s.killed > 0 {
		set = s.those(s.napIsOver)
	}
	if set == 0 && len(s.sleepers) > 0 {
		set = s.those(func(a *actor) bool { return !a.stopped && a.status == asleep && a.at.point.timed })
	}
	if set == 0 && s.left > 0 {
		set = s.those(func(a *actor) bool { return a.stopped })
	}
	c := &s.choice
	set |= s.due
	if c.mask == set {
		return
	}
	c.mask, c.Enabled = set, c.Enabled[:0]
	for ; set != 0; set &= set - 1 {
		c.Enabled = append(c.Enabled, trace.Actor(bits.TrailingZeros64(set)))
	}
}

// depending returns those of whom it depends who can step now. An actor that
// yields cannot before another has, unless nobody else can.
func (s *scheduler) depending() (set uint64) {
	yields := uint64(0)
	for rest := s.special; rest != 0; rest &= rest - 1 {
		i := bits.TrailingZeros64(rest)
		switch a := &s.actors[i]; {
		case a.at.point.Guarded():
			if s.open(a) {
				set |= 1 << i
			}
		case a.since == s.choice.Step:
			yields |= 1 << i
		default:
			set |= 1 << i
		}
	}
	if set|s.plain == 0 {
		return yields
	}
	return set
}

// those returns the actors of whom is is true.
func (s *scheduler) those(is func(a *actor) bool) (set uint64) {
	for i := range s.actors {
		if is(&s.actors[i]) {
			set |= 1 << i
		}
	}
	return set
}
