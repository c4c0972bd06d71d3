package inject

import (
	"math/bits"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// expected calls f with the step of each who stands at one when the run is over,
// and of each whose fault lapsed, as if it were the last of the run.
func (h *happened) expected(c *shmlab.Choice, f func(k int32)) {
	k := len(h.steps)
	for set := c.Standing() | c.Lapsed(); set != 0; set &= set - 1 {
		h.expect(trace.Actor(bits.TrailingZeros64(set)), c)
		f(int32(k))
		h.steps = h.steps[:k]
	}
}

// expect appends the step that an actor stands at when the run is over, as if
// it were taken, and finds its races.
func (h *happened) expect(a trace.Actor, c *shmlab.Choice) {
	point := c.Point(a)
	if c.Lapsed()>>uint(a)&1 != 0 {
		point = shmlab.Point{Kind: trace.Injected}
	}
	k := h.extend(int8(a), point)
	s := &h.steps[k]
	if s.fault() {
		h.lapse(k)
		return
	}
	for _, t := range c.Pending(a) {
		h.touch(s, t)
		if t.Wrote && t.Off < shmlab.Everything && h.invariant != none {
			h.touchWord(s, h.invariant, shmlab.Touch{Wrote: true})
		}
	}
	if seen := h.seen(s); seen != nil && seen.n > 0 {
		for _, w := range seen.words[:seen.n] {
			h.touchWord(s, w>>1, shmlab.Touch{Wrote: w&1 != 0})
		}
	} else if seen != nil {
		*seen = s.foot // if it turns out to be more, what was made of this is wrong
	}
	h.tellsAlways(k)
	h.order(k)
}

// lapse is expect for a fault that did not come because the actor was woken and
// went to its end: it could have come before what woke it.
func (h *happened) lapse(k int32) {
	s := &h.steps[k]
	s.foot, s.fatal = one(everything, true), false
	n := len(h.races)
	h.order(k)
	h.races = h.races[:n]
	for e := k - 1; e >= 0; e-- {
		if h.steps[e].woke>>s.actor&1 != 0 {
			h.races = append(h.races, race{e, k})
			return
		}
	}
}
