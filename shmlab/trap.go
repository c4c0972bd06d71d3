package shmlab

import (
	"fmt"
	"time"

	"shmrace/shmlab/trace"
)

// A Trap waits at points of a free run and does something to the actor that
// comes to them. It springs in the actor's own process: nobody is asked, and no
// word of the lab is touched.
type Trap struct {
	Actor      trace.Actor // who; [Anybody]: every actor
	Label      string      // at the note of this label; "": at points
	Kind       trace.Kind  // at points of this kind; None: of any
	Word       string      // at points on this word, a field path or the name of a lock; "": on any
	Occurrence int         // the N-th time that the actor comes to such a point; 0: every time
	Chain      []Action    // the first that is not passed over is done
}

// Anybody is the actor of a trap for all of them.
const Anybody trace.Actor = -1

// An Action is a term of a trap's chain, as in fail(9) of FreeBSD: it is passed
// over if it has been done as often as it may, or if the draw is against it.
type Action struct {
	Percent float64       // how likely, above 0 to 100; 0: certain
	Count   int           // how often each actor does it at most; 0: without end
	Deed    Deed          //
	Fault   trace.Fault   // of Hurt: kill, stop, or a signal from hup on
	For     time.Duration // of Delay, Sleep, and Hurt with stop
}

// A Deed is what an [Action] does.
type Deed uint8

// The deeds.
const (
	Off      Deed = iota // nothing, and nothing that comes after it in the chain
	StepBack             // lets another process go first
	Delay                // keeps the processor busy for a while
	Sleep                // sleeps for a while
	Hurt                 // a fault, done to the actor's process by itself
)

// The bounds of a plan, so that it fits the memory it is handed on in.
const (
	MaxTraps   = 256
	MaxChain   = 8
	MaxLabel   = 63              // bytes of a label or of a word's path
	MaxCount   = 1_000_000_000   // of an occurrence, too
	MaxHolding = 5 * time.Second // of a single action

	LeastPercent = 0.000001
)

// Check says what is wrong with the trap by itself.
func (t *Trap) Check() error {
	switch {
	case t.Actor < Anybody || t.Actor >= trace.MaxActors:
		return fmt.Errorf("actor %d: expected %d to %d", t.Actor, Anybody, trace.MaxActors-1)
	case len(t.Label) > MaxLabel || len(t.Word) > MaxLabel:
		return fmt.Errorf("a name of %d bytes: expected at most %d", max(len(t.Label), len(t.Word)), MaxLabel)
	case t.Label != "" && (t.Kind != trace.None || t.Word != ""):
		return fmt.Errorf("a label has no kind and no word: expected a label, or a kind and a word")
	case t.Kind != trace.None && (!t.Kind.Point() || t.Kind == trace.Start):
		return fmt.Errorf("nobody comes to a %v in a free run: expected a kind as Get or Lock", t.Kind)
	case t.Occurrence < 0 || t.Occurrence > MaxCount:
		return fmt.Errorf("occurrence %d: expected 1 to %d", t.Occurrence, MaxCount)
	case len(t.Chain) == 0 || len(t.Chain) > MaxChain:
		return fmt.Errorf("a chain of %d actions: expected 1 to %d", len(t.Chain), MaxChain)
	}
	for i := range t.Chain {
		if err := t.Chain[i].check(); err != nil {
			return err
		}
	}
	return nil
}

// Lasts reports whether the action needs a time.
func (a *Action) Lasts() bool {
	return a.Deed == Delay || a.Deed == Sleep || a.Deed == Hurt && a.Fault == trace.Stop
}

func (a *Action) check() error {
	switch {
	case a.Percent != 0 && !(a.Percent >= LeastPercent && a.Percent <= 100): // NaN is neither
		return fmt.Errorf("a probability of %v %%: expected above 0 to 100", a.Percent)
	case a.Count < 0 || a.Count > MaxCount:
		return fmt.Errorf("a count of %d: expected 1 to %d", a.Count, MaxCount)
	case a.Deed > Hurt:
		return fmt.Errorf("deed %d: expected 0 to %d", a.Deed, Hurt)
	case a.Deed == Hurt && a.Fault != trace.Kill && a.Fault != trace.Stop && !a.Fault.Signal():
		return fmt.Errorf("nobody can do a %v to himself: expected kill, stop or a signal", a.Fault)
	case a.Lasts() && (a.For <= 0 || a.For > MaxHolding):
		return fmt.Errorf("a time of %v: expected above 0 to %v", a.For, MaxHolding)
	case !a.Lasts() && a.For != 0 || a.Deed != Hurt && a.Fault != trace.NoFault:
		return fmt.Errorf("an action with what does not belong to it: expected no time and no fault")
	}
	return nil
}

// A Fired is an action that was done in a free run.
type Fired struct {
	Trap       int         // its number in the plan, from 0
	Action     int         // its number in the chain, from 0
	Actor      trace.Actor // who did it
	Occurrence int         // at the N-th point that it could have been done at, from 1
}

// Compile returns the trap that does what f was, and nothing else.
func (f Fired) Compile(plan []Trap) Trap {
	t := plan[f.Trap]
	a := t.Chain[f.Action]
	a.Percent, a.Count = 0, 0
	t.Actor, t.Occurrence, t.Chain = f.Actor, f.Occurrence, []Action{a}
	return t
}

// longest is how long an actor can be held without any fault of its own.
func longest(plan []Trap) (sum time.Duration) {
	for i := range plan {
		most := time.Duration(0)
		for _, a := range plan[i].Chain {
			most = max(most, a.For)
		}
		sum += most
	}
	return sum
}
