package linear

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"

	"shmrace/shmlab/trace"
)

// A Result is whether a history is linearizable.
type Result struct {
	Verdict trace.Verdict // Holds, Violated, or Undecided if the time was up
	History []Operation
	Left    []Operation // of a violated history: what does not fit the longest part that does
	model   porcupine.Model
	info    porcupine.LinearizationInfo
	name    string
}

// Check looks for an order in which the operations of t do what m says, for at
// most so long; 0 is without limit. The error is of a trace that tells no
// operations of such an object.
func Check(t *trace.Trace, m Model, most time.Duration) (*Result, error) {
	history, err := History(t)
	if err != nil {
		return nil, err
	}
	r := &Result{History: history, model: m.porcupine(), name: m.Name}
	var operations []porcupine.Operation
	for i := range history {
		o := &history[i]
		if err := m.admits(o); err != nil {
			return nil, err
		}
		operations = append(operations, porcupine.Operation{ClientId: int(o.Actor), Input: o, Output: o, Call: int64(o.Call), Return: int64(o.Return)})
	}
	answer, info := porcupine.CheckOperationsVerbose(r.model, operations, most)
	r.info = info
	switch answer {
	case porcupine.Ok:
		r.Verdict = trace.Holds
	case porcupine.Illegal:
		r.Verdict, r.Left = trace.Violated, r.left()
	}
	r.info.AddAnnotations(faults(t))
	return r, nil
}

// porcupine returns m as the search wants it. Input and output are the same
// *Operation.
func (m *Model) porcupine() porcupine.Model {
	model := porcupine.Model{
		Init: func() any { return m.start },
		Step: func(state, input, _ any) (bool, any) {
			possible, next := m.step(state.(string), input.(*Operation))
			return possible, next
		},
		DescribeOperation: func(input, _ any) string { return input.(*Operation).String() },
		DescribeState:     func(state any) string { return fmt.Sprintf("%s: %q", m.Name, state) },
	}
	if m.part != nil {
		model.Partition = m.partition
	}
	return model
}

// partition takes a history apart by what its operations are about.
func (m *Model) partition(history []porcupine.Operation) [][]porcupine.Operation {
	parts := map[string][]porcupine.Operation{}
	for _, o := range history {
		p := m.part(o.Input.(*Operation))
		parts[p] = append(parts[p], o)
	}
	var list [][]porcupine.Operation
	for _, p := range slices.Sorted(maps.Keys(parts)) {
		list = append(list, parts[p])
	}
	return list
}

// left returns the operations that have no place in the longest partial order
// of their part.
func (r *Result) left() []Operation {
	placed := map[int]bool{} // by call
	for _, part := range r.info.PartialLinearizationsOperations() {
		var longest []porcupine.Operation
		for _, p := range part {
			if len(p) > len(longest) {
				longest = p
			}
		}
		for _, o := range longest {
			placed[int(o.Call)] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(r.History), func(o Operation) bool { return placed[o.Call] || o.Pending })
}

// faults are drawn into the page where they happened.
func faults(t *trace.Trace) (list []porcupine.Annotation) {
	for i := range t.Events {
		if e := &t.Events[i]; e.Kind == trace.Injected || e.Kind == trace.Died {
			list = append(list, porcupine.Annotation{
				ClientId: int(e.Actor), Start: int64(i), Description: e.Note,
				Details: fmt.Sprintf("%v in step %d", e.Kind, e.Step), BackgroundColor: "#f2b8b5",
			})
		}
	}
	return list
}

// HTML writes a page that shows the operations in time, an order that fits or
// how far one gets, and the faults. It needs nothing else, and no network.
func (r *Result) HTML(w io.Writer) error { return porcupine.Visualize(r.model, r.info, w) }

// mostOperations is how many lines of operations a report has.
const mostOperations = 16

// width is a terminal's; the last column stays free.
const width = 79

// String tells the result on one screen: each operation with its steps; those
// for which there is no place begin with ">".
func (r *Result) String() string {
	var b strings.Builder
	switch r.Verdict {
	case trace.Holds:
		fmt.Fprintf(&b, "The %s is linearizable: %d operations.\n", r.name, len(r.History))
		return b.String()
	case trace.Undecided:
		fmt.Fprintf(&b, "Whether the %s is linearizable was not decided: %d operations.\n", r.name, len(r.History))
		return b.String()
	}
	fmt.Fprintf(&b, "The %s is NOT LINEARIZABLE: no order of these gives these results.\n", r.name)
	first := 0
	if i := slices.IndexFunc(r.History, r.misplaced); i >= mostOperations {
		first = i - mostOperations + 1
	}
	for i := first; i < len(r.History) && i < first+mostOperations; i++ {
		o := &r.History[i]
		mark := " "
		if r.misplaced(*o) {
			mark = ">"
		}
		b.WriteString(clip(fmt.Sprintf("%s %v steps %d to %d: %v", mark, o.Actor, o.Steps[0], o.Steps[1], o)) + "\n")
	}
	if n := len(r.History) - min(len(r.History), mostOperations); n > 0 {
		fmt.Fprintf(&b, "  ... and %d more\n", n)
	}
	return b.String()
}

func (r *Result) misplaced(o Operation) bool {
	return slices.ContainsFunc(r.Left, func(l Operation) bool { return l.Call == o.Call })
}

func clip(line string) string {
	if runes := []rune(line); len(runes) > width {
		return string(runes[:width-2]) + ".."
	}
	return line
}
