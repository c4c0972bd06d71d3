package shmsync_test

import (
	"fmt"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"shmrace/shmlab"
	shmsync "shmrace/sync"
)

// A pipe is one of the two queues: of single ends, and of many.
type pipe struct {
	push func(s *arena, p *shmlab.Proc, v uint64)
	pop  func(s *arena, p *shmlab.Proc) uint64
}

var pipes = []pipe{
	{func(s *arena, p *shmlab.Proc, v uint64) { s.spsc.Push(p, v) }, func(s *arena, p *shmlab.Proc) uint64 { return s.spsc.Pop(p) }},
	{func(s *arena, p *shmlab.Proc, v uint64) { s.queue.Push(p, v) }, func(s *arena, p *shmlab.Proc) uint64 { return s.queue.Pop(p) }},
}

const last uint64 = 99

func init() {
	for i, q := range pipes {
		roles[fmt.Sprint("pushes", i)] = func(s *arena, index, at int) {
			p := shmlab.NewDoomed(s, index, at, unix.SIGKILL)
			for v := range uint64(2) {
				q.push(s, p, v+1)
				s.result[0].Init(uint32(v) + 1)
			}
		}
		roles[fmt.Sprint("pops", i)] = func(s *arena, index, at int) {
			p := shmlab.NewDoomed(s, index, at, unix.SIGKILL)
			for range 2 {
				s.result[0].Init(uint32(q.pop(s, p)))
			}
		}
		roles[fmt.Sprint("drains", i)] = func(s *arena, index, _ int) {
			p := shmlab.NewProc(index)
			q.push(s, p, last)
			for i := range s.got {
				v := q.pop(s, p)
				if s.got[i].Init(v); v == last {
					return
				}
			}
		}
	}
}

// after returns what is in queue i when role has been killed at a point, or has
// come to its end, and how far it had come.
func (st *stage) after(i, at int, role string) (got []uint64, done uint32, killed bool) {
	st.t.Helper()
	c := st.start(fmt.Sprint(role, i), 1, at)
	killed = c.wait().Signaled()
	for role == "pushes" && st.spsc.There() { // before the heir can overwrite it
		got = append(got, st.spsc.Pop(st.p))
	}
	heir := st.start(fmt.Sprint("drains", i), 2, 0)
	st.until("the heir has pushed and popped", heir.exited)
	heir.ended(false)
	for k := range st.got {
		v := st.got[k].Peek()
		if got = append(got, v); v == last {
			break
		}
	}
	return got, st.result[0].Peek(), killed
}

// A producer killed at any point has pushed its value, whole, or has not; who
// pushes after it goes on from there.
func TestQueueProducerKilled(t *testing.T) {
	for i := range pipes {
		for at, killed := 1, true; killed; at++ {
			st := newStage(t)
			var got []uint64
			var done uint32
			got, done, killed = st.after(i, at, "pushes")
			all := []uint64{1, 2, last}
			more := append(slices.Clone(all[:min(done+1, 2)]), last)
			if !slices.Equal(got, append(slices.Clone(all[:done]), last)) && !slices.Equal(got, more) {
				t.Errorf("queue %d, killed at point %d after %d pushes: popped %d", i, at, done, got)
			}
			if !killed && at < 10 {
				t.Errorf("queue %d has %d points in two pushes, expected more", i, at-1)
			}
		}
	}
}

// A consumer killed at any point has popped the value or has not, and loses no
// other.
func TestQueueConsumerKilled(t *testing.T) {
	for i, q := range pipes {
		for at, killed := 1, true; killed; at++ {
			st := newStage(t)
			q.push(st.arena, st.p, 1)
			q.push(st.arena, st.p, 2)
			var got []uint64
			var done uint32
			got, done, killed = st.after(i, at, "pops")
			all := []uint64{1, 2, last}
			if !slices.Equal(got, all[done:]) && !slices.Equal(got, all[min(done+1, 2):]) {
				t.Errorf("queue %d, killed at point %d after %d pops: popped %d", i, at, done, got)
			}
			if !killed && at < 10 {
				t.Errorf("queue %d has %d points in two pops, expected more", i, at-1)
			}
		}
	}
}

// A queue can be limited to as many values as it has places for, and to no more.
func TestQueueLimit(t *testing.T) {
	var single shmsync.SPSC[uint64]
	var many shmsync.MPMC[uint64]
	for _, q := range []struct {
		init func(n int)
		most int
	}{{single.Init, 4096}, {many.Init, 64}} {
		q.init(1)
		q.init(q.most)
		for _, n := range []int{-1, 0, q.most + 1} {
			panics(t, func() { q.init(n) })
		}
	}
}
