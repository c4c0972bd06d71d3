package inject

import (
	"math/rand/v2"
	"time"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// Chaos disturbs free runs without any point, in the manner of the chaos mode of
// rr (src/Scheduler.cc, "High-Priority-Only Intervals"; O'Callahan, "Introducing
// rr Chaos Mode", 2016). What it takes over is that a few actors are victims, that
// a victim stands still for D, drawn from a geometric scale for want of knowing
// which is right, and that it does so for a fifth of the time, with a good chance
// that the first time is the very start. What is other: rr serializes and so picks
// among all of a long program; here actors run at the same time, for microseconds,
// so the scale is a hundredth of rr's 1 ms to 2 s, victims are as likely as rr's
// main threads, and a victim is stopped by a timer of the kernel's, in the midst
// of whatever it does.
type Chaos struct {
	seed   uint64
	actors int
	runs   uint64
	rng    rand.PCG
}

// rr's figures, and where they are not, why.
const (
	victim       = 0.3                    // probability of being a victim: rr's for main threads; 0.1 for others
	immediately  = 0.25                   // of the first interval to begin with the run
	holds        = 12                     // D is leastHold times a power of 2 below this
	fraction     = 5                      // a victim stands still for 1/fraction of the time
	leastHold    = time.Millisecond / 100 // a stop costs that much by itself
	mostRefresh  = 20 * time.Second / 100 // priorities are drawn anew after 0 to this
	shortSlice   = 0.1                    // probability of a first slice of up to mostShort
	shorterSlice = 0.1                    // of one of up to mostShorter
	mostShort    = 10 * time.Microsecond  // rr counts 10,000 branches
	mostShorter  = 100 * time.Nanosecond  // 100 branches
)

// NewChaos returns the chaos whose n-th run seed determines, as far as it is not
// the hardware's.
func NewChaos(seed uint64, actors int) *Chaos { return &Chaos{seed: seed, actors: actors} }

// Turbulence returns how the next run is disturbed.
func (c *Chaos) Turbulence() *shmlab.Turbulence {
	c.rng.Seed(mix(c.seed), mix(c.runs+1))
	c.runs++
	t := &shmlab.Turbulence{Next: c.next}
	together := c.chance(0.5) // on one processor: who is stopped makes room
	for i := range c.actors {
		p := c.push(trace.Actor(i))
		if together {
			p.CPU = 0
		}
		t.Start, t.Storms = append(t.Start, p), append(t.Storms, c.storm())
	}
	return t
}

// storm draws when an actor is to stand still.
func (c *Chaos) storm() (s shmlab.Storm) {
	s.Hold = leastHold << below(&c.rng, holds)
	s.Period = fraction * s.Hold
	switch r := c.unit(); {
	case r < shorterSlice:
		s.First = c.upTo(mostShorter)
	case r < shorterSlice+shortSlice:
		s.First = c.upTo(mostShort)
	case c.chance(victim):
		if !c.chance(immediately) {
			s.First = c.upTo((fraction - 1) * s.Hold)
		}
	default:
		return shmlab.Storm{}
	}
	return s
}

// next draws what is done to whom while the run goes on, and when.
func (c *Chaos) next() (time.Duration, shmlab.Push) {
	return 1 + c.upTo(mostRefresh), c.push(trace.Actor(below(&c.rng, c.actors)))
}

// push draws a processor and a priority.
func (c *Chaos) push(a trace.Actor) shmlab.Push {
	p := shmlab.Push{Actor: a, CPU: below(&c.rng, 64)}
	if !c.chance(victim) {
		return p
	}
	switch below(&c.rng, 4) {
	case 0:
		p.Nice = 1 + below(&c.rng, 19)
	case 1:
		p.Policy = shmlab.Batch
	case 2:
		p.Policy = shmlab.Idle
	case 3:
		if a == 0 { // of two on one processor the second would never get it
			p.Policy = shmlab.RoundRobin
		}
	}
	return p
}

func (c *Chaos) unit() float64 { return float64(c.rng.Uint64()>>11) / (1 << 53) }

func (c *Chaos) chance(p float64) bool { return c.unit() < p }

// upTo returns a time from 0 to d, d excluded.
func (c *Chaos) upTo(d time.Duration) time.Duration { return time.Duration(c.unit() * float64(d)) }
