package race

import (
	"slices"

	"shmrace/shmlab/trace"
)

// A queue keeps accesses back while there is a read before them of which it is
// not known whether its value is thrown away. Thrown away is what was read
// between an Acquire and the next of the same actor on the same primitive, which
// failed, or never came because the actor was killed. That is a reader of a
// sequence lock, who looks again because somebody wrote meanwhile.
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

// An attempt is what an actor has read since an Acquire.
type attempt struct {
	made  bool
	word  uint32
	reads []int // in the queue's list
}

func (q *queue) begin(actors int) {
	if len(q.attempts) != actors {
		q.attempts = make([]attempt, actors)
	}
	for i := range q.attempts {
		q.attempts[i].made, q.attempts[i].reads = false, q.attempts[i].reads[:0]
	}
	q.list, q.first = q.list[:0], 0
}

// idle reports whether nothing is kept back.
func (q *queue) idle() bool { return q.first == len(q.list) }

// opens looks at an access when nothing is kept back, and reports whether it is
// to be.
func (q *queue) opens(a *trace.Access) bool {
	at := &q.attempts[a.Actor]
	if at.made && a.Kind == trace.Get {
		return true
	}
	at.look(a)
	return false
}

// look takes note of an access that is no read within an attempt.
func (t *attempt) look(a *trace.Access) {
	if a.Kind == trace.Acquire {
		t.made, t.word = true, a.Word
	} else if a.Kind == trace.Died || a.Kind.Point() && a.Kind != trace.Load { // which the Acquire consists of
		t.made = false // it did something else with what it read
	}
}

// put adds an access.
func (q *queue) put(a *trace.Access) {
	if q.idle() {
		q.list, q.first = q.list[:0], 0
	} else if q.first > 1024 && q.first > len(q.list)/2 {
		q.shorten()
	}
	at := &q.attempts[a.Actor]
	if at.made && a.Kind == trace.Get {
		at.reads = append(at.reads, len(q.list))
		q.list = append(q.list, waiting{*a, open})
		return
	}
	q.list = append(q.list, waiting{*a, kept})
	if !at.made && a.Kind != trace.Acquire {
		return
	}
	away := a.Kind == trace.Died || a.Kind == trace.Acquire && a.Failed && a.Word == at.word
	if at.look(a); away {
		q.decide(at, thrown)
	} else if a.Kind == trace.Acquire || !at.made {
		q.decide(at, kept)
	}
}

// decide says what became of what was read in an attempt.
func (q *queue) decide(at *attempt, f fate) {
	for _, i := range at.reads {
		q.list[i].fate = f
	}
	at.reads = at.reads[:0]
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
		q.decide(&q.attempts[i], kept)
	}
}
