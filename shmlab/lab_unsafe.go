package shmlab

import (
	"fmt"
	"reflect"
	"unsafe"

	"shmrace/shmlab/trace"
)

// A program is a lab with the type of its state erased.
type program struct {
	Description
	layout *layout
	lines  lines // of its code
	setup  func(s unsafe.Pointer, size Size)
	actors func(size Size) []body
	always func(s unsafe.Pointer) error
	reach  []func(s unsafe.Pointer) bool // in the order of Description.Reach
	final  func(s unsafe.Pointer) error
	lost   func(s unsafe.Pointer) int64
}

type body struct {
	name string
	run  func(p *Proc, s *unknown)
}

func (l Lab[S]) erase() (*program, error) { return erased(l.bare(), reflect.TypeFor[S]()) }

// Describe returns what can be said of the lab without its state's type.
func (l Lab[S]) Describe() Description { return described(l.bare(), reflect.TypeFor[S]()) }

// An unknown is a state of whose type nothing is known.
type unknown struct{}

// bare returns the same lab of a state of unknown type. No field of a Lab holds
// an S, only functions that take its address, and an address is passed alike
// whatever it is of. So what follows is compiled once and not for every S, which
// was most of the time that a catalog took to build.
func (l *Lab[S]) bare() *Lab[unknown] { return (*Lab[unknown])(unsafe.Pointer(l)) }

func erased(l *Lab[unknown], state reflect.Type) (*program, error) {
	layout, err := layoutOf(state)
	if err != nil {
		return nil, fmt.Errorf("lab %s: %w", l.Name, err)
	}
	if err := trace.CheckLab(l.Name); err != nil {
		return nil, err
	}
	if l.Actors == nil {
		return nil, fmt.Errorf("lab %s has no actors: expected a function Actors", l.Name)
	}
	g := &program{Description: described(l, state), layout: layout, lines: lines{source: l.Source}}
	g.setup = func(s unsafe.Pointer, size Size) {
		if l.Setup != nil {
			l.Setup((*unknown)(s), size)
		}
	}
	g.actors = func(size Size) []body {
		var bodies []body
		for _, a := range l.Actors(size) {
			bodies = append(bodies, body{a.Name, a.Body})
		}
		return bodies
	}
	for _, name := range g.Reach {
		is := l.Reach[name]
		g.reach = append(g.reach, func(s unsafe.Pointer) bool { return is((*unknown)(s)) })
	}
	g.always, g.final = eraseCheck(l.Always), eraseCheck(l.Final)
	if l.Lost != nil {
		g.lost = func(s unsafe.Pointer) int64 { return l.Lost((*unknown)(s)) }
	}
	return g, nil
}

func eraseCheck(check func(*unknown) error) func(unsafe.Pointer) error {
	if check == nil {
		return nil
	}
	return func(s unsafe.Pointer) (err error) {
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("the check panicked: %v", r)
			}
		}()
		return check((*unknown)(s))
	}
}
