package shmsync_test

import (
	"runtime"
	"testing"

	"shmrace/shmlab"
)

// What two processes do together, and how often in a round.
var together = []struct {
	name, theirs string
	ours         func(s *arena, p *shmlab.Proc, n int)
	n            int
	apart, same  bool // measured on two processors, on one
}{
	{"contended", "contended", contend, 200_000, true, true},
	{"pingpong", "pingpong", pingpong, 20_000, false, true},
	{"roundtrip", "line", roundTrip, 50_000, true, false},
	{"messages", "messages", message, 500_000, true, true},
}

func init() {
	roles["together"] = func(s *arena, index, which int) {
		runtime.GOMAXPROCS(1)
		p := shmlab.NewProc(index)
		p.Lighten()
		together[which].ours(s, p, 2) // who meets a primitive first may have to tell the kernel
		s.ready[index].Init(1)
		for s.ready[1-index].Peek() == 0 {
			runtime.Gosched()
		}
		s.begun[index].Init(int64(shmlab.In(0)))
		together[which].ours(s, p, together[which].n)
		s.ended[index].Init(int64(shmlab.In(0)))
	}
}

// contend locks n times, together with the other, for as short a time as can be.
func contend(s *arena, p *shmlab.Proc, n int) {
	for range n / 2 {
		s.mutex.Lock(p)
		s.shared.Set(p, s.shared.Get(p)+1)
		s.mutex.Unlock(p)
	}
}

// pingpong hands the turn over n times, by futex.
func pingpong(s *arena, p *shmlab.Proc, n int) {
	mine, other := uint32(p.Index()), uint32(1-p.Index())
	for range n / 2 {
		for s.goOn.Load(p) != mine {
			s.goOn.Wait(p, other, 0)
		}
		s.goOn.Store(p, other)
		s.goOn.Wake(p, 1)
	}
}

// roundTrip sends n values there, each of which comes back before the next.
func roundTrip(s *arena, p *shmlab.Proc, n int) {
	for i := range uint64(n) {
		if p.Index() == 0 {
			s.there.Push(p, i)
			if got := s.back.Pop(p); got != i {
				panic("another value came back")
			}
		} else {
			s.back.Push(p, s.there.Pop(p))
		}
	}
}

// message sends n messages of 64 bytes.
func message(s *arena, p *shmlab.Proc, n int) {
	for i := range uint64(n) {
		if p.Index() == 0 {
			s.letters.Push(p, [8]uint64{i, 7: i})
		} else if v := s.letters.Pop(p); v[0] != i || v[7] != i {
			panic("another message came")
		}
	}
}

// BenchmarkTogether is what two processes do together, each on its processor or
// both on one, and its ratio to what C does in the same run.
func BenchmarkTogether(b *testing.B) {
	for i, w := range together {
		if w.apart {
			b.Run(w.name, func(b *testing.B) { benchmarkTogether(b, i, true) })
		}
		if w.same {
			b.Run(w.name+"/same", func(b *testing.B) { benchmarkTogether(b, i, false) })
		}
	}
}

func benchmarkTogether(b *testing.B, which int, apart bool) {
	w := together[which]
	first, last := processors(b)
	if !apart {
		first = last
	} else if first == last {
		b.Skip("it takes two processors")
	}
	c := buildBaseline(b)
	report(b, func() float64 {
		return bothEnded(b, which, first, last) / float64(w.n)
	}, func() float64 {
		return c.nanoseconds(b, w.theirs, w.n, first, last)
	})
}

// bothEnded returns how many nanoseconds two processes take to do their parts.
func bothEnded(b *testing.B, which, first, last int) float64 {
	st := newStage(b)
	var children [2]*child
	for i, cpu := range []int{first, last} {
		unpin := pin(b, cpu)
		children[i] = st.start("together", i, which)
		unpin()
	}
	for _, c := range children {
		if c.ended(false); c.ProcessState.ExitCode() != 0 {
			b.Fatalf("a process ended with %v", c.ProcessState)
		}
	}
	return float64(max(st.ended[0].Peek(), st.ended[1].Peek()) - min(st.begun[0].Peek(), st.begun[1].Peek()))
}
