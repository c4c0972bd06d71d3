package property

import (
	"fmt"
	"io"
	"time"

	"shmrace/property/linear"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// mostJudging is how long it may take to find an order for the operations of one
// run; after that nothing can be said of it.
const mostJudging = 10 * time.Second

// Judged returns setting with a judge of the lab's operations, if the lab says
// of what object they are: they must be linearizable.
func Judged(lab shmlab.AnyLab, setting shmlab.Setting) (shmlab.Setting, error) {
	d := lab.Describe()
	if d.Object == "" {
		return setting, nil
	}
	m, err := linear.Parse(d.Object)
	if err != nil {
		return setting, fmt.Errorf("lab %s: %w", d.Name, err)
	}
	setting.Judge = func(t *trace.Trace) (trace.Verdict, error) {
		r, err := linear.Check(t, m, mostJudging)
		switch {
		case err != nil:
			return trace.Violated, err
		case r.Verdict == trace.Undecided:
			return trace.Budget, fmt.Errorf("whether the %s is linearizable was not decided in %v", m.Name, mostJudging)
		case r.Verdict == trace.Violated:
			return trace.Violated, fmt.Errorf("the %s is not linearizable: in no order do the %s return what they did", m.Name, Count(len(r.History), "operation"))
		}
		return trace.Holds, nil
	}
	return setting, nil
}

// ErrNoOperations says that a lab has no history to be drawn.
var ErrNoOperations = fmt.Errorf("it tells no operations: expected a lab that calls p.Op and says of what object, as operations/queue")

// Page writes an HTML page of the operations of t, a run of lab: when they were
// called and returned, an order that fits or how far one gets, and the faults.
func Page(w io.Writer, lab shmlab.AnyLab, t *trace.Trace) error {
	d := lab.Describe()
	if d.Object == "" {
		return fmt.Errorf("lab %s: %w", d.Name, ErrNoOperations)
	}
	m, err := linear.Parse(d.Object)
	if err != nil {
		return fmt.Errorf("lab %s: %w", d.Name, err)
	}
	r, err := linear.Check(t, m, mostJudging)
	if err != nil {
		return err
	}
	return r.HTML(w)
}
