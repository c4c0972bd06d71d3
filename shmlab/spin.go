package shmlab

import (
	"math/bits"
	"slices"
	"strings"

	"shmrace/shmlab/trace"
)

// An actor spins if it goes round a loop that only looks: it reads words, leaves
// all of them as they are, yields, and would read the same again. It is parked at
// the Yield until one of the words does not hold any more what it read there.
// That is no loss: a round that changes nothing cannot be seen by anybody, so a
// schedule with more of them has the same end as one with the last of them only.
//
// What a round leaves as it was can still count in the actor's own variables: a
// loop that gives up after ten rounds is not to be parked. Nobody can look into
// those, so it is found out by experiment, once for each loop and what is read
// in it: the run is broken off, taken again as far, the words are made to stay
// as the actor read them, and it goes round alone. If it has not left the loop
// after so many rounds as endless says, it is taken to go round for ever.
//
// The same loop can be endless one time and not another, as if its limit is an
// argument. So before a run is called a livelock, the experiment is made with that
// very run, and whoever would leave the loop goes on, since nobody else can. What
// was found out holds for every run in which the actor has seen the same. What it
// read is known; what it was told otherwise, by a primitive, a wait, a fault, hangs
// on all decisions until then.

const (
	endless      = 1000 // rounds alone
	longestRound = 16   // steps in a round
	mostWords    = 11   // in a round: with the Invariant what a Touch can tell
	patience     = 64   // experiments at one place that find no spin, then there are no more; rounds before another with the same
	mostTries    = 200  // experiments at one place, then nothing new is learned of it
	mostProofs   = 1 << 14
)

// A look is a step of an actor that yields: which word, and what it held.
type look struct {
	before, after uint64
	off           uint32
	size          uint8
	kind          trace.Kind
}

// A past is the last steps of one actor in a run, its Yields included.
type past struct {
	looks  []look
	hash   uint64 // of all that it has seen in the run
	rounds int    // that it has gone as it did when it was seen to leave
	taken  bool   // the last is under way: what it leaves is not known
}

// A loop is where an actor yields.
type loop struct {
	actor int
	site  uint64 // of the call, in the program's code
}

// A round is what an actor read before it yielded at some place.
type round struct {
	looks []look // in their order
	words []look // each word once
	idle  bool   // it goes round so for ever
}

// A doubt is what a run was broken off to find out: of which loop, and whether
// it goes round once more as it is known to; round 0: it is not known at all.
type doubt struct {
	loop
	round uint32
}

// A proof is of a loop, and an actor that has seen so much of a run.
type proof struct {
	doubt
	seen uint64
}

// A busy is what a scheduler knows of the loops of its actors.
type busy struct {
	who    uint64 // actors that have been seen to yield: their steps are kept
	pasts  []past
	known  map[loop][]int // rounds by number
	rounds []round        // from 1
	prefix []trace.Decision
	proofs map[proof]bool // whether it goes round for ever
	doubt  doubt          // site 0: none
	tired  int            // who yields in this run where no more experiments are made; -1: nobody
	quiet  bool           // an experiment is under way
	path   uint64         // hash of the run's decisions, of the first
	hashed int            // of them
}

// beginSpins makes ready for a run. One that goes on where another was broken off
// asks its strategy for no decision that it knows.
func (s *scheduler) beginSpins() {
	s.spins.doubt, s.spins.tired = doubt{}, -1
	s.spins.path, s.spins.hashed = 0, 0
	if s.spins.who == 0 {
		return
	}
	for i := range s.spins.pasts {
		p := &s.spins.pasts[i]
		*p = past{looks: p.looks[:0]}
	}
	if len(s.spins.prefix) > 0 && !s.spins.quiet {
		s.strategy = &resumed{s.strategy, s}
	}
}

// resumed is a strategy whose first decisions are known.
type resumed struct {
	Strategy
	s *scheduler
}

// Next asks the strategy when no decision is known. What ended a wait because
// nobody could step is in the schedule as a fault, and no fault to an observer.
func (r *resumed) Next(c *Choice) trace.Decision {
	if c.Step < len(r.s.spins.prefix) {
		d := r.s.spins.prefix[c.Step]
		if c.Can(d.Actor) && d.Fault == r.s.forced(&r.s.actors[d.Actor]) {
			d.Fault = trace.NoFault
		}
		return d
	}
	r.s.strategy = r.Strategy
	return r.Strategy.Next(c)
}

// Rescues reports whether the next known decision is a fault, or asks the strategy.
func (r *resumed) Rescues(c *Choice) bool {
	if c.Step < len(r.s.spins.prefix) {
		return r.s.spins.prefix[c.Step].Fault != trace.NoFault
	}
	inner, ok := r.Strategy.(Rescuer)
	return ok && inner.Rescues(c)
}

// remember notes the step that actor i, which yields, is about to take.
func (s *scheduler) remember(i int, point *Point) {
	p := &s.spins.pasts[i]
	if len(p.looks) == 4*longestRound {
		p.looks = p.looks[:copy(p.looks, p.looks[2*longestRound:])]
	}
	l := look{off: point.Off, size: point.Size, kind: point.Kind}
	if l.kind == trace.Yield {
		l.off, l.size = 0, 0
	} else if l.size > 0 {
		l.before = s.memory.load(l.off, l.size)
	}
	p.looks, p.taken = append(p.looks, l), true
}

