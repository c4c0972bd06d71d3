package inject

import (
	"fmt"
	"strings"

	"shmrace/shmlab"
)

// Options are what a strategy made by name is given. Zero fields are defaults.
type Options struct {
	Seed        uint64 // of whatever is drawn at random
	Bounded     bool   // Preemptions is a bound
	Preemptions int    // most preemptions, for strategies that count them
	Crash       bool   // one actor is killed in a schedule
}

// A Named is a strategy that can be asked for by name.
type Named struct {
	Name string
	Doc  string // in one line
	New  func(o Options) shmlab.Strategy
}

// Strategies are the strategies that can be asked for by name; the first is the
// default.
var Strategies = []Named{
	{"portfolio", "round robin and the random walk, a schedule each", func(o Options) shmlab.Strategy { return NewPortfolio(&RoundRobin{}, NewRandom(o.Seed)) }},
	{"random", "the random walk: every enabled actor is as likely", func(o Options) shmlab.Strategy { return NewRandom(o.Seed) }},
	{"dfs", "every schedule, one after another", func(o Options) shmlab.Strategy { return NewDFS(o.bound()) }},
	{"roundrobin", "in turn, with longer and longer turns", func(Options) shmlab.Strategy { return &RoundRobin{} }},
}

// New returns the strategy called name; "" is the default.
func New(name string, o Options) (shmlab.Strategy, error) {
	var names []string
	for _, s := range Strategies {
		if s.Name == name || name == "" {
			return o.wrap(s.New(o)), nil
		}
		names = append(names, s.Name)
	}
	return nil, fmt.Errorf("no strategy is called %.40q: expected %s", name, strings.Join(names, ", "))
}

func (o Options) bound() Bound {
	if o.Bounded {
		return Bound{o.Preemptions, Unbounded}
	}
	return Bound{Unbounded, Unbounded}
}

func (o Options) wrap(s shmlab.Strategy) shmlab.Strategy {
	if o.Crash {
		return NewCrash(s, o.Seed)
	}
	return s
}
