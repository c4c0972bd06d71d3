package inject

import (
	"fmt"
	"strings"

	"shmrace/shmlab"
)

// Options are what a strategy made by name is given. Zero fields are defaults.
type Options struct {
	Seed uint64 // of whatever is drawn at random
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
	{"random", "the random walk: every enabled actor is as likely", func(o Options) shmlab.Strategy { return NewRandom(o.Seed) }},
	{"roundrobin", "in turn, with longer and longer turns", func(Options) shmlab.Strategy { return &RoundRobin{} }},
}

// New returns the strategy called name; "" is the default.
func New(name string, o Options) (shmlab.Strategy, error) {
	var names []string
	for _, s := range Strategies {
		if s.Name == name || name == "" {
			return s.New(o), nil
		}
		names = append(names, s.Name)
	}
	return nil, fmt.Errorf("no strategy is called %.40q: expected %s", name, strings.Join(names, ", "))
}
