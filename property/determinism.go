package property

import (
	"errors"
	"fmt"

	"shmrace/inject"
	"shmrace/shmlab"
)

// ErrNondeterministic says that a lab does not do the same in the same schedule:
// it asks for the time, draws at random, or keeps something from run to run.
// What is found in it cannot be replayed.
var ErrNondeterministic = errors.New("the lab is not deterministic")

// deterministic runs one schedule twice, compares what happens, and returns the
// hash of the points met: searches of one lab meet the same.
func deterministic(bench *shmlab.Bench) (hash string, err error) {
	once, err := bench.Trace(inject.Begun(&inject.RoundRobin{}))
	if err != nil {
		return "", err
	}
	if slow(once.Verdict) {
		return once.Schedule.Hash, nil // the search comes to it, too
	}
	twice, err := bench.Trace(inject.Begun(&inject.RoundRobin{}))
	if err != nil {
		return "", err
	}
	if first, second, same := once.Differs(twice); !same {
		return "", fmt.Errorf("%s: %w: one schedule, run twice, gave %q, then %q", bench.Lab().Name, ErrNondeterministic, first, second)
	}
	return once.Schedule.Hash, nil
}
