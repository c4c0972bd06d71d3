package shmlab

import (
	"fmt"
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
	run  func(p *Proc, s unsafe.Pointer)
}

func (l Lab[S]) erase() (*program, error) {
	layout, err := layoutOf[S]()
	if err != nil {
		return nil, fmt.Errorf("lab %s: %w", l.Name, err)
	}
	if err := trace.CheckLab(l.Name); err != nil {
		return nil, err
	}
	if l.Actors == nil {
		return nil, fmt.Errorf("lab %s has no actors: expected a function Actors", l.Name)
	}
	g := &program{Description: l.Describe(), layout: layout, lines: lines{source: l.Source}}
	g.setup = func(s unsafe.Pointer, size Size) {
		if l.Setup != nil {
			l.Setup((*S)(s), size)
		}
	}
	g.actors = func(size Size) []body {
		var bodies []body
		for _, a := range l.Actors(size) {
			bodies = append(bodies, body{a.Name, func(p *Proc, s unsafe.Pointer) { a.Body(p, (*S)(s)) }})
		}
		return bodies
	}
	for _, name := range g.Reach {
		is := l.Reach[name]
		g.reach = append(g.reach, func(s unsafe.Pointer) bool { return is((*S)(s)) })
	}
	g.always, g.final = eraseCheck(l.Always), eraseCheck(l.Final)
	if l.Lost != nil {
		g.lost = func(s unsafe.Pointer) int64 { return l.Lost((*S)(s)) }
	}
	return g, nil
}

func eraseCheck[S any](check func(*S) error) func(unsafe.Pointer) error {
	if check == nil {
		return nil
	}
	return func(s unsafe.Pointer) (err error) {
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("the check panicked: %v", r)
			}
		}()
		return check((*S)(s))
	}
}
