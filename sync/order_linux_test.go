package shmsync_test

import (
	"fmt"
	"slices"
	"testing"

	"shmrace/shmlab"
)

// fair are the locks that promise to be acquired in the order of coming.
var fair = []struct {
	name         string
	lock, unlock func(s *arena, p *shmlab.Proc)
	came         func(s *arena) uint64 // another number when one more has come
}{
	{"TicketLock", func(s *arena, p *shmlab.Proc) { s.ticket.Lock(p) }, func(s *arena, p *shmlab.Proc) { s.ticket.Unlock(p) },
		func(s *arena) uint64 { return s.ticket.Came() }},
	{"MCSLock", func(s *arena, p *shmlab.Proc) { s.mcs.Lock(p) }, func(s *arena, p *shmlab.Proc) { s.mcs.Unlock(p) },
		func(s *arena) uint64 { return s.mcs.Came() }},
	{"Bakery", func(s *arena, p *shmlab.Proc) { s.bakery.Lock(p) }, func(s *arena, p *shmlab.Proc) { s.bakery.Unlock(p) },
		func(s *arena) uint64 { return s.bakery.Came() }},
}

func init() {
	roles["queues"] = func(s *arena, index, which int) {
		p := shmlab.NewProc(index)
		fair[which].lock(s, p)
		n := s.shared.Get(p)
		s.got[n].Init(uint64(index))
		s.shared.Set(p, n+1)
		fair[which].unlock(s, p)
	}
	roles["rounds"] = func(s *arena, index, n int) {
		p := shmlab.NewProc(index)
		for round := range uint64(n) {
			s.rounds[index].Store(p, round+1)
			serial, err := s.barrier.Wait(p)
			if err != nil {
				panic(err)
			}
			if serial {
				s.shared.Set(p, s.shared.Get(p)+1)
			}
			for i := range roundParties {
				if came := s.rounds[i].Load(p); came != round+1 && came != round+2 {
					panic(fmt.Sprintf("in round %d another is in %d", round+1, came))
				}
			}
		}
	}
}

// Who came first is first, though all wait.
func TestOrderOfComing(t *testing.T) {
	for i, f := range fair {
		t.Run(f.name, func(t *testing.T) {
			st := newStage(t)
			first := shmlab.NewProc(0)
			f.lock(st.arena, first)
			var children []*child
			for _, index := range []int{3, 1, 2} {
				before := f.came(st.arena)
				children = append(children, st.start("queues", index, i))
				st.until("it has come", func() bool { return f.came(st.arena) != before })
			}
			f.unlock(st.arena, first)
			for _, c := range children {
				c.ended(false)
			}
			got := []uint64{st.got[0].Peek(), st.got[1].Peek(), st.got[2].Peek()}
			if want := []uint64{3, 1, 2}; !slices.Equal(got, want) {
				t.Errorf("they got it in the order %d, expected %d as they came", got, want)
			}
		})
	}
}

const roundParties = 3

// A barrier is come to again at once: nobody is a round ahead of one that is not
// let go yet, and each round has one Serial.
func TestBarrierAgain(t *testing.T) {
	st := newStage(t)
	const n = 2000
	st.barrier.Init(roundParties)
	var children []*child
	for i := range roundParties {
		children = append(children, st.start("rounds", i, n))
	}
	for _, c := range children {
		if c.ended(false); c.ProcessState.ExitCode() != 0 {
			t.Fatalf("a process ended with %v", c.ProcessState)
		}
	}
	if got := st.shared.Peek(); got != n {
		t.Errorf("%d were the Serial of %d rounds", got, n)
	}
}
