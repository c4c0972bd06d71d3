package inject

import (
	"math/bits"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// Unbounded is the bound that cuts nothing.
const Unbounded = -1

// A Bound says which schedules a [DFS] leaves out.
type Bound struct {
	Preemptions int // most steps taken by another actor though the last could go on; negative: no bound
	Delays      int // most enabled actors passed over, in turn from the last (Emmi, Qadeer, Rakamaric 2011); negative: no bound
}

// DFS tries every schedule within a bound, one after another, and keeps nothing
// but the branches of the schedule it is at. The last actor goes on first, so
// the first schedule has no preemption and failures come with few.
type DFS struct {
	bound    Bound
	branches []branch
	depth    int // decisions taken in this schedule
	crown    crown
	begun    bool
	cut      bool
}

// A branch is one decision of the schedule, with those still to be tried.
type branch struct {
	rest        uint64 // enabled and not tried
	chosen      trace.Actor
	last        trace.Actor // who stepped before
	preemptions int32       // before this decision
	delays      int32
	due         uint64 // whose next step is a fault
	goesOn      bool   // last is enabled
	passed      int32
}

// NewDFS returns the search of all schedules within bound.
func NewDFS(bound Bound) *DFS { return NewDFSShard(bound, Shard{}) }

// NewDFSShard returns the shard's part of the search.
func NewDFSShard(bound Bound, shard Shard) *DFS {
	return &DFS{bound: bound, crown: crown{shard: shard}}
}

// Begin goes back to the deepest branch that has something left to try, and
// returns false when there is none.
func (d *DFS) Begin() bool {
	d.over()
	d.depth = 0
	if d.begun {
		n := len(d.branches)
		for n > 0 && !d.advance(&d.branches[n-1]) {
			n--
		}
		if d.branches = d.branches[:n]; n == 0 {
			d.begun = false // there is no last schedule
			return false
		}
	}
	d.begun = true
	d.crown.begin()
	return true
}

// Next takes the decisions of the branches again, then the first of a new one.
func (d *DFS) Next(c *shmlab.Choice) trace.Decision {
	if d.depth == len(d.branches) {
		b := branch{rest: c.Set(), last: c.Last, goesOn: c.GoesOn(), due: c.Due(), passed: -1}
		if d.depth > 0 {
			before := &d.branches[d.depth-1]
			b.preemptions, b.delays = before.preemptions+before.preempts(), before.delays+before.passed
		}
		if !d.crown.enter(d.depth, b.rest) {
			return shmlab.GiveUp
		}
		d.advance(&b)
		d.branches = append(d.branches, b)
	}
	d.depth++
	return trace.Decision{Actor: d.branches[d.depth-1].chosen}
}

// over says whose schedule it was if it came to an end within the crown.
func (d *DFS) over() {
	if d.begun && d.depth == len(d.branches) {
		d.crown.ends(d.depth)
	}
}

// Foreign reports whether the last run was another shard's.
func (d *DFS) Foreign() bool {
	d.over()
	return d.crown.theirs
}

// advance chooses the next of b: in turn from the last actor, each a delay
// more than the one before. False: none is left within the bound.
func (d *DFS) advance(b *branch) bool {
	if b.rest == 0 {
		return false
	}
	from := uint64(1)<<uint(max(b.last, 0)) - 1 // those before the last come last
	next := b.rest &^ from
	if next == 0 {
		next = b.rest
	}
	chosen := trace.Actor(bits.TrailingZeros64(next))
	b.rest &^= 1 << uint(chosen)
	b.chosen = chosen
	b.passed++
	if over(b.preemptions+b.preempts(), d.bound.Preemptions) || over(b.delays+b.passed, d.bound.Delays) {
		d.cut, b.rest = true, 0
		return false
	}
	return true
}

// preempts returns 1 if the decision leaves an actor that could have gone on. A
// fault preempts nobody.
func (b *branch) preempts() int32 {
	if b.goesOn && b.chosen != b.last && b.due>>uint(b.chosen)&1 == 0 {
		return 1
	}
	return 0
}

func over(n int32, bound int) bool { return bound >= 0 && int(n) > bound }

// Explored returns how many schedules were begun.
func (d *DFS) Explored() int {
	d.over()
	return d.crown.explored
}

// Cut reports whether the bound left any schedule out.
func (d *DFS) Cut() bool { return d.cut }
