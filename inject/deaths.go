package inject

import (
	"math/bits"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// Deaths kills one of the victims in every schedule, at every step and whoever
// it is: for each it begins another search of its own, and takes the kill when
// that step has come. A schedule in which the victim is over by then is tried
// as well, and only ends a search when all are such.
type Deaths struct {
	fresh   func() shmlab.Strategy
	inner   shmlab.Strategy
	victims uint64
	victim  trace.Actor
	at      int  // the step before which the kill comes
	killed  bool // the victim was, in this search
	any     bool // some victim was, at this step
	deaths  int  // schedules with a kill
}

// NewDeaths returns the search for which fresh begins each search, a DFS, and
// victims is the set of actors that may be killed.
func NewDeaths(victims uint64, fresh func() shmlab.Strategy) *Deaths {
	return &Deaths{fresh: fresh, inner: fresh(), victims: victims, victim: lowest(victims)}
}

func lowest(set uint64) trace.Actor { return trace.Actor(bits.TrailingZeros64(set)) }

// Begin goes on to the next victim, and then to the next step, when a search is
// over. It returns false when no victim lives to see the step.
func (d *Deaths) Begin() bool {
	for !d.inner.Begin() {
		d.any = d.any || d.killed
		d.killed = false
		if rest := d.victims >> (d.victim + 1) << (d.victim + 1); rest != 0 {
			d.victim = lowest(rest)
		} else if d.any {
			d.victim, d.any = lowest(d.victims), false
			d.at++
		} else {
			return false
		}
		d.inner = d.fresh()
	}
	return true
}

// Next kills the victim when its step has come, else asks the search.
func (d *Deaths) Next(c *shmlab.Choice) trace.Decision {
	kill := trace.Decision{Actor: d.victim, Fault: trace.Kill}
	if c.Step == d.at && c.Takes(kill) {
		d.killed = true
		d.deaths++
		return kill
	}
	return d.inner.Next(c)
}

// Deaths returns how many schedules had a kill.
func (d *Deaths) Deaths() int { return d.deaths }
