package inject

import (
	"fmt"
	"strconv"
	"strings"

	"shmrace/shmlab"
)

// A Shard is one of several searches that together do the work of one: of a
// strategy that draws at random it takes every Of-th schedule, from Index on, or
// draws with a seed of its own; of a search of all schedules it takes the trees
// that are its own (see tree.go and crown.go), and of a sweep every Of-th place of a fault;
// that there is no further place each shard finds out for itself. The zero Shard is the whole.
type Shard struct{ Index, Of int }

// MostShards is how many a search may have: a report names each.
const MostShards = 1 << 16

// ParseShard reads "i/n": shard i, from 1, of n.
func ParseShard(text string) (Shard, error) {
	first, of, _ := strings.Cut(text, "/")
	i, err := strconv.Atoi(first)
	n, err2 := strconv.Atoi(of)
	if err != nil || err2 != nil || i < 1 || i > n || n > MostShards {
		return Shard{}, fmt.Errorf("%.40q is not a shard: expected i/n with i from 1 to n and n up to %d, as 1/4", text, MostShards)
	}
	return Shard{i - 1, n}, nil
}

// String is the inverse of [ParseShard].
func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Index+1, max(s.Of, 1)) }

// Share returns how many of n schedules are the shard's.
func (s Shard) Share(n int) int {
	if s.Of < 2 {
		return n
	}
	return (n - s.Index + s.Of - 1) / s.Of
}

// A parted is a strategy that knows which schedules are its shard's. Some it has
// to begin to see that they are not.
type parted interface{ Foreign() bool }

// sharded takes a shard's schedules of a strategy.
type sharded struct {
	shmlab.Strategy
	shard Shard
	begun bool
}

// Begin leaves out the schedules that are other shards'.
func (s *sharded) Begin() bool {
	skip := s.shard.Of - 1
	if !s.begun {
		s.begun, skip = true, s.shard.Index
	}
	for range skip {
		if !s.Strategy.Begin() {
			return false
		}
	}
	return s.Strategy.Begin()
}

// Position returns the number that schedule n of the shard has in the whole search.
func (s *sharded) Position(n int) int { return (n-1)*s.shard.Of + s.shard.Index + 1 }
