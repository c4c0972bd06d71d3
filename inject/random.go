package inject

import (
	"math/bits"
	"math/rand/v2"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// Random is the random walk: at every point each enabled actor is as likely as
// any other. Schedule n of a seed is the same in every search.
type Random struct {
	seed uint64
	runs uint64
	rng  rand.PCG
}

// NewRandom returns the random walk whose schedules seed determines.
func NewRandom(seed uint64) *Random { return &Random{seed: seed} }

// Begin seeds the next schedule; there is always one.
func (r *Random) Begin() bool {
	r.rng.Seed(mix(r.seed), mix(r.runs+1))
	r.runs++
	return true
}

// Next chooses uniformly among the enabled actors.
func (r *Random) Next(c *shmlab.Choice) trace.Decision {
	return trace.Decision{Actor: c.Enabled[below(&r.rng, len(c.Enabled))]}
}

// below returns a number from 0 to n-1. Multiplying and keeping the high word
// (Lemire 2019, section 4) without its rejection step is off by n/2^64.
func below(rng *rand.PCG, n int) int {
	if n == 1 {
		return 0
	}
	high, _ := bits.Mul64(rng.Uint64(), uint64(n))
	return int(high)
}

// mix is the finalizer of SplitMix64 (Steele, Lea, Flood 2014, figure 15): it
// spreads neighbouring seeds.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
