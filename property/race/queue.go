package race

import (
	"slices"

	"shmrace/shmlab/trace"
)

// A queue keeps accesses back while there is a read before them of which it is
// not known whether its value is thrown away. Thrown away is what a reader of a
// sequence lock read since a ReadBegin, if the ReadCheck on the same lock failed,
// because somebody wrote meanwhile, or never came because the actor was killed.
// Whoever does something else than look in between has made use of what it read.
type queue struct {
	list     []waiting
	first    int // of list, that was not handed out
	attempts []attempt
}

// A waiting is an access that is kept back, or is why others are.
type waiting struct {
	trace.Access
	fate fate
}

type fate uint8

const (
	kept   fate = iota
	open        // nobody knows yet
	thrown      // away
)

// An attempt is what an actor has read since each ReadBegin that it is within.
type attempt struct {
	begun []begun
	reads []int // in the queue's list
}

// A begun is a ReadBegin whose ReadCheck has not come.
type begun struct {
	word  uint32
	first int // of the attempt's reads
}

func (q *queue) begin(actors int) {
	if len(q.attempts) != actors {
		q.attempts = make([]attempt, actors)
	}
	for i := range q.attempts {
		q.attempts[i].begun, q.attempts[i].reads = q.attempts[i].begun[:0], q.attempts[i].reads[:0]
	}
	q.list, q.first = q.list[:0], 0
}

// idle reports whether nothing is kept back.
func (q *queue) idle() bool { return q.first == len(q.list) }

// opens looks at an access when nothing is kept back, and reports whether it is
// to be.
func (q *queue) opens(a *trace.Access) bool {
	t := &q.attempts[a.Actor]
	if len(t.begun) == 0 && a.Kind != trace.ReadBegin {
		return false
	}
	if a.Kind == trace.Get {
		return true
	}
	q.look(t, a)
	return false
}

// look takes note of an access that is no read within an attempt.
func (q *queue) look(t *attempt, a *trace.Access) {
	top := len(t.begun) - 1
	switch {
	case a.Kind == trace.ReadBegin:
		t.begun = append(t.begun, begun{a.Word, len(t.reads)})
	case top < 0 || a.Kind == trace.Load || a.Kind == trace.Yield: // which the others consist of
	case a.Kind == trace.ReadCheck && a.Word == t.begun[top].word:
		if a.Failed {
			q.decide(t, t.begun[top].first, thrown)
		}
		if t.begun = t.begun[:top]; top == 0 {
			q.decide(t, 0, kept)
		}
	case a.Kind == trace.ReadCheck && !t.within(a.Word): // a recording tells one that did not fail before and after
	case a.Kind == trace.Died:
		q.decide(t, 0, thrown)
		t.begun = t.begun[:0]
	case a.Kind.Point():
		q.decide(t, 0, kept)
		t.begun = t.begun[:0]
	}
}

// within reports whether the ReadCheck of a ReadBegin on word has not come.
func (t *attempt) within(word uint32) bool {
	return slices.ContainsFunc(t.begun, func(b begun) bool { return b.word == word })
}

// put adds an access.
func (q *queue) put(a *trace.Access) {
	if q.idle() {
		q.list, q.first = q.list[:0], 0
	} else if q.first > 1024 && q.first > len(q.list)/2 {
		q.shorten()
	}
	t := &q.attempts[a.Actor]
	if len(t.begun) > 0 && a.Kind == trace.Get {
		t.reads = append(t.reads, len(q.list))
		q.list = append(q.list, waiting{*a, open})
		return
	}
	q.list = append(q.list, waiting{*a, kept})
	q.look(t, a)
}

// decide says what became of the reads of an attempt from the given one on.
func (q *queue) decide(t *attempt, first int, f fate) {
	for _, i := range t.reads[first:] {
		q.list[i].fate = f
	}
	t.reads = t.reads[:first]
}

// shorten forgets what was handed out.
func (q *queue) shorten() {
	q.list = slices.Delete(q.list, 0, q.first)
	for i := range q.attempts {
		for j := range q.attempts[i].reads {
			q.attempts[i].reads[j] -= q.first
		}
	}
	q.first = 0
}

// next hands out the first access, or nil if that is to wait.
func (q *queue) next() *waiting {
	if q.idle() || q.list[q.first].fate == open {
		return nil
	}
	q.first++
	return &q.list[q.first-1]
}

// end decides what is open: nobody has thrown it away.
func (q *queue) end() {
	for i := range q.attempts {
		q.decide(&q.attempts[i], 0, kept)
	}
}
