package shmlab

import (
	"io/fs"
	"maps"
	"reflect"
	"slices"

	"shmrace/shmlab/trace"
)

// A Lab is a small concurrent program over one shared state S: a plain struct
// of cells and other values without pointers, whose zero value is the start.
type Lab[S any] struct {
	Name     string                     // "counter/unlocked": family/variant
	Doc      string                     // what it does, in one line
	Why      string                     // what goes wrong and what cures it, shown under a failure
	Mortal   bool                       // it is about actors that are killed: what is wrong shows only then
	Faults   []trace.Fault              // those it is about, besides kills: what is wrong shows only with them
	Size     Size                       // default number of actors and of operations of each; a zero is 1
	Setup    func(s *S, size Size)      // before any actor; nil: zero memory is the start
	Actors   func(size Size) []Actor[S] // who takes part: as many as size says
	Always   func(s *S) error           // holds at every point; nil: nothing to check
	Final    func(s *S) error           // holds when every actor has finished; nil: nothing to check
	Object   string                     // what the operations told by p.Op are of, that must be linearizable: "queue 4"; "": nothing
	Reach    map[string]func(*S) bool   // states that some schedule must come to, by what they are: "two readers inside"
	Outcomes []Outcome                  // the final states that are expected; nil: any
	Lost     func(s *S) int64           // how many operations left no effect, for a free run; nil: not counted
	Source   fs.FS                      // the lab's own source files by base name; nil: where the compiler read them
}

// An Actor is one participant of a lab.
type Actor[S any] struct {
	Name string              // what it does, in a word: "producer"
	Body func(p *Proc, s *S) // its code; p is the actor itself, s its own mapping of the state
}

// A Size is how large a run is. In a [Setting] a zero field means the lab's default.
type Size struct {
	Actors int // number of actors
	Ops    int // operations of each actor
}

// Each returns n actors with the same name and body.
func Each[S any](n int, name string, body func(p *Proc, s *S)) []Actor[S] {
	actors := make([]Actor[S], n)
	for i := range actors {
		actors[i] = Actor[S]{name, body}
	}
	return actors
}

// A Description is what can be said of a lab without its state's type.
type Description struct {
	Name, Doc, Why string
	Size           Size
	Outcomes       []Outcome
	Faults         []trace.Fault // those that it is about
	Object         string        // what its operations are of; "": it tells none
	Reach          []string      // the states that some schedule must come to, in order
	Mortal         bool          // it is about actors that are killed
	FreeOnly       bool          // it blocks outside of points: only free runs can show it
	CountsLost     bool          // it has a Lost function
	Invariant      bool          // it has an Always
}

// AnyLab is a [Lab] of whatever state. Only Lab implements it.
type AnyLab interface {
	Describe() Description
	erase() (*program, error)
}

func described(l *Lab[unknown], state reflect.Type) Description {
	size := Size{Actors: max(l.Size.Actors, 1), Ops: max(l.Size.Ops, 1)}
	layout, err := layoutOf(state)
	return Description{
		Name: l.Name, Doc: l.Doc, Why: l.Why, Mortal: l.Mortal, Faults: l.Faults, Size: size, Outcomes: l.Outcomes,
		Object: l.Object, Reach: slices.Sorted(maps.Keys(l.Reach)),
		FreeOnly: err == nil && layout.unsound, CountsLost: l.Lost != nil, Invariant: l.Always != nil,
	}
}

// Check says whether lab can be run at all: whether its state is fit for shared
// memory and it has actors. The error names the offending field.
func Check(lab AnyLab) error {
	_, err := lab.erase()
	return err
}
