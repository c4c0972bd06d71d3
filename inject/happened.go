package inject

import (
	"math/bits"

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
