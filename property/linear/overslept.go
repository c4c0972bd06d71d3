package linear

import (
	"time"

	"github.com/anishathalye/porcupine"

	"shmrace/shmlab/trace"
)

// Overslept returns the operations of t that never return though m says that
// they could: after all that did return, in an order that fits, they would not
// have to wait. It takes at most so long for each; what is not decided by then is
// not among them. The trace is one of a run that is over and killed nobody.
func Overslept(t *trace.Trace, m Model, most time.Duration) ([]Operation, error) {
	history, err := History(t)
	if err != nil {
		return nil, err
	}
	var list []Operation
	for _, late := range history {
		if !late.Pending {
			continue
		}
		var done []porcupine.Operation
		for i := range history {
			o := history[i]
			if o.Pending && o.Call != late.Call {
				continue // it waits as well, and did nothing yet
			}
			if o.Pending {
				o.Pending, o.Result = false, ""
			}
			if err := m.admits(&o); err != nil {
				return nil, err
			}
			done = append(done, porcupine.Operation{ClientId: int(o.Actor), Input: &o, Output: &o, Call: int64(o.Call), Return: int64(o.Return)})
		}
		if porcupine.CheckOperationsTimeout(m.porcupine(), done, most) == porcupine.Ok {
			list = append(list, late)
		}
	}
	return list, nil
}
