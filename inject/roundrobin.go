package inject

import (
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// RoundRobin lets the actors step in turn. Schedule n begins with actor n, and
// after as many schedules as there are actors, turns are one step longer.
type RoundRobin struct {
	runs  int
	taken int // steps taken in this turn
}

// Begin makes ready for the next schedule; there is always one.
func (r *RoundRobin) Begin() bool {
	r.runs++
	r.taken = 0
	return true
}

// Next lets the same actor go on until its turn is over, then the next that can.
func (r *RoundRobin) Next(c *shmlab.Choice) trace.Decision {
	n := c.Actors()
	turn := 1 + (r.runs-1)/n
	from := c.Last
	if c.Last < 0 {
		from = trace.Actor((r.runs - 1) % n)
	} else if r.taken >= turn || !c.Can(c.Last) {
		from = (c.Last + 1) % trace.Actor(n)
	}
	for !c.Can(from) {
		from = (from + 1) % trace.Actor(n)
	}
	if from != c.Last {
		r.taken = 0
	}
	r.taken++
	return trace.Decision{Actor: from}
}
