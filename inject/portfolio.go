package inject

import (
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// Portfolio asks several strategies in turn, a schedule each, for none is the
// best everywhere. It is over when the first of them is: with a search that
// leaves nothing out among them, all is proved that this one proves.
type Portfolio struct {
	members []shmlab.Strategy
	turn    int
	asked   int  // how many schedules the search must have begun to be asked again
	long    bool // it will take too long
}

// NewPortfolio returns the strategy that asks members in turn. The same search can
// be there several times: if it will take too long, it has its first turn only.
func NewPortfolio(members ...shmlab.Strategy) *Portfolio {
	return &Portfolio{members: members, turn: -1}
}

// standard is the portfolio that is the default: every other schedule is one of
// a search that leaves nothing out, so that small labs are proved right, and
// those between are drawn at random, so that large ones are seen from all sides.
func standard(o Options) *Portfolio {
	d, seed := o.sweep(search), o.shardSeed()
	o.Seed = seed
	hit := func(s shmlab.Strategy) shmlab.Strategy { // each member elsewhere
		o.Seed = mix(o.Seed)
		return o.mishap(s)
	}
	turns := hit(&RoundRobin{})
	if o.Shard.Of > 1 {
		turns = &sharded{Strategy: turns, shard: o.Shard}
	}
	return NewPortfolio(d, hit(NewSURW(seed)), d, hit(NewRandom(seed)), d, hit(NewPOS(seed)), d, hit(NewURW(seed)), d, turns, d, hit(NewPCT(seed, depth)))
}

// Begin gives the next schedule to the next member.
func (s *Portfolio) Begin() bool {
	s.turn = (s.turn + 1) % len(s.members)
	if s.turn > 0 && s.hopeless() {
		s.turn = (s.turn + 1) % len(s.members)
	}
	return s.members[s.turn].Begin()
}

// hopeless reports whether the member whose turn it is searches more than anybody
// will wait for: then it has only the first turn of each round.
func (s *Portfolio) hopeless() bool {
	e, ok := s.members[s.turn].(interface {
		Explored() int
		Estimate() float64
	})
	if !ok || e.Explored() < 32 {
		return false
	}
	if n := e.Explored(); n >= s.asked { // to estimate is to look through a tree
		s.asked, s.long = n+n/4, e.Estimate() > tooLong
	}
	return s.long
}

// tooLong is how many schedules of a search are more than half of what is tried
// when nobody says how many to try.
const tooLong = 5000

// Estimate returns about how many schedules there are until the search among
// the members is over; 0: there is none.
func (s *Portfolio) Estimate() float64 {
	for _, m := range s.members {
		e, ok := m.(interface{ Estimate() float64 })
		if !ok {
			continue
		}
		turns := 0
		for i, other := range s.members {
			if other == m && (i == 0 || !s.long) {
				turns++
			}
		}
		others := 0
		for _, other := range s.members {
			if other != m {
				others++
			}
		}
		return e.Estimate() * float64(others+turns) / float64(turns)
	}
	return 0
}

// Foreign reports whether the last run was another shard's.
func (s *Portfolio) Foreign() bool {
	p, ok := s.members[s.turn].(parted)
	return ok && p.Foreign()
}

// Next asks the member whose schedule it is.
func (s *Portfolio) Next(c *shmlab.Choice) trace.Decision { return s.members[s.turn].Next(c) }

// Rescues asks the member whose schedule it is, if it has an answer.
func (s *Portfolio) Rescues(c *shmlab.Choice) bool {
	r, ok := s.members[s.turn].(shmlab.Rescuer)
	return ok && r.Rescues(c)
}

// End tells the member whose schedule it was, if it wants to know.
func (s *Portfolio) End(c *shmlab.Choice) {
	if o, ok := s.members[s.turn].(shmlab.Observer); ok {
		o.End(c)
	}
}
