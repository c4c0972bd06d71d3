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
// And it remembers no class: what it keeps is the way to the one it is at, with
// what is to be tried beside it. It is a reverse search (Avis and Fukuda, 1996),
// as is what TruSt does with execution graphs (Kokologiannakis, Marmanis,
// Gladstein, Vafeiadis, POPL 2022) and POP with sequences (Abdulla, Atig, Das,
// Jonsson, Sagonas, CAV 2024):
//
//   - Straight on, who stepped last goes on as long as he can; then the first who
//     can. The root of the tree of classes is the run that goes straight on.
//   - Every other class departs from that by detours. Where it is the turn of an
//     actor whose next step comes, in the class, after one of another's that
//     depends on it, the first such step is taken with all that comes before it;
//     then it is his turn again. That says of each class one schedule.
//   - The parent of a class is what becomes of it when its last detour is undone:
//     he takes his step, then the detour's last step is taken as soon as it can
//     be, then it goes straight on. With each child some actor has to wait for
//     more, so nobody is his own ancestor.
//   - A run's children are found in its races. The two steps and what comes before
//     them say what the detour would be; it is a child if to undo it leads back to
//     this run, which is found out in mind (rehearsal.go), and if the schedule is
//     the one that is said of the class (detour.go).
//
// What a step disturbs is what it did: a failed compare-and-swap only reads. A
// guarded step, as of a lock, races with the last step without which, and without
// all that comes after it, the guard would hold. An actor that waits when the run
// is over races as if it had taken its step.
//
// All that needs to be foreseen is what a step touches if it is taken earlier. If
// that turns out wrong, as when some primitive's step touches other words than it
// did before, all is begun anew with Source-DPOR (source.go), which foresees
// nothing and may begin a schedule in vain. The same if somebody yields who does
// not spin, and so has to let another go first, and if a run is cut short: what it
// would have come to says whose child it is.
type DPOR struct {
	happened   happened
	rehearsal  rehearsal
	tree       tree
	detours    []detour // of this run
	depth      int      // decisions taken in this run
	shared     bool     // they are those of the run before
	turn       int8     // who goes on, if he can
	chosen     int8     // who took the last
	choices    []uint64 // at each decision: whose sleep could end; 0: somebody could step
	group      []int32  // scratch: the steps of a detour but the last
	basis      []int32  // scratch: steps that a detour has at least
	free       []int32  // scratch: steps that it may have as well
	source     *source  // what is left to it
	unforeseen bool     // something was, in this run
	yields     bool     // whose turn it is matters
}

// NewDPOR returns the search of one schedule of each class.
func NewDPOR() *DPOR { return NewDPORShard(Shard{}) }

// NewDPORShard returns the shard's part of the search.
func NewDPORShard(shard Shard) *DPOR { return &DPOR{tree: newTree(shard)} }

// Explored returns how many schedules were begun.
func (d *DPOR) Explored() int {
	if d.source != nil {
		return d.tree.explored + d.source.crown.explored
	}
	return d.tree.explored
}

// Blocked returns how many schedules were given up, as equivalent to others.
func (d *DPOR) Blocked() int {
	if d.source != nil {
		return d.tree.explored + d.source.blocked
	}
	return 0
}

// Foreign reports whether the last run was another shard's.
func (d *DPOR) Foreign() bool {
	if d.source != nil {
		return d.source.crown.theirs
	}
	return d.tree.theirs
}

// Begin goes on to the next schedule, and returns false when there is none.
func (d *DPOR) Begin() bool {
	if d.unforeseen {
		d.source, d.unforeseen = newSource(d.tree.left(), &d.happened, d.yields), false
	}
	if d.source != nil {
		return d.source.Begin()
	}
	d.depth, d.shared, d.turn = 0, true, nobody
	if !d.tree.next() {
		return false
	}
	d.detours = d.tree.way(d.tree.at, d.detours[:0])
	return true
}

// Next goes straight on, but for the detours.
func (d *DPOR) Next(c *shmlab.Choice) trace.Decision {
	if d.source != nil {
		return d.source.Next(c)
	}
	at := int32(d.depth)
	if at == 0 && d.happened.choice == nil {
		d.happened.reset(c)
	}
	if d.took(c); !d.choose(c, at) {
		d.unforeseen = true
		return shmlab.GiveUp
	}
	d.keep(c, at)
	d.depth++
	return trace.Decision{Actor: trace.Actor(d.chosen)}
}

