package shmlab

import (
	"cmp"
	"fmt"
	"slices"

	"shmrace/shmlab/trace"
)

// A told is a call or a return of [Proc.Op] in a journal. Of each actor the first
// are kept, not the last: what began before anything was lost can be judged.
type told struct {
	ticket uint64 // of a call taken before it, of a return after it
	kind   trace.Kind
	length uint8 // of the text; more than maxText: it did not fit
	text   [maxText]byte
}

const (
	maxText  = 54
	maxTells = 1 << 12 // calls and returns of an actor
)

// op does an operation of a free run, and writes down its call and its return. An
// operation that has returned before another was called has the lower ticket.
func (r *roamer) op(in any, f func() any) {
	if r.rules&records == 0 {
		f()
		return
	}
	r.tell(trace.Call, fmt.Sprint(in))
	r.tell(trace.Return, fmt.Sprint(f()))
}

func (r *roamer) tell(k trace.Kind, text string) {
	n := r.page.tells.Load()
	if n < maxTells {
		t := &r.page.told[n]
		t.ticket, t.kind, t.length = r.journal.tickets.Add(1), k, uint8(min(len(text), maxText+1))
		copy(t.text[:], text)
	}
	r.page.tells.Store(n + 1)
}

// A saying is a told on its way into a history.
type saying struct {
	trace.Event
	ticket uint64
}

// history returns the calls and returns of the first n actors in the order of
// their tickets, up to the first that anybody did not keep, and how many are
// left out. An operation that returned later is one that is not over.
func (j *journal) history(n int) (events []trace.Event, untold int, err error) {
	var all []saying
	horizon, tells := ^uint64(0), 0
	for i := range n {
		p := &j.pages[i]
		count, last := p.tells.Load(), uint64(0)
		if count > 1<<48 {
			return nil, 0, fmt.Errorf("%v tells %d calls and returns", trace.Actor(i), count)
		}
		tells += int(count)
		for at := range min(count, maxTells) {
			t := p.told[at]
			if t.kind != trace.Call && t.kind != trace.Return || t.ticket <= last {
				return nil, 0, fmt.Errorf("%v tells a %v with ticket %d after %d", trace.Actor(i), t.kind, t.ticket, last)
			}
			if t.length > maxText {
				count = maxTells + 1
				break
			}
			last = t.ticket
			all = append(all, saying{trace.Event{Kind: t.kind, Actor: trace.Actor(i), Note: string(t.text[:t.length])}, last})
		}
		if count > maxTells {
			horizon = min(horizon, last)
		}
	}
	slices.SortFunc(all, func(a, b saying) int { return cmp.Compare(a.ticket, b.ticket) })
	for _, s := range all {
		if s.ticket <= horizon {
			events = append(events, s.Event)
		}
	}
	return events, tells - len(events), nil
}

// History returns what the actors told by [Proc.Op]: events of no step.
func (r *Recording) History() *trace.Trace {
	b := r.bench
	return &trace.Trace{Schedule: trace.Schedule{Lab: b.program.Name, Actors: b.setting.Size.Actors, Ops: b.setting.Size.Ops}, Events: r.history}
}

// judgeFree asks the setting's judge about a free run that holds so far and was
// written down.
func (b *Bench) judgeFree(run *FreeRun) {
	if b.setting.Judge != nil && run.Verdict == trace.Holds && run.Record != nil {
		run.Verdict, run.Reason = b.setting.Judge(run.Record.History())
	}
}
