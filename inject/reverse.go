package inject

import (
	"math/bits"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// An item is a step of a sequence that was not yet run: the number of the step
// that it repeats, and what it will touch.
type item struct {
	foot  *footprint
	clock []int32
	step  int32
	actor int8
}

// reverseAll adds, for each race that was found, what explores it reversed.
func (d *DPOR) reverseAll() {
	for _, r := range d.happened.races {
		d.reverse(r)
	}
	d.happened.races = d.happened.races[:0]
}

// reverse adds to the tree of the node before the race's first step the
// sequence that reverses the race: the steps that do not come after the first,
// then the second. Nothing is added if an actor that sleeps there, or a branch
// that waits there, begins an equivalent schedule.
func (d *DPOR) reverse(r race) {
	h, n := &d.happened, &d.nodes[r.first]
	if d.crown.has(int(r.first)) {
		return // whoever can go from there does
	}
	d.foot = h.reversed(r)
	d.sequence = d.sequence[:0]
	first, end := h.steps[r.first].actor, int32(len(h.steps))
	if d.plain {
		end = r.second
	}
	for x := r.first + 1; x < end; x++ {
		if x != r.second && h.clocks[int(x)*h.actors+int(first)] < r.first {
			d.sequence = append(d.sequence, item{&h.steps[x].foot, h.clock(x), x, h.steps[x].actor})
		}
	}
	clock := h.clock(r.second)
	if h.steps[r.second].point.Guarded() {
		clock = h.clockWithout(r.second, d.sequence)
	}
	d.sequence = append(d.sequence, item{&d.foot, clock, r.second, h.steps[r.second].actor})
	for i := range n.sleep {
		if at, ok := d.begins(n.sleep[i].actor, &n.sleep[i].foot); ok && (at >= 0 || !d.plain && !n.sleep[i].crown) {
			return
		}
	}
	if d.plain {
		d.insertPlain(&n.tree)
		return
	}
	d.wakeups.reserve(len(d.sequence))
	d.insert(&n.tree)
}

// force adds to the tree of node k, at which only sleeps could end, the ends of
// all others, and the fault that could come as well.
func (d *DPOR) force(k int32) {
	n := &d.nodes[k]
	wanted := n.enabled &^ (1 << n.chosen)
	for i := range n.sleep {
		wanted &^= 1 << n.sleep[i].actor
	}
	for b := n.tree; b != none; b = d.wakeups.branches[b].beside {
		wanted &^= 1 << d.wakeups.branches[b].actor
	}
	d.all(n, wanted)
}

// all adds a branch for each of the actors to the tree of n, which comes to stand
// for whatever that actor does.
func (d *DPOR) all(n *node, actors uint64) {
	foot := one(everything, true)
	for ; actors != 0; actors &= actors - 1 {
		b := d.wakeups.add(int8(bits.TrailingZeros64(actors)), &foot)
		d.wakeups.branches[b].beside, n.tree = n.tree, b
	}
}

// insertPlain adds the first step of the sequence to the tree at list, unless a
// step is there with which an equivalent sequence begins (Source-DPOR).
func (d *DPOR) insertPlain(list *int32) {
	for *list != none {
		b := &d.wakeups.branches[*list]
		if at, ok := d.begins(b.actor, d.wakeups.foot(b)); ok && at >= 0 {
			return
		}
		list = &b.beside
	}
	d.sequence = d.sequence[:1]
	d.wakeups.reserve(1)
	d.append(list)
}

// begins reports whether a step of actor with that footprint is a weak initial
// of the sequence: whether some equivalent sequence, or one with the step
// added, begins with it. It returns the step's place in the sequence; -1: it is
// not there.
func (d *DPOR) begins(actor int8, foot *footprint) (at int, ok bool) {
	for i, it := range d.sequence {
		if it.actor == actor {
			for _, before := range d.sequence[:i] {
				if it.clock[before.actor] >= before.step {
					return i, false
				}
			}
			return i, true
		}
	}
	for _, it := range d.sequence {
		if foot.meets(it.foot) {
			return -1, false
		}
	}
	return -1, true
}

// insert adds the sequence to the tree at list, unless a leaf covers it.
func (d *DPOR) insert(list *int32) {
	w := &d.wakeups
	for b := *list; b != none; {
		branch := &w.branches[b]
		at, ok := d.begins(branch.actor, w.foot(branch))
		if !ok {
			list = &branch.beside
			b = branch.beside
			continue
		}
		if at >= 0 {
			d.sequence = append(d.sequence[:at], d.sequence[at+1:]...)
		}
		if branch.below == none || len(d.sequence) == 0 {
			return
		}
		list = &branch.below
		b = branch.below
	}
	d.append(list)
}

// append adds the sequence as a new branch at the end of list, where nothing is.
func (d *DPOR) append(list *int32) {
	w := &d.wakeups
	below := none
	for i := len(d.sequence) - 1; i >= 0; i-- {
		b := w.add(d.sequence[i].actor, d.sequence[i].foot)
		w.branches[b].below = below
		below = b
	}
	*list = below
}

// clockWithout returns the clock that the guarded step k has after the sequence.
// Its own clock will not do: what let it go may have come after steps of the
// sequence, and is not part of it.
func (h *happened) clockWithout(k int32, sequence []item) []int32 {
	s := &h.steps[k]
	h.clockBefore(s)
	for i := range sequence {
		if sequence[i].foot.meets(&s.foot) {
			join(h.base, sequence[i].clock)
		}
	}
	return h.base
}

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
		h.touch(s, t.Off, t.Size, t.Wrote, t.Before)
		if t.Wrote && t.Off < shmlab.Everything && h.invariant != none {
			h.touchWord(s, h.invariant, true, 0)
		}
	}
	if seen := h.seen(s); seen != nil {
		for _, w := range seen.words[:seen.n] {
			h.touchWord(s, w>>1, w&1 != 0, 0)
		}
	}
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
