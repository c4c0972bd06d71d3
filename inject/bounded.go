package inject

import (
	"math/bits"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// BoundedDPOR reaches every final state that some schedule with at most so many
// preemptions reaches, and leaves out most schedules that are equivalent to
// others. It may take several of a class: the one of fewest preemptions is not
// known beforehand, and nobody may sleep on account of one that has more.
//
// The algorithm is BPOR of Coons, Musuvathi, McKinley, "Bounded Partial-Order
// Reduction" (OOPSLA 2013), section 4: where a race is to be reversed by a
// preemption, it is also to be reversed where the preempted actor's turn began,
// for there it costs none.
type BoundedDPOR struct {
	happened happened
	bound    int
	nodes    []boundedNode
	prefix   int // decisions that are taken again, the last of them anew
	depth    int // decisions taken in this run
	crown    crown
	begun    bool
	again    bool // somebody yields who does not spin: this run is the last before all is begun anew
	cut      bool
}

// A boundedNode is the state before a decision.
type boundedNode struct {
	enabled     uint64
	todo        uint64 // to be explored from here, the explored included
	done        uint64
	passes      bool   // nobody could take a step of his own
	due         uint64 // whose next step is a fault
	preemptions int32  // before this decision
	last        int8   // who stepped before; -1: nobody
	goesOn      bool   // the last can
	chosen      int8
}

// NewBoundedDPOR returns the search of schedules with at most so many
// preemptions; [Unbounded] is no bound.
func NewBoundedDPOR(preemptions int) *BoundedDPOR { return NewBoundedDPORShard(preemptions, Shard{}) }

// NewBoundedDPORShard returns the shard's part of the search. All shards together
// take more schedules than the whole: in the crown it is not known which are
// equivalent to others.
func NewBoundedDPORShard(preemptions int, shard Shard) *BoundedDPOR {
	return &BoundedDPOR{bound: preemptions, crown: crown{shard: shard}}
}

// Foreign reports whether the last run was another shard's.
func (d *BoundedDPOR) Foreign() bool { return d.crown.theirs }

// Explored returns how many schedules were begun.
func (d *BoundedDPOR) Explored() int { return d.crown.explored }

// Blocked returns how many schedules were given up: none.
func (d *BoundedDPOR) Blocked() int { return 0 }

// Cut reports whether the bound left any schedule out.
func (d *BoundedDPOR) Cut() bool { return d.cut }

// Begin goes back to the deepest node from which something is left to explore,
// and returns false when there is none.
func (d *BoundedDPOR) Begin() bool {
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

// restart begins the whole search anew: whose turn it is turned out to matter.
func (d *BoundedDPOR) restart() {
	d.happened = happened{yields: true}
	d.nodes, d.prefix, d.again, d.cut, d.crown.trees = d.nodes[:0], 0, false, false, 0
}

func (d *BoundedDPOR) backtrack() bool {
	for i := len(d.happened.steps) - 1; i >= 0; i-- {
		n := &d.nodes[i]
		for left := n.todo &^ n.done; left != 0; left &= left - 1 {
			p := int8(bits.TrailingZeros64(left))
			n.done |= 1 << p
			if over(n.preemptions+n.preempts(p), d.bound) {
				d.cut = true
				continue
			}
			n.chosen = p
			d.happened.truncate(int32(i))
			d.nodes = d.nodes[:i+1]
			d.prefix = i + 1
			return true
		}
	}
	return false
}

// preempts returns 1 if to choose p leaves an actor that could have gone on. A
// fault preempts nobody.
func (n *boundedNode) preempts(p int8) int32 {
	if n.goesOn && p != n.last && n.due>>uint(p)&1 == 0 {
		return 1
	}
	return 0
}

// Next takes the decisions of the nodes again, then lets everybody go on as
// long as they can.
func (d *BoundedDPOR) Next(c *shmlab.Choice) trace.Decision {
	i := d.depth
	if i >= d.prefix {
		if i == 0 {
			d.happened.reset(c)
		} else {
			d.took(c)
		}
		n := boundedNode{enabled: c.Set(), due: c.Due(), passes: c.TimePasses(), last: int8(c.Last), goesOn: c.GoesOn(), chosen: int8(onward(c))}
		if i > 0 {
			before := &d.nodes[i-1]
			n.preemptions = before.preemptions + before.preempts(before.chosen)
		}
		n.done = 1 << n.chosen
		n.todo = n.done
		if !d.crown.enter(i, n.enabled) {
			return shmlab.GiveUp
		}
		if d.crown.has(i) {
			n.todo = n.enabled
		}
		d.nodes = append(d.nodes, n)
	}
	d.depth++
	return trace.Decision{Actor: trace.Actor(d.nodes[i].chosen)}
}

func (d *BoundedDPOR) took(c *shmlab.Choice) {
	n := &d.nodes[d.depth-1]
	k := d.happened.add(n.chosen, c)
	d.again = d.again || c.Yielded() && !d.happened.yields
	if n.passes {
		n.todo = n.enabled
	}
	d.reverse(k)
}

// End looks through the races of the run.
func (d *BoundedDPOR) End(c *shmlab.Choice) {
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
	d.happened.expected(c, d.reverse)
}

// reverse lets the actor of step k go before each step that k conflicts with,
// and before that step's turn. It is not enough to look at races: what would
// reverse a race may be out of bounds, and what it would lead to may not be.
func (d *BoundedDPOR) reverse(k int32) {
	h := &d.happened
	s := &h.steps[k]
	for _, r := range h.races {
		d.before(r.first, s.actor)
	}
	h.races = h.races[:0]
	h.clockBefore(s)
	if s.fault() {
		for e := range k {
			if h.base[h.steps[e].actor] < e {
				d.before(e, s.actor)
			}
		}
	}
	if s.foot.all() {
		return
	}
	for i, w := range s.foot.words[:s.foot.n] {
		for e := s.hist[i].touched; e != none; {
			j := h.steps[e].foot.slot(w >> 1)
			if h.base[h.steps[e].actor] < e && (w&1 != 0 || h.steps[e].foot.wrote(j)) {
				d.before(e, s.actor)
			}
			e = h.steps[e].hist[j].touched
		}
	}
}

// before lets an actor go before step e, and before the turn of which e is part.
func (d *BoundedDPOR) before(e int32, actor int8) {
	d.nodes[e].wants(actor)
	for e > 0 && d.nodes[e-1].chosen == d.nodes[e].chosen {
		e--
	}
	d.nodes[e].wants(actor)
}

// wants adds p to what is explored; where it cannot go, everybody else may be
// who lets it.
func (n *boundedNode) wants(p int8) {
	if n.enabled>>p&1 != 0 {
		n.todo |= 1 << p
	} else {
		n.todo = n.enabled
	}
}