// choose finds who takes decision number at; false: it is nobody who can.
func (d *DPOR) choose(c *shmlab.Choice, at int32) bool {
	if t := d.detour(at); t != nil {
		d.chosen = d.tree.actor(t, at)
		if d.turn = d.chosen; at+1 == t.end && t.waits != nobody {
			d.turn = t.waits
		}
		return c.Can(trace.Actor(d.chosen))
	}
	set := c.Set()
	if others := set &^ c.Due(); others != 0 && !c.TimePasses() {
		set = others // no fault comes by itself before somebody has to wait for it
	}
	if d.turn == nobody || set>>d.turn&1 == 0 || c.TimePasses() {
		d.turn = int8(bits.TrailingZeros64(set))
	}
	d.chosen = d.turn
	return true
}

// detour returns the detour that decision number at is part of, or nil.
func (d *DPOR) detour(at int32) *detour {
	for i := range d.detours {
		if t := &d.detours[i]; at >= t.at && at < t.end {
			return t
		}
	}
	return nil
}

// keep writes down the decision, and forgets those of the run before when it is
// the first that differs from them.
func (d *DPOR) keep(c *shmlab.Choice, at int32) {
	h := &d.happened
	if d.shared && int(at) < len(h.steps) && h.steps[at].actor == d.chosen {
		return
	}
	if d.shared {
		d.shared = false
		h.truncate(at)
		d.choices = d.choices[:at]
	}
	choice := uint64(0)
	if c.TimePasses() {
		choice = c.Set()
	}
	d.choices = append(d.choices, choice)
}

// took adds the step before to what happened.
func (d *DPOR) took(c *shmlab.Choice) {
	if c.Yielded() {
		d.unforeseen, d.yields = true, true
	}
	if !d.shared && len(d.happened.steps) < d.depth {
		k := d.happened.add(d.chosen, c)
		d.unforeseen = d.unforeseen || !d.happened.asPredicted(k) || !d.asTold(k)
	}
}

// asTold reports whether step k, if the last detour ends with it or waits for it,
// turned out to be one after which an operation begins or ends, or not, as in the
// class's parent.
func (d *DPOR) asTold(k int32) bool {
	h, n := &d.happened, len(d.detours)
	if n == 0 || h.steps[k].foot.all() {
		return true
	}
	switch t := &d.detours[n-1]; {
	case t.waits == nobody || k < t.end-1:
		return true
	case k == t.end-1:
		return t.tells == h.tells(k)
	default:
		return h.steps[k].actor != t.waits || h.steps[k].po >= t.at || t.told == h.tells(k)
	}
}

// End finds the children of the run.
func (d *DPOR) End(c *shmlab.Choice) {
	if d.source != nil {
		d.source.End(c)
		return
	}
	if d.took(c); d.depth == 0 || d.unforeseen {
		return
	}
	if d.unforeseen = c.Lapsed() != 0 || c.Set() != 0; d.unforeseen {
		return // it is too late to say before what the fault could have come, or what a run cut short would have been
	}
	h := &d.happened
	n, races := len(h.steps), len(h.races)
	for set := c.Standing(); set != 0; set &= set - 1 {
		h.expect(trace.Actor(bits.TrailingZeros64(set)), c)
	}
	d.rehearsal.of(h, int32(n), d.detours)
	for i, r := range h.races {
		if !h.known(i) && d.detour(r.first) == nil {
			d.overtake(r.first, r.second)
		}
	}
	d.forks()
	d.tree.born()
	h.steps, h.races = h.steps[:n], h.races[:races]
}

// known reports whether race i was found before: by another word.
func (h *happened) known(i int) bool {
	for j := i - 1; j >= 0 && h.races[j].second == h.races[i].second; j-- {
		if h.races[j] == h.races[i] {
			return true
		}
	}
	return false
}

// forks adds a child for everybody else whose sleep could have ended where one's
// did, and for the fault that could have come there, unless there is a detour later.
func (d *DPOR) forks() {
	last := int32(0)
	if n := len(d.detours); n > 0 {
		last = d.detours[n-1].end
	}
	for at := last; int(at) < d.depth; at++ {
		if d.choices[at] == 0 {
			continue
		}
		for set := d.choices[at] &^ (1 << d.happened.steps[at].actor); set != 0; set &= set - 1 {
			d.tree.add(at, nobody)
			d.tree.extend(int8(bits.TrailingZeros64(set)))
		}
	}
}
