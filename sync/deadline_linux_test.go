package shmsync_test

import (
	"fmt"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"shmrace/shmlab"
)

// deadlines are the operations that give up, in a state in which they must, and
// what must look after it as it did before.
var deadlines = []struct {
	name  string
	until func(s *arena, p *shmlab.Proc, d shmlab.Deadline) error
	waits func(s *arena) bool // it has come to wait
	trace func(s *arena) any
}{
	{"Mutex", func(s *arena, p *shmlab.Proc, d shmlab.Deadline) error { return s.mutex.LockUntil(p, d) },
		func(s *arena) bool { return s.mutex.Waiters() == 1 }, func(s *arena) any { return s.mutex.Waiters() }},
	{"RobustMutex", func(s *arena, p *shmlab.Proc, d shmlab.Deadline) error { return s.robust.LockUntil(p, d) },
		func(s *arena) bool { return s.robust.Waiters() == 1 }, func(s *arena) any { return s.robust.Word() }},
	{"permits", func(s *arena, p *shmlab.Proc, d shmlab.Deadline) error { return s.sem.AcquireUntil(p, d) },
		func(s *arena) bool { return s.sem.Waiters() == 1 }, func(s *arena) any { return s.sem.Word() }},
	{"signals", func(s *arena, p *shmlab.Proc, d shmlab.Deadline) error { return s.sem.WaitUntil(p, d) },
		func(s *arena) bool { return s.sem.Waiters() == 1 }, func(s *arena) any { return s.sem.Word() }},
	{"Cond", func(s *arena, p *shmlab.Proc, d shmlab.Deadline) error {
		s.inner.Lock(p)
		defer s.inner.Unlock(p)
		return s.cond.WaitUntil(p, &s.inner, d)
	}, func(s *arena) bool { return s.cond.Waiters() == 1 }, func(s *arena) any { return s.cond.Waiters() }},
}

// impatience is how long who gives up waits.
const impatience = 50 * time.Millisecond

func init() {
	roles["impatient"] = func(s *arena, index, which int) {
		p, begun := shmlab.NewProc(index), time.Now()
		err := deadlines[which].until(s, p, shmlab.In(impatience))
		if early := time.Since(begun) < impatience; early {
			panic("the deadline was early")
		}
		s.result[index].Init(outcome(err))
	}
}

// A deadline is never early, is not begun again by the signals that come all the
// time, and when it has passed nothing is left of it.
func TestDeadlines(t *testing.T) {
	for i, d := range deadlines {
		t.Run(d.name, func(t *testing.T) {
			st := newStage(t)
			st.mutex.Lock(st.p)
			st.robust.Lock(st.p)
			before := d.trace(st.arena)
			c := st.start("impatient", 1, i)
			st.until("it waits, or has waited", func() bool { return d.waits(st.arena) || c.exited() })
			for begun := time.Now(); !c.exited(); {
				c.Process.Signal(unix.SIGURG) // Go handles it
				if time.Since(begun) > 60*impatience {
					t.Fatalf("after %v of signals a deadline of %v has not passed", 60*impatience, impatience)
				}
			}
			c.ended(false)
			if got := st.result[1].Peek(); got != gotTimeout {
				t.Errorf("the outcome is %d, expected %d: a timeout", got, gotTimeout)
			}
			if after := d.trace(st.arena); fmt.Sprint(after) != fmt.Sprint(before) {
				t.Errorf("the timeout has left %v, expected %v as before", after, before)
			}
		})
	}
}
