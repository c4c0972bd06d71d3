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

func isCell(t reflect.Type) bool { return reflect.PointerTo(t).Implements(cellType) }

func valueOf(t reflect.Type) (reflect.Type, bool) {
	return reflect.New(t).Interface().(cell).value()
}
