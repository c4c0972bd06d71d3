package inject

import (
	"fmt"
	"slices"
	"strings"

	"shmrace/shmlab"
)

// Options are what a strategy made by name is given. Zero fields are defaults.
type Options struct {
	Seed        uint64 // of whatever is drawn at random
	Bounded     bool   // Preemptions is a bound
	Preemptions int    // most preemptions, for strategies that count them
	Crash       bool   // one actor is killed in a schedule
	Shard       Shard  // the part of the search that is done
}

// A Named is a strategy that can be asked for by name.
type Named struct {
	Name string
	Doc  string // in one line
	New  func(o Options) shmlab.Strategy
	Tree bool // it learns from each schedule what comes next, and cannot leave any out
}

// Strategies are the strategies that can be asked for by name; the first is the
// default.
var Strategies = []Named{
	{"portfolio", "dpor every other schedule, the samplers in turn between", func(o Options) shmlab.Strategy { return standard(o) }, false},
	{"dpor", "one schedule of each class of equivalent ones: a proof", func(o Options) shmlab.Strategy { return search(o) }, true},
	{"dfs", "every schedule, one after another", func(o Options) shmlab.Strategy { return NewDFSShard(o.bound(), o.Shard) }, true},
	{"random", "the random walk: every enabled actor is as likely", func(o Options) shmlab.Strategy { return NewRandom(o.Seed) }, false},
	{"surw", "every order of the accesses to some word is as likely", func(o Options) shmlab.Strategy { return NewSURW(o.shardSeed()) }, true},
	{"urw", "every interleaving is as likely", func(o Options) shmlab.Strategy { return NewURW(o.shardSeed()) }, true},
	{"pos", "random priorities of steps, drawn anew after conflicts", func(o Options) shmlab.Strategy { return NewPOS(o.Seed) }, false},
	{"pct", "random priorities of actors, which change twice", func(o Options) shmlab.Strategy { return NewPCT(o.shardSeed(), depth) }, true},
	{"roundrobin", "in turn, with longer and longer turns", func(Options) shmlab.Strategy { return &RoundRobin{} }, false},
}

// counting are the strategies that keep to a bound of preemptions.
var counting = []string{"portfolio", "dpor", "dfs"}

// depth is how deep the bugs are that PCT looks for, when nobody says.
const depth = 3

// search returns the search that leaves out no schedule but what the bound does.
func search(o Options) shmlab.Strategy {
	if o.Bounded {
		return NewBoundedDPORShard(o.Preemptions, o.Shard)
	}
	return NewDPORShard(o.Shard)
}

// New returns the strategy called name; "" is the default.
func New(name string, o Options) (shmlab.Strategy, error) {
	var names []string
	for _, s := range Strategies {
		if s.Name == name || name == "" {
			if s.Tree && o.Crash {
				return nil, fmt.Errorf("strategy %s learns from each schedule and cannot be crashed: expected random, pos or portfolio", s.Name)
			}
			if o.Bounded && !slices.Contains(counting, s.Name) {
				return nil, fmt.Errorf("strategy %s does not count preemptions: expected %s", s.Name, strings.Join(counting, ", "))
			}
			return o.wrap(s.New(o), s.Tree), nil
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

// shardSeed is the seed of a strategy that cannot leave schedules to other shards:
// each shard has its own.
func (o Options) shardSeed() uint64 { return o.Seed + uint64(o.Shard.Index)<<32 }

func (o Options) wrap(s shmlab.Strategy, learns bool) shmlab.Strategy {
	if o.Crash {
		s = NewCrash(s, o.Seed)
	}
	if _, splits := s.(parted); o.Shard.Of > 1 && !splits && !learns {
		s = &sharded{Strategy: s, shard: o.Shard}
	}
	return s
}
