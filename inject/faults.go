package inject

import (
	"fmt"
	"slices"
	"strings"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// Faults are what may happen to actors, once in a schedule. The zero Faults are
// none.
type Faults struct {
	Each    []trace.Fault // to whoever it can happen to; a signal also to who has no handler
	Signals bool          // every signal, to the actors that handle it
	Victims uint64        // the actors it may happen to, as a set; 0: all
}

// Kills are that somebody is killed.
var Kills = Faults{Each: []trace.Fault{trace.Kill}}

// Signals is the name of all signals that are handled.
const Signals = "signals"

// ParseFaults reads names with commas between: of faults, or signals.
func ParseFaults(text string) (f Faults, err error) {
	for name := range strings.SplitSeq(text, ",") {
		fault, err := trace.ParseFault(name)
		switch {
		case name == Signals:
			f.Signals = true
		case err != nil || fault == trace.Cont:
			return Faults{}, fmt.Errorf("%.40q is no fault that can be tried: expected %s", name, possible())
		case !slices.Contains(f.Each, fault):
			f.Each = append(f.Each, fault)
		}
	}
	return f, nil
}

// String is the inverse of [ParseFaults]; "" for none.
func (f Faults) String() string {
	var names []string
	for _, fault := range f.Each {
		names = append(names, fault.String())
	}
	if f.Signals {
		names = append(names, Signals)
	}
	return strings.Join(names, ",")
}

// possible lists what ParseFaults reads.
func possible() string {
	var names []string
	for f := trace.Kill; f <= trace.Timeout; f++ {
		if f != trace.Cont {
			names = append(names, f.String())
		}
	}
	return strings.Join(names, ", ") + ", a signal as usr1, or " + Signals
}

// None reports whether nothing happens.
func (f Faults) None() bool { return len(f.Each) == 0 && !f.Signals }

// With returns what f or g may do.
func (f Faults) With(g Faults) Faults {
	all := Faults{slices.Clone(f.Each), f.Signals || g.Signals, f.Victims | g.Victims}
	if f.Victims == 0 && !f.None() || g.Victims == 0 && !g.None() {
		all.Victims = 0 // of one of them they are all
	}
	for _, fault := range g.Each {
		if !slices.Contains(all.Each, fault) {
			all.Each = append(all.Each, fault)
		}
	}
	return all
}

// hits reports whether something may happen to actor a.
func (f Faults) hits(a trace.Actor) bool { return f.Victims == 0 || f.Victims>>uint(a)&1 != 0 }

// Append appends to list what can happen at this moment, each as the decision
// that it is.
func (f Faults) Append(list []trace.Decision, c *shmlab.Choice) []trace.Decision {
	for a := range trace.Actor(c.Actors()) {
		if !f.hits(a) {
			continue
		}
		for _, fault := range f.Each {
			if d := (trace.Decision{Actor: a, Fault: fault}); c.Takes(d) {
				list = append(list, d)
			}
		}
		for fault := trace.Hup; f.Signals && fault.Signal(); fault++ {
			if d := (trace.Decision{Actor: a, Fault: fault}); c.Handles(a, fault) && !slices.Contains(f.Each, fault) && c.Takes(d) {
				list = append(list, d)
			}
		}
	}
	return list
}
