package linear

import (
	"fmt"
	"strings"

	"shmrace/shmlab/trace"
)

// An Operation is a call and what it returned.
type Operation struct {
	Actor   trace.Actor
	Words   []string // what was called: the operation's name, then its arguments
	Result  string   // what it returned; "" or "<nil>" tells nothing
	Pending bool     // it never returned: it may or may not have happened
	Call    int      // the number of its event, from 0
	Return  int      // likewise; beyond the last event if it is pending
	Steps   [2]int   // in which it was called and returned
}

// String returns the operation as "push 3 -> ok".
func (o *Operation) String() string {
	text := strings.Join(o.Words, " ")
	switch {
	case o.Pending:
		return text + " never returns"
	case o.tells():
		return text + " -> " + o.Result
	}
	return text
}

// tells reports whether the result says anything.
func (o *Operation) tells() bool { return !o.Pending && o.Result != "" && o.Result != "<nil>" }

// History returns the operations of t in the order of their calls. One that has
// no return, because its actor was killed, or waits, or failed, is pending. The
// error is of a trace in which calls and returns do not match.
func History(t *trace.Trace) ([]Operation, error) {
	var history []Operation
	open := map[trace.Actor]int{} // index in history, plus 1
	for i := range t.Events {
		e := &t.Events[i]
		n := open[e.Actor]
		switch {
		case e.Kind == trace.Call && n > 0:
			return nil, fmt.Errorf("%v calls %q in step %d within %q: an operation cannot be part of another", e.Actor, e.Note, e.Step, history[n-1].String())
		case e.Kind == trace.Call:
			words := strings.Fields(e.Note)
			if len(words) == 0 {
				return nil, fmt.Errorf("%v calls an operation without a name in step %d", e.Actor, e.Step)
			}
			history = append(history, Operation{Actor: e.Actor, Words: words, Pending: true, Call: i, Return: len(t.Events) + i, Steps: [2]int{e.Step, len(t.Schedule.Decisions)}})
			open[e.Actor] = len(history)
		case e.Kind == trace.Return && n == 0:
			return nil, fmt.Errorf("%v returns %q in step %d and had called nothing", e.Actor, e.Note, e.Step)
		case e.Kind == trace.Return:
			o := &history[n-1]
			o.Result, o.Pending, o.Return, o.Steps[1] = e.Note, false, i, e.Step
			open[e.Actor] = 0
		}
	}
	return history, nil
}
