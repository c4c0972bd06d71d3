package property

import (
	"slices"

	"shmrace/inject"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// prove keeps which events matter if an experiment bears it out: with their steps
// first and the others after, the run must fail in the same way. What an Always or
// a judge of operations has looked at is in no trace, so there it must fail before
// any other step is taken. Else all matter.
func (f *Failure) prove(bench *shmlab.Bench) error {
	t, matters := f.Trace, f.matter()
	if matters == nil {
		return nil
	}
	with := map[int]bool{}
	for i := range matters {
		with[t.Events[i].Step] = with[t.Events[i].Step] || matters[i]
	}
	var order []trace.Decision
	for i, d := range t.Schedule.Decisions {
		if with[i+1] {
			order = append(order, d)
		}
	}
	run, err := bench.Run(inject.Begun(inject.NewOrder(order)))
	if err != nil || run.Verdict != t.Verdict {
		return err
	}
	if lab := bench.Lab(); !hangs(t) {
		if run.Reason.Error() != t.Message || (lab.Invariant || lab.Object != "") && len(run.Decisions) > len(order) {
			return nil
		}
	}
	f.matters = matters
	return nil
}

// matter returns which events of a failure matter: those that come before what
// fails in the order that the run depends on, by way of an actor's own code and
// of words that both touch and one writes (Lamport's happened-before, with every
// conflict as a message). Another order of the rest makes no difference to it.
// Nil: all matter.
func (f *Failure) matter() []bool {
	list := f.wrong()
	if list == nil {
		return nil
	}
	t := f.Trace
	before := causes(t)
	matters := make([]bool, len(t.Events))
	for len(list) > 0 {
		i := list[len(list)-1]
		list = list[:len(list)-1]
		if !matters[i] {
			matters[i] = true
			list = append(list, before[i]...)
		}
	}
	return matters
}

// wrong returns the events that show the failure: an assertion that did not
// hold, who waits at the end, or the last writes to the words that are others
// when it holds; nil if these are not known.
func (f *Failure) wrong() (list []int) {
	t := f.Trace
	for i := range t.Events {
		switch t.Events[i].Kind {
		case trace.Failed, trace.Panic, trace.Died, trace.Blocked, trace.Injected:
			list = append(list, i)
		}
	}
	if hangs(t) {
		return append(list, takers(t)...)
	}
	if list != nil || f.Pair == nil || len(f.Pair.Changed) == 0 {
		return list
	}
	last := lastWrites(t)
	for _, word := range f.Pair.Changed {
		if i, ok := last[word]; ok {
			list = append(list, i)
		}
	}
	for i := range t.Events {
		if e := &t.Events[i]; *e == f.Pair.First || *e == f.Pair.Second {
			list = append(list, i)
		}
	}
	return list
}

// takers returns the last step on each word that somebody waits for.
func takers(t *trace.Trace) (list []int) {
	last := map[string]int{}
	for i := range t.Events {
		if e := &t.Events[i]; e.Kind == trace.Blocked {
			if j, ok := last[e.Word]; ok {
				list = append(list, j)
			}
		} else if e.Kind.Point() {
			last[e.Word] = i
		}
	}
	return list
}

// causes returns for each event those right before it: its actor's last, and the
// accesses to its word that it conflicts with, back to the last that wrote.
func causes(t *trace.Trace) [][]int {
	before := make([][]int, len(t.Events))
	own := map[trace.Actor]int{}
	wrote, read := map[string]int{}, map[string][]int{}
	for i := range t.Events {
		e := &t.Events[i]
		if j, ok := own[e.Actor]; ok {
			before[i] = append(before[i], j)
		}
		own[e.Actor] = i
		if e.Word == "" || !e.Kind.Point() {
			continue
		}
		if j, ok := wrote[e.Word]; ok {
			before[i] = append(before[i], j)
		}
		if looks := e.Kind.Access() && e.Wrote == ""; looks {
			read[e.Word] = append(read[e.Word], i)
			continue
		}
		before[i] = append(before[i], read[e.Word]...)
		wrote[e.Word], read[e.Word] = i, nil
	}
	return before
}

// lastWrites returns the last event that wrote each word.
func lastWrites(t *trace.Trace) map[string]int {
	last := map[string]int{}
	for i := range t.Events {
		if e := &t.Events[i]; e.Wrote != "" {
			last[e.Word] = i
		}
	}
	return last
}

// changed returns the words that hold something else at the end of two runs, as
// far as one of them wrote them.
func changed(t, u *trace.Trace) (words []string) {
	a, b := lastWrites(t), lastWrites(u)
	for word, i := range a {
		if j, ok := b[word]; !ok || t.Events[i].Wrote != u.Events[j].Wrote {
			words = append(words, word)
		}
	}
	slices.Sort(words)
	return words
}
