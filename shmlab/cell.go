package shmlab

import "reflect"

// noCopy makes go vet refuse a copy: a copied cell is another cell.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}

// A cell is a leaf of the state: one word to the scheduler, or a record of them.
type cell interface {
	// value returns the type of what the cell holds and whether it is a record.
	value() (t reflect.Type, record bool)
}

var cellType = reflect.TypeFor[cell]()

// isCell reports whether t is a cell, and not a struct that embeds one and has
// its methods.
func isCell(t reflect.Type) bool {
	if !reflect.PointerTo(t).Implements(cellType) {
		return false
	}
	for f := range fieldsOf(t) {
		if f.Anonymous && isCell(f.Type) {
			return false
		}
	}
	return true
}

func valueOf(t reflect.Type) (reflect.Type, bool) {
	return reflect.New(t).Interface().(cell).value()
}
