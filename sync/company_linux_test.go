package shmsync_test

import (
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"shmrace/shmlab"
	shmsync "shmrace/sync"
)

func init() { roles["member"] = member }

// member comes to a barrier again and again, until one of its company dies. Then
// all see that, at the barrier and at the group, and go on to the next of each.
func member(s *arena, index, _ int) {
	runtime.GOMAXPROCS(1)
	p := shmlab.NewProc(index)
	for !s.stop.Peek() {
		at := s.epoch.Load(p)
		barrier, group := &s.barriers[at], &s.groups[at]
		barrier.Join(p)
		group.Join(p)
		s.ready[index].Init(at + 1)
		s.meet(p, at, barrier)
		group.Done(p)
		if err := group.Wait(p); err != shmsync.ErrBroken {
			panic("a dead member is not missed")
		}
		s.epoch.CompareAndSwap(p, at, at+1)
	}
}

// meet comes to a company's barrier until it is broken. Whoever is let go sees
// that all have come.
func (s *arena) meet(p *shmlab.Proc, company uint32, barrier *shmsync.Barrier) {
	for round := uint64(company)<<32 + 1; ; round++ {
		s.rounds[p.Index()].Store(p, round)
		if _, err := barrier.Wait(p); err != nil {
			return
		}
		for i := range s.rounds {
			if s.rounds[i].Load(p) < round {
				panic("let go before all had come")
			}
		}
	}
}

// TestSoakCompany kills one of a company that meets at barriers, at whatever
// instruction it happens to be. All others are told, and nobody is stuck.
func TestSoakCompany(t *testing.T) {
	t.Parallel()
	kills := max(soakLength()/30, 3)
	st := newStage(t)
	kills = min(kills, len(st.barriers)-1)
	for i := range st.barriers {
		st.barriers[i].Init(soakers)
		st.groups[i].Init(soakers)
	}
	rng := rand.New(rand.NewPCG(8, 8))
	var children [soakers]*child
	for i := range children {
		children[i] = st.start("member", i, 0)
	}
	for n := range uint32(kills) {
		for i := range children {
			st.until("all have joined", func() bool { return st.ready[i].Peek() == n+1 })
		}
		time.Sleep(time.Duration(rng.IntN(2000)) * time.Microsecond)
		i := rng.IntN(soakers)
		if children[i].exited() {
			t.Fatalf("after %d kills: a process ended by itself", n)
		}
		children[i].kill()
		st.until("the others were told", func() bool { return st.epoch.Peek() == n+1 })
		children[i] = st.start("member", i, 0)
	}
	t.Logf("%d kills", kills)
}