// remembered notes what the step of actor i has left.
func (s *scheduler) remembered(i int) {
	p := &s.spins.pasts[i]
	if !p.taken {
		return
	}
	p.taken = false
	l := &p.looks[len(p.looks)-1]
	if l.size > 0 {
		l.after = s.memory.load(l.off, l.size)
	}
	for _, x := range [...]uint64{uint64(l.kind), uint64(l.off), l.before, l.after} {
		p.hash = mix(p.hash, x)
	}
	if l.kind != trace.Yield && (!l.kind.Access() || l.size == 0) {
		p.hash = mix(p.hash, s.way())
	}
}

// faulted notes that the last decision was a fault: anybody may have seen it.
func (s *scheduler) faulted() {
	for i := range s.spins.pasts {
		s.spins.pasts[i].hash = mix(s.spins.pasts[i].hash, s.way())
	}
}

// way returns a hash of the decisions of the run.
func (s *scheduler) way() uint64 {
	k := &s.spins
	for ; k.hashed < len(s.decisions); k.hashed++ {
		d := &s.decisions[k.hashed]
		k.path = mix(k.path, uint64(d.Actor)<<8|uint64(d.Fault))
	}
	return k.path
}

// mix returns a hash of what h is one of, and then x.
func mix(h, x uint64) uint64 { return bits.RotateLeft64((h^x)*0x9e3779b97f4a7c15, 29) }

// yields parks actor i, which stands at a Yield, if it spins. If that is not
// known, the run is over.
func (s *scheduler) yields(i int, point *Point) {
	point.round = 0 // of the time before
	at := loop{i, point.want}
	if at.site == 0 || s.spins.quiet || s.spins.doubt.site != 0 {
		return
	}
	if s.spins.who>>i&1 == 0 {
		s.spins.doubt, s.ended = doubt{loop: at}, true
		return
	}
	p := &s.spins.pasts[i]
	if n := len(p.looks); n > 0 && p.looks[n-1].before != p.looks[n-1].after {
		p.rounds = 0
		return // it did something
	}
	p.rounds++
	failed, same := 0, 0
	for _, number := range s.spins.known[at] {
		r := &s.spins.rounds[number]
		switch {
		case r.idle && ends(p.looks, r.looks):
			if same == 0 || p.rounds >= patience {
				point.round = uint32(number)
				return
			}
		case !r.idle && slices.Equal(p.tail(), r.looks):
			same++
		case !r.idle:
			failed++
		}
	}
	if same == 0 {
		p.rounds = 0
	} else if p.rounds < patience<<(2*same-2) {
		return // it left the loop, after 1, 4, 16 times as many rounds
	}
	if failed < patience && len(s.spins.known[at]) < mostTries {
		s.spins.doubt, s.ended = doubt{loop: at}, true
	} else {
		s.spins.tired = i
	}
}

// livelocked reports whether those who are parked do go round for ever. If that is
// not known of one, the run is broken off; if it is known that one does not, the
// run goes on with him.
func (s *scheduler) livelocked() bool {
	goes := false
	for i := range s.actors {
		a := &s.actors[i]
		if a.status != ready || a.at.point.round == 0 {
			continue
		}
		d := doubt{loop{i, a.at.point.want}, a.at.point.round}
		idle, known := s.spins.proofs[s.spins.proof(d)]
		if !known {
			s.spins.doubt, s.ended = d, true
			return false
		}
		if !idle {
			a.at.point.round, goes = 0, true
			s.stand(i)
		}
	}
	return !goes
}

// proof is of what the doubt's actor has seen up to now.
func (k *busy) proof(d doubt) proof { return proof{d, k.pasts[d.actor].hash} }

// unlearn takes note that actor i is back from a handler, which may have told it
// to go: what it read before says nothing.
func (s *scheduler) unlearn(i int) {
	s.actors[i].at.point.round = 0
	if i < len(s.spins.pasts) {
		s.spins.pasts[i].looks, s.spins.pasts[i].taken = s.spins.pasts[i].looks[:0], false
	}
}

// ends reports whether the last of looks are those of a round.
func ends(looks, round []look) bool {
	n := len(looks) - len(round)
	return n >= 0 && slices.Equal(looks[n:], round)
}

// tail returns the steps since the last Yield, if there are not too many.
func (p *past) tail() []look {
	n := len(p.looks)
	for n > 0 && n > len(p.looks)-longestRound && p.looks[n-1].kind != trace.Yield {
		n--
	}
	return p.looks[n:]
}

// changed reports whether some word of the round is not what it was.
func (r *round) changed(load func(off uint32, size uint8) uint64) bool {
	for i := range r.words {
		if w := &r.words[i]; load(w.off, w.size) != w.after {
			return true
		}
	}
	return false
}

// reads names the words that an actor reads that spins at point.
func (s *scheduler) reads(point *Point) string {
	var names []string
	for _, w := range s.spins.rounds[point.round].words {
		name, _ := s.memory.layout.find(uintptr(w.off), false)
		names = append(names, name)
	}
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, " and ")
}

// rounds reports whether actor a can go round once more though it is parked: a
// schedule may say so, once others have been let go first.
func (s *scheduler) rounds(a trace.Actor) bool {
	if a < 0 || int(a) >= s.n {
		return false
	}
	who := &s.actors[a]
	yields := who.status == ready && !who.stopped && who.at.point.Kind == trace.Yield && !who.at.point.awaits()
	return yields && (who.since < s.choice.Step || s.spins.quiet)
}

// parked returns the actors that spin, as a set.
func (s *scheduler) parked() (set uint64) {
	return s.those(func(a *actor) bool { return a.status == ready && a.at.point.round != 0 })
}
