package property

import (
	"slices"
	"strings"

	"shmrace/inject"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// FaultsOf returns what a lab says that happens to its actors: signals only to
// those that handle them.
func FaultsOf(d shmlab.Description) (f inject.Faults) {
	for _, fault := range d.Faults {
		if fault.Signal() {
			f.Signals = true
		} else {
			f.Each = append(f.Each, fault)
		}
	}
	if d.Mortal {
		f.Each = append(f.Each, trace.Kill)
	}
	return f
}

// faultsIn returns what has happened in a run, for a search of runs like it. What
// happens by itself as well is among it if it was asked for.
func faultsIn(t *trace.Trace, asked inject.Faults) (f inject.Faults) {
	f.Signals = slices.ContainsFunc(t.Events, func(e trace.Event) bool { return e.Kind == trace.Handle })
	for _, d := range t.Schedule.Decisions {
		if (befell(d) || slices.Contains(asked.Each, d.Fault)) && !(d.Fault.Signal() && f.Signals) && !slices.Contains(f.Each, d.Fault) {
			f.Each = append(f.Each, d.Fault)
		}
	}
	return f
}

// hits counts the faults among decisions.
func hits(decisions []trace.Decision) (n int) {
	for _, d := range decisions {
		if befell(d) {
			n++
		}
	}
	return n
}

// befell reports whether d is a fault, and not what happens by itself when nobody
// can step: that a deadline passes, or that who was stopped goes on.
func befell(d trace.Decision) bool {
	return d.Fault != trace.NoFault && d.Fault != trace.Timeout && d.Fault != trace.Cont
}

// befalls says in a few words what a fault does to an actor, before the line at
// which it stands.
func befalls(fault string) string {
	switch f, _ := trace.ParseFault(fault); f {
	case trace.Kill:
		return "is KILLED"
	case trace.Stop:
		return "is STOPPED"
	case trace.Cont:
		return "goes on"
	case trace.Wakeup:
		return "is to be WOKEN first"
	case trace.Spurious:
		return "WAKES by itself"
	case trace.Timeout:
		return "its time is UP"
	}
	return "gets " + strings.ToUpper(fault)
}

// within returns the signal whose handler actor a is in when t ends; "" for none.
func within(t *trace.Trace, a trace.Actor) string {
	var under []string
	for i := range t.Events {
		switch e := &t.Events[i]; {
		case e.Actor != a:
		case e.Kind == trace.Handle:
			under = append(under, strings.ToUpper(e.Note))
		case e.Kind == trace.Handled && len(under) > 0:
			under = under[:len(under)-1]
		}
	}
	if len(under) == 0 {
		return ""
	}
	return under[len(under)-1]
}
