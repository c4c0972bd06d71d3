package waiting

import (
	"fmt"

	"shmrace/shmlab/trace"
)

// A Bypass is how often others took a lock while an actor stood before it. A lock
// is fair to the degree that this is bounded, whatever the schedule.
type Bypass struct {
	Actor trace.Actor
	Lock  string
	Times int         // how often others took it meanwhile
	Asked trace.Event // what the actor did last before; Kind None if nothing
	Got   trace.Event // when it had the lock; of kind Blocked if it never did
}

// Bypasses returns, of each actor and lock, the longest that it was overtaken,
// if it was; in the order in which the waits ended. An actor stands before a
// lock from its event before on. Of one that a scheduler stopped, or did not
// choose, that says nothing: a claim is made for all schedules.
func Bypasses(t *trace.Trace) []Bypass {
	type who struct {
		actor trace.Actor
		lock  string
	}
	longest := map[who]int{} // index in found, plus 1
	last := map[trace.Actor]int{}
	var found []Bypass
	for i := range t.Events {
		e := &t.Events[i]
		since, before := last[e.Actor]
		if takes(e) || e.Kind == trace.Blocked && waitsForLock(e) {
			b := Bypass{Actor: e.Actor, Lock: e.Word, Got: *e}
			from := 0
			if before {
				b.Asked, from = t.Events[since], since+1
			}
			for j := range t.Events[from:i] {
				if other := &t.Events[from+j]; takes(other) && other.Word == e.Word && other.Actor != e.Actor {
					b.Times++
				}
			}
			if k := (who{e.Actor, e.Word}); b.Times > 0 {
				if n := longest[k]; n == 0 {
					found = append(found, b)
					longest[k] = len(found)
				} else if b.Times > found[n-1].Times {
					found[n-1] = b
				}
			}
		}
		last[e.Actor] = i
	}
	return found
}

// takes reports whether e is a lock taken.
func takes(e *trace.Event) bool {
	return (e.Kind == trace.Lock || e.Kind == trace.TryLock || e.Kind == trace.RLock) && e.Note != "failed"
}

func waitsForLock(e *trace.Event) bool {
	return e.Note == trace.Lock.String() || e.Note == trace.RLock.String()
}

// String says it in one line.
func (b *Bypass) String() string {
	text := fmt.Sprintf("%v was overtaken %d times at %s%s", b.Actor, b.Times, b.Lock, at(&b.Got))
	if b.Got.Kind == trace.Blocked {
		text += " and never got it"
	}
	return text
}
