package property

import (
	"fmt"
	"strings"

	"shmrace/inject"
	"shmrace/property/waiting"
	"shmrace/shmlab/trace"
)

// ordered is how many schedules of a search that found no failure are looked at
// for a cycle in the order of locks. Which lock an actor takes while it holds
// another shows in nearly every schedule.
const (
	ordered    = 16
	mostEvents = 20_000 // of these schedules, all together
)

// lockOrder returns a cycle in the order in which locks are taken, or nil. The
// run it looked at last is the report's sample.
func (s *search) lockOrder() ([]waiting.Edge, error) {
	strategy, err := inject.New(s.options.Strategy, s.options.Inject)
	if err != nil {
		return nil, err
	}
	for n, events := 0, 0; n < min(ordered, s.report.Schedules-s.report.Blocked) && events < mostEvents && strategy.Begin(); {
		t, err := s.bench.Trace(strategy)
		if err != nil {
			return nil, err
		}
		s.alive()
		if foreign(strategy) || t.Verdict == trace.Undecided {
			continue // another shard's, or given up
		}
		n++
		if s.report.Sample = t; s.report.Busy == "" {
			s.report.Busy = busy(t)
		}
		if cycle := waiting.OrderCycle(t); cycle != nil {
			return cycle, nil
		}
		events += len(t.Events)
	}
	return nil, nil
}

// mostEdges is how many edges of a cycle are told one by one.
const mostEdges = 4

// LockOrder tells the cycle in the order of locks, if there is one, in a few lines.
func (r *Report) LockOrder() string {
	if len(r.Order) == 0 {
		return ""
	}
	locks := ""
	for _, e := range r.Order {
		locks += e.Held + " -> "
	}
	what := "A deadlock is possible."
	if r.Exhaustive && r.Bound < 0 && r.Shards.Whole() {
		what = "No schedule of this size deadlocks: something else keeps them apart."
	}
	var b strings.Builder
	b.WriteString(Wrap(fmt.Sprintf("Lock order: %s%s is a cycle. %s", locks, r.Order[0].Held, what), "  ") + "\n")
	for i := range r.Order {
		if i == mostEdges {
			fmt.Fprintf(&b, "  ... and %d more\n", len(r.Order)-i)
			break
		}
		b.WriteString(Wrap("  "+r.Order[i].String(), "    ") + "\n")
	}
	return b.String()
}

// cycle tells who waits for whom in a circle; "" if nobody does.
func cycle(t *trace.Trace) string {
	waits := waiting.Cycle(t)
	if len(waits) < 2 {
		return ""
	}
	text := "Deadlock: "
	for i := range waits {
		text += waits[i].Actor.String() + " -> "
	}
	return Wrap(text+waits[0].Actor.String()+", each waits for what the next one holds.", "  ") + "\n"
}
