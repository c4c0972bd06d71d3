package shmlab

import "fmt"

// An Outcome is a final state with what is to be thought of it, in the words of
// jcstress.
type Outcome struct {
	State string // as [Bench.State] prints it
	Grade Grade
	Doc   string // how it comes about, in a line
}

// A Grade is what is to be thought of an outcome.
type Grade uint8

// The grades.
const (
	Acceptable  Grade = iota // as expected
	Interesting              // allowed, and a surprise to many
	Forbidden                // a run that ends so is violated
)

// String returns the grade's name.
func (g Grade) String() string {
	return [...]string{"acceptable", "interesting", "forbidden"}[min(g, Forbidden)]
}

// graded says why a run must not end in the state that there is.
func (b *Bench) graded() error {
	hash := b.StateHash()
	if reason, known := b.grades[hash]; known {
		return reason
	}
	state := b.State()
	reason := fmt.Errorf("the outcome %s is none that is expected", state)
	for _, o := range b.program.Outcomes {
		switch {
		case o.State != state:
		case o.Grade == Forbidden:
			reason = fmt.Errorf("the outcome %s is forbidden: %s", state, o.Doc)
		default:
			reason = nil
		}
	}
	if b.grades == nil {
		b.grades = map[uint64]error{}
	}
	b.grades[hash] = reason
	return reason
}
