package inject

import (
	"math/bits"
	"slices"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A happened is the schedule so far, with the order that its steps depend on:
// a step comes after the one before of its actor, after what woke it, and after
// each earlier step that its footprint meets.
//
// A clock holds for each actor its last step that comes before; a step's clock
// includes the step itself.
type happened struct {
	choice     *shmlab.Choice // of the bench
	actors     int
	steps      []step
	clocks     []int32 // a row of one entry an actor for each step
	words      dictionary
	last       []access        // of each word
	lastOf     []int32         // of each actor: its last step, or the one that woke it
	lastAll    int32           // last step that touched everything
	invariant  int32           // the word that stands for what an Always looks at; none
	history    int32           // the word that stands for which operation was over before which began
	yields     bool            // somebody was seen to yield who does not spin
	turns      int32           // then the word that stands for whose turn it is; else none
	primitives []footprint     // by word and kind: what primitives touched
	tellers    map[teller]bool // nil: it can be foreseen after which steps operations begin and end
	news       bool            // there is one more of them
	races      []race          // found and not dropped, in the order of the second steps
	base       []int32         // scratch: a clock
	event      int32           // the step that load looks back from
	without    int32           // the step that load leaves out, with all that comes after it
	config     config          // if not nil, all that it does not leave out
}

// A step is one decision and what it turned out to be.
type step struct {
	point   shmlab.Point
	marked  []shmlab.Touch // words that the kernel changed, when somebody was killed
	foot    footprint
	hist    [maxWords]access // of each word of foot: the accesses before
	before  [maxWords]uint64 // and what it held
	size    [maxWords]uint8  // in so many bytes
	woke    uint64           // actors that it woke
	freed   uint64           // of these, whose next step cannot come before it
	po      int32            // the step before of the same actor, or the one that woke it
	allPrev int32            // the last step before that touched everything
	fatal   bool             // a fault of which the actor died
	actor   int8
}

// forced reports whether the step is the end of a sleep, as by a deadline. It
// happens when nobody can step, so it races with nothing; but whose sleep ends
// is a choice.
func (s *step) forced() bool { return s.point.Kind == trace.Blocked }

// sleeps reports whether the step is a futex wait.
func (s *step) sleeps() bool { return s.point.Kind == trace.Wait && !s.point.Guarded() }

// fault reports whether the step is an appointed fault. It can come at any time,
// and what it does to whom is not known but from the memory that it leaves.
func (s *step) fault() bool { return s.point.Kind == trace.Injected }

// yields reports whether the step is that of an actor who yields and does not
// spin: it comes after another's.
func (s *step) yields() bool { return s.point.Kind == trace.Yield && !s.point.Guarded() }

// killed reports whether the step is a fault of which an actor died.
func (s *step) killed() bool { return s.fault() && s.fatal }

const none int32 = -1

// An access is the last step that touched a word and the last that wrote it.
type access struct{ touched, wrote int32 }

// A race is two steps that depend on each other, with nothing between that
// orders them, and of which the second could have come first.
type race struct{ first, second int32 }

// reset makes ready for a search.
func (h *happened) reset(c *shmlab.Choice) {
	h.choice, h.actors = c, c.Actors()
	h.lastOf = make([]int32, h.actors)
	h.base = make([]int32, h.actors)
	h.lastAll, h.invariant, h.history = none, none, h.words.id(shmlab.History, 1)
	h.yields = h.yields || c.Yielded()
	if h.turns = none; h.yields {
		h.turns = h.words.id(shmlab.Turns, 1)
	}
	if c.Invariant() {
		h.invariant = h.words.id(shmlab.Invariant, 1)
	}
	for i := range h.lastOf {
		h.lastOf[i] = none
	}
}

// anew returns what a search that is begun anew knows from h.
func (h *happened) anew(yields bool) happened {
	n := happened{yields: yields, words: h.words, primitives: h.primitives, tellers: h.tellers}
	if n.tellers == nil {
		n.tellers = map[teller]bool{}
	}
	return n
}

// clock returns the clock of a step.
func (h *happened) clock(k int32) []int32 {
	return h.clocks[int(k)*h.actors : int(k+1)*h.actors]
}

// precedes reports whether step e comes before step k, or is k.
func (h *happened) precedes(e, k int32) bool {
	return h.clocks[int(k)*h.actors+int(h.steps[e].actor)] >= e
}

// add appends the step before that actor has taken, and returns its number.
func (h *happened) add(actor int8, c *shmlab.Choice) int32 {
	k := h.extend(actor, c.Before())
	s := &h.steps[k]
	s.woke = c.Woke()
	if s.fault() {
		s.marked, s.fatal = append(s.marked[:0], c.Marked()...), c.Died()
	}
	s.freed = s.woke &^ c.Held()
	for _, t := range c.Touched() {
		h.touch(s, t)
	}
	h.tellsAlways(k)
	if h.turns != none {
		h.touchWord(s, h.turns, shmlab.Touch{Wrote: c.Yielded() || s.yields()})
	}
	h.order(k)
	h.commit(k)
	return k
}

// extend makes room for one more step.
func (h *happened) extend(actor int8, point shmlab.Point) int32 {
	k := int32(len(h.steps))
	if int(k) == cap(h.steps) {
		h.steps = append(h.steps, step{})
	} else {
		h.steps = h.steps[:k+1]
	}
	for len(h.clocks) < (int(k)+1)*h.actors {
		h.clocks = append(h.clocks, none)
	}
	s := &h.steps[k]
	s.actor, s.point, s.woke, s.freed, s.foot.n = actor, point, 0, 0, 0
	s.po, s.allPrev = h.lastOf[actor], h.lastAll
	return k
}

func (h *happened) touch(s *step, t shmlab.Touch) { h.touchWord(s, h.words.id(t.Off, t.Size), t) }

func (h *happened) touchWord(s *step, id int32, t shmlab.Touch) {
	for int(id) >= len(h.last) {
		h.last = append(h.last, access{none, none})
	}
	if i := s.foot.slot(id); i >= 0 {
		if t.Wrote {
			s.foot.words[i] |= 1
		}
		return
	}
	if s.foot.n == maxWords || id == everything {
		s.foot = one(everything, true)
		return
	}
	if s.foot.all() {
		return
	}
	i := s.foot.n
	s.foot.n++
	s.foot.words[i] = id << 1
	if t.Wrote {
		s.foot.words[i] |= 1
	}
	s.hist[i], s.before[i], s.size[i] = h.last[id], t.Before, t.Size
}

// commit makes step k the last of its actor and of its words.
func (h *happened) commit(k int32) {
	s := &h.steps[k]
	h.lastOf[s.actor] = k
	for set := s.freed; set != 0; set &= set - 1 {
		h.lastOf[bits.TrailingZeros64(set)] = k
	}
	if s.foot.all() {
		h.lastAll = k
		return
	}
	for _, w := range s.foot.words[:s.foot.n] {
		last := &h.last[w>>1]
		last.touched = k
		if w&1 != 0 {
			last.wrote = k
		}
	}
}

// truncate forgets step k and all after it.
func (h *happened) truncate(k int32) {
	for x := int32(len(h.steps)) - 1; x >= k; x-- {
		s := &h.steps[x]
		h.lastAll = s.allPrev
		if s.foot.all() {
			continue
		}
		for i, w := range s.foot.words[:s.foot.n] {
			h.last[w>>1] = s.hist[i]
		}
	}
	h.steps = h.steps[:k]
	for n := len(h.races); n > 0 && h.races[n-1].second >= k; n-- {
		h.races = h.races[:n-1]
	}
	for i := range h.lastOf {
		h.lastOf[i] = none
	}
	for x := range h.steps {
		h.lastOf[h.steps[x].actor] = int32(x)
		for set := h.steps[x].freed; set != 0; set &= set - 1 {
			h.lastOf[bits.TrailingZeros64(set)] = int32(x)
		}
	}
}

// order computes the clock of step k and finds the races in which it is second.
func (h *happened) order(k int32) {
	s, row := &h.steps[k], h.clock(k)
	if s.po == none {
		for i := range row {
			row[i] = none
		}
	} else {
		copy(row, h.clock(s.po))
	}
	guarded, found := s.point.Guarded(), len(h.races)
	switch {
	case s.foot.all():
		h.orderAll(k, row)
	case s.foot.n == 1:
		h.orderWord(k, row, !guarded)
	default:
		h.orderWords(k, row, !guarded)
	}
	if h.lastAll != none {
		h.after(k, row, h.lastAll, !guarded)
	}
	if guarded && !s.foot.all() {
		h.guardRaces(k)
	}
	if s.yields() {
		h.races = append(h.races[:found], slices.DeleteFunc(h.races[found:], func(r race) bool { return !h.letsGo(k, r.first) })...)
	}
	row[s.actor] = k
}

// letsGo reports whether k, which yields, can go if e and all that comes after it
// are left out: some other step lets it, or e is of an actor who came to a Yield
// in the same step, so that nobody else could go.
func (h *happened) letsGo(k, e int32) bool {
	po := h.steps[k].po
	for x := po + 1; x < k; x++ {
		if !h.precedes(e, x) {
			return true
		}
	}
	return h.steps[e].yields() && h.steps[e].po == po
}

// after puts step k after e, if it is not yet, and reports whether it was not.
// Called with ever earlier steps, it finds those with nothing between.
func (h *happened) after(k int32, row []int32, e int32, races bool) {
	a := h.steps[e].actor
	if row[a] >= e {
		return
	}
	if races && !h.steps[e].forced() {
		h.races = append(h.races, race{e, k})
	}
	join(row, h.clock(e))
}

func join(row, other []int32) {
	for i, x := range other {
		if x > row[i] {
			row[i] = x
		}
	}
}

// previous returns the access to a word that step k must look at next: for a
// read the last write, for a write the last access.
func (h *happened) previous(k int32, slot int32, wrote bool) int32 {
	if wrote {
		return h.steps[k].hist[slot].touched
	}
	return h.steps[k].hist[slot].wrote
}

// orderWord puts step k after what touched its one word before.
func (h *happened) orderWord(k int32, row []int32, races bool) {
	foot := &h.steps[k].foot
	id := foot.words[0] >> 1
	for e := h.previous(k, 0, foot.wrote(0)); e != none; {
		h.after(k, row, e, races)
		i := h.steps[e].foot.slot(id)
		if h.steps[e].foot.wrote(i) {
			return // whatever touched the word before comes before e
		}
		e = h.previous(e, i, true)
	}
}

// orderWords is orderWord for several words: it goes back through all of them
// at once, so that later steps are seen first.
func (h *happened) orderWords(k int32, row []int32, races bool) {
	s := &h.steps[k]
	var at [maxWords]int32
	for i := range s.foot.n {
		at[i] = h.previous(k, i, s.foot.wrote(i))
	}
	for {
		e := none
		for _, x := range at[:s.foot.n] {
			e = max(e, x)
		}
		if e == none {
			return
		}
		h.after(k, row, e, races)
		for i := range s.foot.n {
			if at[i] != e {
				continue
			}
			j := h.steps[e].foot.slot(s.foot.words[i] >> 1)
			if at[i] = h.previous(e, j, true); h.steps[e].foot.wrote(j) {
				at[i] = none
			}
		}
	}
}

// orderAll puts step k, which touches everything, after all others.
func (h *happened) orderAll(k int32, row []int32) {
	forced := h.steps[k].forced()
	for e := k - 1; e >= 0 && e >= h.lastAll; e-- {
		h.after(k, row, e, !forced)
	}
}

// clockBefore makes base the clock of what s comes after whatever it touches.
func (h *happened) clockBefore(s *step) {
	for i := range h.base {
		h.base[i] = none
	}
	if s.po != none {
		copy(h.base, h.clock(s.po))
	}
}
