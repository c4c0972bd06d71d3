package shmlab

import (
	"slices"

	"shmrace/shmlab/trace"
)

// A goround is the experiment whether an actor that yields goes round for ever:
// a strategy that takes known decisions, and then lets the actor go alone.
type goround struct {
	s      *scheduler
	at     loop
	before []look // what the actor did until then
	round  []look // what it does in its first round
	steps  int    // of the round under way
	rounds int
	idle   bool
}

// settle finds out why the last run was broken off, so that it can be begun again.
func (b *Bench) settle() error {
	s := &b.sched
	k, at, known := &s.spins, s.spins.doubt.loop, s.spins.doubt.round
	k.prefix = append(k.prefix[:0], s.decisions...)
	if k.who>>at.actor&1 == 0 {
		if k.who == 0 {
			k.known, k.proofs, k.rounds = map[loop][]int{}, map[proof]bool{}, make([]round, 1)
		}
		k.who |= 1 << at.actor
		for len(k.pasts) <= at.actor {
			k.pasts = append(k.pasts, past{})
		}
		return nil // it is begun again to see what the actor does before it yields
	}
	proof := k.proof(s.spins.doubt)
	recorder, watch, always, budget := s.recorder, s.watch, s.always, s.budget
	defer func() {
		s.recorder, s.watch, s.always, s.budget, k.quiet = recorder, watch, always, budget, false
	}()
	s.recorder, s.watch, s.always, s.budget, k.quiet = nil, nil, nil, len(k.prefix)+endless*(longestRound+2), true
	g := &goround{s: s, at: at}
	if err := b.play(g); err != nil {
		return err
	}
	if known == 0 {
		k.learn(at, g)
		return nil
	}
	if len(k.proofs) == mostProofs {
		clear(k.proofs)
	}
	k.proofs[proof] = g.spins()
	return nil
}

// spins reports whether the actor went round as often as is taken for ever.
func (g *goround) spins() bool { return g.idle && ends(g.before, g.round) }

// learn keeps the round that was found.
func (k *busy) learn(at loop, g *goround) {
	r := round{looks: (&past{looks: g.before}).tail()}
	if g.spins() {
		r = round{looks: g.round, words: wordsOf(g.round), idle: true}
	}
	k.known[at] = append(k.known[at], len(k.rounds))
	k.rounds = append(k.rounds, r)
}

func wordsOf(looks []look) (words []look) {
	for _, l := range looks {
		if !slices.ContainsFunc(words, func(w look) bool { return w.off == l.off && w.size == l.size }) {
			words = append(words, l)
		}
	}
	return words
}

// Begin is not asked: there is one run.
func (g *goround) Begin() bool { return true }

// End has nothing to do; without it nobody would say what steps touch.
func (g *goround) End(*Choice) {}

// Rescues reports whether the next known decision is a fault.
func (g *goround) Rescues(c *Choice) bool {
	prefix := g.s.spins.prefix
	return c.Step < len(prefix) && prefix[c.Step].Fault != trace.NoFault
}

// Next lets the actor go until it has gone round often enough or does something
// else.
func (g *goround) Next(c *Choice) trace.Decision {
	prefix := g.s.spins.prefix
	if c.Step < len(prefix) {
		return prefix[c.Step]
	}
	p := &g.s.spins.pasts[g.at.actor]
	if c.Step == len(prefix) {
		g.before = slices.Clone(p.looks)
		for _, l := range g.before {
			if l.size > 0 {
				g.s.memory.store(l.off, l.size, l.after)
			}
		}
	} else if !g.looked(c, p.looks[len(p.looks)-1]) {
		return GiveUp
	}
	a := &g.s.actors[g.at.actor]
	switch point := &a.at.point; {
	case a.status != ready:
		return GiveUp
	case point.Kind != trace.Yield && !c.Can(trace.Actor(g.at.actor)):
		return GiveUp
	case point.Kind == trace.Yield && c.Step > len(prefix) && !g.around(point):
		return GiveUp
	}
	return trace.Decision{Actor: trace.Actor(g.at.actor)}
}

// looked reports whether the step before belongs to a round like the others: it
// touched nothing but its word and left that as it was.
func (g *goround) looked(c *Choice, l look) bool {
	if l.kind == trace.Yield {
		return l.before == l.after
	}
	for _, t := range c.Touched() {
		if t.Off != l.off || t.Size != l.size {
			return false
		}
	}
	if l.size == 0 || l.before != l.after || g.steps == longestRound {
		return false
	}
	if g.rounds == 0 {
		g.round = append(g.round, l)
	} else if g.steps >= len(g.round) || g.round[g.steps] != l {
		return false
	}
	g.steps++
	return true
}

// around is called at the end of a round and reports whether to go on.
func (g *goround) around(point *Point) bool {
	if point.want != g.at.site || g.steps != len(g.round) || len(wordsOf(g.round)) > mostWords {
		return false
	}
	g.steps = 0
	g.rounds++
	g.idle = g.rounds == endless
	return !g.idle
}
