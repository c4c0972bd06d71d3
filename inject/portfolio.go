package inject

import (
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// Portfolio asks several strategies in turn, a schedule each, for none is the
// best everywhere. It is over when the first of them is.
type Portfolio struct {
	members []shmlab.Strategy
	turn    int
}

// NewPortfolio returns the strategy that asks members in turn.
func NewPortfolio(members ...shmlab.Strategy) *Portfolio {
	return &Portfolio{members: members, turn: -1}
}

// Begin gives the next schedule to the next member.
func (s *Portfolio) Begin() bool {
	s.turn = (s.turn + 1) % len(s.members)
	return s.members[s.turn].Begin()
}

// Next asks the member whose schedule it is.
func (s *Portfolio) Next(c *shmlab.Choice) trace.Decision { return s.members[s.turn].Next(c) }
