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
	explored int
	cut      bool
}

// A boundedNode is the state before a decision.
type boundedNode struct {
	enabled     uint64
	todo        uint64 // to be explored from here, the explored included
	done        uint64
	preemptions int32 // before this decision
	last        int8  // who stepped before; -1: nobody
	chosen      int8
}

// NewBoundedDPOR returns the search of schedules with at most so many
// preemptions; [Unbounded] is no bound.
func NewBoundedDPOR(preemptions int) *BoundedDPOR { return &BoundedDPOR{bound: preemptions} }

// Explored returns how many schedules were begun.
func (d *BoundedDPOR) Explored() int { return d.explored }

// Blocked returns how many schedules were given up: none.
func (d *BoundedDPOR) Blocked() int { return 0 }

// Cut reports whether the bound left any schedule out.
func (d *BoundedDPOR) Cut() bool { return d.cut }

// Begin goes back to the deepest node from which something is left to explore,
// and returns false when there is none.
func (d *BoundedDPOR) Begin() bool {
	d.depth = 0
	if d.explored > 0 && !d.backtrack() {
		return false
	}
	d.explored++
	return true
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

// preempts returns 1 if to choose p leaves an actor that could have gone on.
func (n *boundedNode) preempts(p int8) int32 {
	if n.last >= 0 && p != n.last && n.enabled>>n.last&1 != 0 {
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
		n := boundedNode{enabled: c.Set(), last: int8(c.Last), chosen: int8(onward(c))}
		if i > 0 {
			before := &d.nodes[i-1]
			n.preemptions = before.preemptions + before.preempts(before.chosen)
		}
		n.done = 1 << n.chosen
		n.todo = n.done
		d.nodes = append(d.nodes, n)
	}
	d.depth++
	return trace.Decision{Actor: trace.Actor(d.nodes[i].chosen)}
}

func (d *BoundedDPOR) took(c *shmlab.Choice) {
	d.happened.add(d.nodes[d.depth-1].chosen, c.Before(), c.Touched(), c.Woke())
}

// End looks through the races of the run.
func (d *BoundedDPOR) End(c *shmlab.Choice) {
	if d.depth == 0 {
		return
	}
	if len(d.happened.steps) < d.depth {
		d.took(c)
	}
	d.reverseAll()
	for set := c.Standing(); set != 0; set &= set - 1 {
		d.happened.expect(trace.Actor(bits.TrailingZeros64(set)), c)
		d.reverseAll()
		d.happened.steps = d.happened.steps[:len(d.happened.steps)-1]
	}
}

// reverseAll lets the second actor of each race go before the first, and before
// the first's turn. Where it cannot, everybody else may be who lets it.
func (d *BoundedDPOR) reverseAll() {
	h := &d.happened
	for _, r := range h.races {
		second := h.steps[r.second].actor
		d.nodes[r.first].wants(second)
		begin := r.first
		for begin > 0 && d.nodes[begin-1].chosen == d.nodes[begin].chosen {
			begin--
		}
		d.nodes[begin].wants(second)
	}
	h.races = h.races[:0]
}

func (n *boundedNode) wants(p int8) {
	if n.enabled>>p&1 != 0 {
		n.todo |= 1 << p
	} else {
		n.todo = n.enabled
	}
}
