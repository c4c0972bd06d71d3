package property

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"shmrace/inject"
	"shmrace/shmlab/trace"
)

// A Landing is a place at which a fault has happened in some schedule.
type Landing struct {
	Fault trace.Fault
	Actor trace.Actor
	Steps int // that the actor had taken before
}

// landings are the places at which faults that were asked for have happened.
type landings map[Landing]bool

// note takes note of the faults of a run.
func (l *landings) note(decisions []trace.Decision, asked inject.Faults) {
	if asked.None() {
		return
	}
	var steps [trace.MaxActors]int
	for _, d := range decisions {
		if d.Fault == trace.NoFault {
			steps[d.Actor]++
		} else {
			l.add(landings{{d.Fault, d.Actor, steps[d.Actor]}: true})
		}
	}
}

func (l *landings) add(more landings) {
	if *l == nil && len(more) > 0 {
		*l = landings{}
	}
	maps.Copy(*l, more)
}

// texts returns the landings in order, each as text.
func (l landings) texts() (list []string) {
	for at := range l {
		list = append(list, fmt.Sprintf("%v:%d", trace.Decision{Actor: at.Actor, Fault: at.Fault}, at.Steps))
	}
	slices.Sort(list)
	return list
}

// parse is the inverse of texts.
func (l *landings) parse(list []string) error {
	for _, text := range list {
		what, steps, _ := strings.Cut(text, ":")
		d, err := trace.ParseDecision(what)
		n, wrong := strconv.Atoi(steps)
		if err != nil || wrong != nil || d.Fault == trace.NoFault || n < 0 {
			return fmt.Errorf("%.40q is not a place of a fault: expected one as kill(A):2", text)
		}
		l.add(landings{{d.Fault, d.Actor, n}: true})
	}
	return nil
}

// Places returns at how many places each fault that was asked for could happen, by
// its name; those of all signals are one number.
func (r *Report) Places() map[string]int {
	places := map[string]int{}
	for _, f := range r.Inject.Faults.Each {
		places[f.String()] = 0
	}
	if r.Inject.Faults.Signals {
		places[inject.Signals] = 0
	}
	for at := range r.landed {
		if _, asked := places[at.Fault.String()]; asked {
			places[at.Fault.String()]++
		} else if at.Fault.Signal() {
			places[inject.Signals]++
		}
	}
	return places
}
