package inject

import (
	"math/bits"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A source is what DPOR falls back on where it cannot foresee what a step would
// touch. It is Source-DPOR of Abdulla, Aronis, Jonsson, Sagonas, "Source Sets: A
// Foundation for Optimal Dynamic Partial Order Reduction" (JACM 2017), algorithm
// 1: it takes one schedule of each class to its end, but may begin others and find
// that they are equivalent to some before. It departs from the paper in this:
//
//   - a race is looked at once, in the first run that has it. The sequence that
//     reverses it begins, in a later run with the same race, with the same steps
//     (what the two runs share), so that what covers one covers the other;
//   - if somebody yields who does not spin, and so has to let another go first, the
//     step with which he comes there, and the one with which he leaves, do not
//     commute with any step of the others;
//   - what a primitive's step touches, and whether an operation begins or ends after
//     a step, can hang on what it sees. It counts as all that was ever seen of one
//     like it. That, and that somebody yields, is seen in some run; then all is begun
//     anew.
type source struct {
	happened happened
	nodes    []node
	prefix   int    // decisions that are taken again, the last of them anew
	depth    int    // decisions taken in this run
	sequence []item // scratch: what reverses a race
	again    bool   // what was taken for granted is not so: this run is the last before all is begun anew
	yields   bool   // somebody was seen to yield who does not spin
	crown    crown
	begun    bool
	blocked  int
}

// A node is the state before a decision.
type node struct {
	enabled uint64
	todo    uint64    // who else is to be tried
	passes  bool      // nobody could take a step of his own
	sleep   []sleeper // actors whose next step was explored from here or needs not to be
	chosen  int8
	tried   int32 // how many were before the chosen one
}

// A sleeper is an actor with what its next step touches.
type sleeper struct {
	foot  footprint
	actor int8
}

// An item is a step of a sequence that was not yet run.
type item struct {
	foot  *footprint
	clock []int32
	step  int32 // that it repeats
	actor int8
}

func newSource(shard Shard, h *happened, yields bool) *source {
	return &source{happened: h.anew(yields), yields: yields, crown: crown{shard: shard}}
}

// Begin goes back to the deepest node from which something is left to explore,
// and returns false when there is none.
func (d *source) Begin() bool {
	d.depth = 0
	if d.again {
		d.restart()
	} else if d.begun && !d.backtrack() {
		return false
	}
	d.begun = true
	d.crown.begin()
	return true
}

// restart begins the whole search anew, and alone: other shards, which may not have
// seen what this one has, have other trees.
func (d *source) restart() {
	d.happened = d.happened.anew(d.yields)
	d.nodes, d.prefix, d.again = d.nodes[:0], 0, false
	d.blocked, d.crown = d.crown.explored, crown{explored: d.crown.explored}
}

func (d *source) backtrack() bool {
	for i := len(d.nodes) - 1; i >= 0; i-- {
		n := &d.nodes[i]
		if n.todo == 0 {
			continue
		}
		if i < len(d.happened.steps) { // what was chosen was taken
			n.sleep = append(n.sleep, sleeper{d.happened.steps[i].foot, n.chosen})
			d.happened.truncate(int32(i))
		}
		d.nodes = d.nodes[:i+1]
		n.tried++
		n.chosen = int8(bits.TrailingZeros64(n.todo))
		n.todo &= n.todo - 1
		d.prefix = i + 1
		return true
	}
	return false
}

// Next takes the decisions of the nodes again, and then lets whoever steps go on.
func (d *source) Next(c *shmlab.Choice) trace.Decision {
	i := d.depth
	if i >= d.prefix {
		if i == 0 {
			d.happened.reset(c)
		} else {
			d.took(c)
		}
		if !d.enter(c) {
			return d.inVain()
		}
	} else if i == d.prefix-1 && !c.Can(trace.Actor(d.nodes[i].chosen)) {
		return d.inVain() // who yields cannot go before the others, whatever that would reverse
	}
	d.depth++
	return trace.Decision{Actor: trace.Actor(d.nodes[i].chosen)}
}

// inVain counts a run that is given up.
func (d *source) inVain() trace.Decision {
	if !d.crown.theirs {
		d.blocked++
	}
	return shmlab.GiveUp
}

// took adds the step before to what happened.
func (d *source) took(c *shmlab.Choice) {
	n := &d.nodes[d.depth-1]
	if k := d.happened.add(n.chosen, c); d.happened.learn(k) || d.happened.news {
		d.again = true // who waited for such a step was not seen to race for all of it
	}
	if n.passes { // whose sleep ends is a choice, and whether the fault comes
		n.todo |= n.enabled &^ (1<<n.chosen | n.asleep())
	}
	if c.Yielded() && !d.happened.yields {
		d.again, d.yields = true, true
	}
}

// asleep returns the sleeping actors as a set.
func (n *node) asleep() (set uint64) {
	for i := range n.sleep {
		set |= 1 << n.sleep[i].actor
	}
	return set
}

// enter makes the node of a new decision; false if all that is enabled sleeps.
func (d *source) enter(c *shmlab.Choice) bool {
	i := d.depth
	if i < cap(d.nodes) {
		d.nodes = d.nodes[:i+1]
	} else {
		d.nodes = append(d.nodes, node{})
	}
	n := &d.nodes[i]
	n.enabled, n.todo, n.sleep, n.tried, n.passes = c.Set(), 0, n.sleep[:0], 0, c.TimePasses()
	if i > 0 {
		foot := &d.happened.steps[i-1].foot
		for _, s := range d.nodes[i-1].sleep {
			if !s.foot.meets(foot) {
				n.sleep = append(n.sleep, s)
			}
		}
	}
	awake := n.enabled &^ n.asleep()
	if !d.crown.enter(i, awake) {
		return false
	}
	if c.Last >= 0 && awake>>c.Last&1 != 0 {
		n.chosen = int8(c.Last)
	} else {
		n.chosen = int8(bits.TrailingZeros64(awake))
	}
	if d.crown.has(i) {
		n.todo = awake &^ (1 << n.chosen)
	}
	return awake != 0
}

// End looks through the races of the run.
func (d *source) End(c *shmlab.Choice) {
	if d.depth == 0 { // nobody could go
		d.crown.ends(0)
		return
	}
	if len(d.happened.steps) < d.depth { // it was not given up
		d.took(c)
		d.crown.ends(d.depth)
	}
	if d.again || d.crown.theirs {
		d.happened.races = d.happened.races[:0]
		return
	}
	d.reverseAll()
	d.happened.expected(c, func(int32) { d.reverseAll() })
}

func (d *source) reverseAll() {
	for _, r := range d.happened.races {
		d.reverse(r)
	}
	d.happened.races = d.happened.races[:0]
}

// reverse sees to it that from the node before the race's first step something is
// tried that leads to the second coming first: the first of the steps between that
// do not come after the first, and then the second, or one with which an
// equivalent sequence begins, if none of these sleeps or is to be tried.
func (d *source) reverse(r race) {
	h, n := &d.happened, &d.nodes[r.first]
	if d.crown.has(int(r.first)) {
		return // whoever can go from there does
	}
	second := &h.steps[r.second]
	d.sequence = d.sequence[:0]
	for x := r.first + 1; x < r.second; x++ {
		if !h.precedes(r.first, x) {
			d.sequence = append(d.sequence, item{&h.steps[x].foot, h.clock(x), x, h.steps[x].actor})
		}
	}
	d.sequence = append(d.sequence, item{&second.foot, h.clockWithout(r.second, d.sequence), r.second, second.actor})
	if d.initials()&(n.asleep()|n.todo) == 0 {
		n.todo |= 1 << d.sequence[0].actor
	}
}

// initials returns the actors with whose step some sequence begins that is
// equivalent to the sequence, as a set.
func (d *source) initials() (set uint64) {
	known := uint64(0)
	for i, it := range d.sequence {
		first := known>>it.actor&1 == 0
		for _, before := range d.sequence[:i] {
			first = first && it.clock[before.actor] < before.step
		}
		if known |= 1 << it.actor; first {
			set |= 1 << it.actor
		}
	}
	return set
}

// clockWithout returns the clock that step k may have after the sequence. Its own
// clock will not do: what let it go, if it is guarded, may have come after steps of
// the sequence, and is not part of it; and it may touch there what it did not in the
// run, so that it comes after steps that it did not come after.
func (h *happened) clockWithout(k int32, sequence []item) []int32 {
	s, wide := &h.steps[k], h.widest(k)
	if h.clockBefore(s); !s.point.Guarded() {
		copy(h.base, h.clock(k))
	}
	for i := range sequence {
		if sequence[i].foot.meets(&wide) {
			join(h.base, sequence[i].clock)
		}
	}
	return h.base
}

// widest returns all that step k is known to touch somewhere.
func (h *happened) widest(k int32) footprint {
	wide := h.possible(k)
	if seen := h.seen(&h.steps[k]); seen != nil {
		wide.join(seen)
	}
	return wide
}
