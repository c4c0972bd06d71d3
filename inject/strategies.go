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
	Faults      Faults // what may happen to actors, once in a schedule
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
	{"dpor", "one schedule of each class of equivalent ones: a proof", func(o Options) shmlab.Strategy { return o.sweep(search) }, true},
	{"dfs", "every schedule, one after another", func(o Options) shmlab.Strategy { return o.sweep(each) }, true},
	{"random", "the random walk: every enabled actor is as likely", func(o Options) shmlab.Strategy { return o.mishap(NewRandom(o.Seed)) }, false},
	{"surw", "every order of the accesses to some word is as likely", func(o Options) shmlab.Strategy { return o.mishap(NewSURW(o.shardSeed())) }, true},
	{"urw", "every interleaving is as likely", func(o Options) shmlab.Strategy { return o.mishap(NewURW(o.shardSeed())) }, true},
	{"pos", "random priorities of steps, drawn anew after conflicts", func(o Options) shmlab.Strategy { return o.mishap(NewPOS(o.Seed)) }, false},
	{"pct", "random priorities of actors, which change twice", func(o Options) shmlab.Strategy { return o.mishap(NewPCT(o.shardSeed(), depth)) }, true},
	{"roundrobin", "in turn, with longer and longer turns", func(o Options) shmlab.Strategy { return o.mishap(&RoundRobin{}) }, false},
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

// each returns the search that leaves out nothing but what the bound does.
func each(o Options) shmlab.Strategy {
	bound := Bound{Unbounded, Unbounded}
	if o.Bounded {
		bound.Preemptions = o.Preemptions
	}
	return NewDFSShard(bound, o.Shard)
}

// sweep returns a search, in which each fault happens at each place.
func (o Options) sweep(search func(o Options) shmlab.Strategy) shmlab.Strategy {
	if o.Faults.None() {
		return search(o)
	}
	whole := o
	whole.Shard = Shard{}
	s := NewSweep(o.Faults, func() shmlab.Strategy { return search(whole) })
	s.inner, s.shard = search(o), o.Shard
	return s
}

// mishap returns s, in which a fault happens somewhere.
func (o Options) mishap(s shmlab.Strategy) shmlab.Strategy {
	if o.Faults.None() {
		return s
	}
	return NewMishap(s, o.Faults, o.Seed)
}

// New returns the strategy called name; "" is the default.
func New(name string, o Options) (shmlab.Strategy, error) {
	var names []string
	for _, s := range Strategies {
		if s.Name == name || name == "" {
			if o.Bounded && !slices.Contains(counting, s.Name) {
				return nil, fmt.Errorf("strategy %s does not count preemptions: expected %s", s.Name, strings.Join(counting, ", "))
			}
			return s.part(o), nil
		}
		names = append(names, s.Name)
	}
	return nil, fmt.Errorf("no strategy is called %.40q: expected %s", name, strings.Join(names, ", "))
}

// Begun returns s, begun: ready for one run.
func Begun(s shmlab.Strategy) shmlab.Strategy {
	s.Begin()
	return s
}

// part returns the strategy, or what of it is o's shard.
func (n *Named) part(o Options) shmlab.Strategy {
	s := n.New(o)
	if _, splits := s.(parted); o.Shard.Of > 1 && !splits && !n.Tree {
		return &sharded{Strategy: s, shard: o.Shard}
	}
	return s
}

// shardSeed is the seed of a strategy that cannot leave schedules to other shards:
// each shard has its own.
func (o Options) shardSeed() uint64 { return o.Seed + uint64(o.Shard.Index)<<32 }
