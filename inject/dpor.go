package inject

import (
	"math/bits"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// DPOR tries one schedule of each class of equivalent ones: those that differ
// only in the order of steps that do not disturb each other. It proves what a
// search of all schedules proves, as far as runs end.
//
// It is optimal: no schedule is begun and found to be equivalent to one before.
// The algorithm is Optimal-DPOR of Abdulla, Aronis, Jonsson, Sagonas, "Source
// Sets: A Foundation for Optimal Dynamic Partial Order Reduction" (JACM 2017),
// algorithm 2. It departs from the paper in this:
//
//   - what a step disturbs is what it did: a failed compare-and-swap only reads;
//   - a guarded step, as of a lock, races with the last step without which, and
//     without all that comes after it, the guard would hold;
//   - an actor that waits when the run is over races as if it had taken its step;
//   - a race is looked at once, in the first run that has it. The sequence that
//     reverses it begins, in a later run with the same race, with the same steps
//     (what the two runs share), so that what covers one covers the other;
//   - if some primitive's step touches other words than it did before, as no
//     wakeup tree can foresee, all is begun anew with algorithm 1 (Source-DPOR),
//     which foresees nothing and may begin a schedule in vain;
//   - the same if somebody yields who does not spin, and so has to let another go
//     first: the step with which he comes there, and the one with which he leaves,
//     do not commute with any step of the others.
type DPOR struct {
	happened happened
	wakeups  wakeups
	nodes    []node
	prefix   int // decisions that are taken again, the last of them anew
	depth    int // decisions taken in this run
	pending  int32
	sequence []item    // scratch: a sequence that reverses a race
	foot     footprint // scratch: of its last step
	plain    bool      // predictions failed: Source-DPOR
	yields   bool      // whose turn it is matters
	again    bool      // they did in this run: it is the last before all is begun anew
	crown    crown
	begun    bool
	blocked  int
}

// A node is the state before a decision.
type node struct {
	enabled uint64
	passes  bool      // nobody could take a step of his own
	sleep   []sleeper // actors whose next step was explored from here or needs not to be
	chosen  int8
	tried   int32 // branches behind the chosen one
	tree    int32 // of wakeups: what else is to be explored from here
}

// A sleeper is an actor with what its next step touches.
type sleeper struct {
	foot  footprint
	actor int8
	crown bool // explored from a node of the crown
}

// NewDPOR returns the search of one schedule of each class.
func NewDPOR() *DPOR { return NewDPORShard(Shard{}) }

// NewDPORShard returns the shard's part of the search.
func NewDPORShard(shard Shard) *DPOR {
	d := &DPOR{pending: none, crown: crown{shard: shard}}
	d.wakeups.free = none
	return d
}

// Explored returns how many schedules were begun.
func (d *DPOR) Explored() int { return d.crown.explored }

// Blocked returns how many schedules were given up, as equivalent to others.
func (d *DPOR) Blocked() int { return d.blocked }

// Begin goes back to the deepest node from which something is left to explore,
// and returns false when there is none.
func (d *DPOR) Begin() bool {
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

// restart begins the whole search anew.
func (d *DPOR) restart() {
	d.wakeups = wakeups{free: none}
	d.happened = happened{yields: d.yields}
	d.nodes, d.prefix, d.pending, d.again = d.nodes[:0], 0, none, false
	d.blocked = d.crown.explored
	d.crown.trees = 0
}

func (d *DPOR) backtrack() bool {
	d.wakeups.drop(d.pending) // left over if the run was cut short
	d.pending = none
	for i := len(d.nodes) - 1; i >= 0; i-- {
		n := &d.nodes[i]
		if n.tree == none {
			continue
		}
		if i < len(d.happened.steps) { // what was chosen was taken
			n.sleep = append(n.sleep, sleeper{d.happened.steps[i].foot, n.chosen, d.crown.has(i)})
			d.happened.truncate(int32(i))
		}
		d.nodes = d.nodes[:i+1]
		n.tried++
		n.chosen, d.pending = d.wakeups.take(&n.tree)
		d.prefix = i + 1
		return true
	}
	return false
}

// Next takes the decisions of the nodes again, then follows the wakeup tree to
// its end, and then whoever can go on.
func (d *DPOR) Next(c *shmlab.Choice) trace.Decision {
	i := d.depth
	if i >= d.prefix {
		if i == 0 {
			d.happened.reset(c)
			d.plain = d.plain || d.happened.yields
		} else {
			d.took(c)
		}
		if !d.enter(c) {
			d.inVain()
			return shmlab.GiveUp
		}
	} else if i == d.prefix-1 && !c.Can(trace.Actor(d.nodes[i].chosen)) {
		d.inVain() // who yields cannot go before the others, whatever that would reverse
		return shmlab.GiveUp
	}
	d.depth++
	return trace.Decision{Actor: trace.Actor(d.nodes[i].chosen)}
}

// inVain counts a run that is given up.
func (d *DPOR) inVain() {
	switch {
	case d.crown.theirs:
	case d.crown.whole() || d.plain:
		d.blocked++
	default:
		d.crown.asleep = true
		d.crown.explored--
	}
}

// Foreign reports whether the last run was another shard's.
func (d *DPOR) Foreign() bool { return d.crown.theirs || d.crown.asleep }

// took adds the step before to what happened.
func (d *DPOR) took(c *shmlab.Choice) {
	n := &d.nodes[d.depth-1]
	k := d.happened.add(n.chosen, c)
	if n.passes {
		d.force(k)
	}
	if yields := c.Yielded() && !d.happened.yields; yields || !d.plain && !d.happened.asPredicted(k) {
		d.plain, d.again, d.yields = true, true, d.yields || yields
	}
}

// enter makes the node of a new decision; false if all that is enabled sleeps.
func (d *DPOR) enter(c *shmlab.Choice) bool {
	i := d.depth
	if i < cap(d.nodes) {
		d.nodes = d.nodes[:i+1]
	} else {
		d.nodes = append(d.nodes, node{})
	}
	n := &d.nodes[i]
	n.enabled, n.sleep, n.tree, n.tried = c.Set(), n.sleep[:0], d.pending, 0
	n.passes = c.TimePasses()
	d.pending = none
	asleep := uint64(0)
	if i > 0 {
		foot := &d.happened.steps[i-1].foot
		before := d.nodes[i-1].sleep
		for j := range before {
			if !before[j].foot.meets(foot) {
				n.sleep = append(n.sleep, before[j])
				asleep |= 1 << before[j].actor
			}
		}
	}
	if n.tree != none {
		n.chosen, d.pending = d.wakeups.take(&n.tree)
		return n.enabled>>n.chosen&1 != 0
	}
	awake := n.enabled &^ asleep
	if !d.crown.enter(i, awake) {
		return false
	}
	if c.Last >= 0 && awake>>c.Last&1 != 0 {
		n.chosen = int8(c.Last)
	} else {
		n.chosen = int8(bits.TrailingZeros64(awake))
	}
	if d.crown.has(i) {
		d.all(n, awake&^(1<<n.chosen))
	}
	return awake != 0
}

// End looks through the races of the run.
func (d *DPOR) End(c *shmlab.Choice) {
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
