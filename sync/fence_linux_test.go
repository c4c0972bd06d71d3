package shmsync_test

import (
	"runtime"
	"testing"
	"time"

	"shmrace/shmlab"
	shmsync "shmrace/sync"
)

// No schedule shows what a missing fence does: stepped actors see each other's
// stores at once. These tests do, on two processors. Before the store in question
// a light actor writes to many cache lines that the other had last: the store
// waits for them, and the load after it does not.

// fenceTime is how long each of them looks.
const fenceTime = 400 * time.Millisecond

// A flake is a cache line of its own.
type flake struct {
	v shmlab.Var[int64]
	_ [56]byte
}

// snows writes to all flakes.
func (s *arena) snows(p *shmlab.Proc) {
	for i := range s.snow {
		s.snow[i].v.Set(p, int64(p.Index()))
	}
}

func init() {
	roles["glances"] = func(s *arena, index, _ int) {
		s.each(index, func(p *shmlab.Proc, _ uint32) {
			s.snows(p)
			if s.rw.RLock(p) != nil {
				panic("nobody has died")
			}
			a := s.rwPair[0].Get(p)
			for range 200 {
				s.rwPair[0].Get(p)
			}
			if b := s.rwPair[1].Get(p); a != b {
				s.result[index].Add(p, 1)
			}
			s.rw.RUnlock(p)
		})
	}
	roles["hurries"] = func(s *arena, index, _ int) {
		s.each(index, func(p *shmlab.Proc, round uint32) {
			s.mutex.Lock(p)
			s.rounds[index].Store(p, uint64(round))
			pass(round * 7919 % 40_000) // the other begins to wait, or goes to sleep
			s.snows(p)
			s.mutex.Unlock(p)
			s.ended[index].Init(int64(shmlab.In(0)))
		})
	}
}

// each has a light actor do something whenever the test begins a round, and says
// when it is done.
func (s *arena) each(index int, do func(p *shmlab.Proc, round uint32)) {
	p := shmlab.NewProc(index)
	p.Lighten()
	s.ready[index].Init(1)
	for round := uint32(1); !s.stop.Peek(); round++ {
		for s.goOn.Peek() != round {
			if s.stop.Peek() {
				return
			}
			runtime.Gosched()
		}
		do(p, round)
		s.ready[index].Init(round + 1)
	}
}

func pass(turns uint32) {
	for range turns {
		runtime.KeepAlive(turns)
	}
}

// duet has another process, on another processor, begin what its role is as
// often as there is time for, and do something as well.
func (st *stage) duet(role string, do func(other *child, round uint32)) {
	first, last := processors(st.t)
	if first == last {
		st.t.Skip("it takes two processors")
	}
	unpin := pin(st.t, first)
	other := st.start(role, 1, 0)
	unpin()
	st.until("the other is there", func() bool { return st.ready[1].Peek() == 1 })
	defer pin(st.t, last)()
	round := uint32(0)
	for end := time.Now().Add(fenceTime); time.Now().Before(end); {
		st.snows(st.p)
		round++
		st.goOn.Init(round)
		do(other, round)
		st.soon(other, func() bool { return st.ready[1].Peek() == round+1 })
	}
	st.stop.Init(true)
	other.ended(false)
	st.t.Logf("%d rounds", round)
}

// soon is until for what the other process does at once, or never any more.
func (st *stage) soon(other *child, ok func() bool) {
	for end := time.Now().Add(patience); !ok(); runtime.Gosched() {
		if time.Now().After(end) {
			st.t.Fatalf("the other process does not go on; it has ended by itself: %t", other.exited())
		}
	}
}

// A writer that comes while a light reader's store is on its way waits for that
// reader. Without the fence both are inside in one of 2000 rounds.
func TestWriterSeesLightReaders(t *testing.T) {
	st := newStage(t)
	st.duet("glances", func(_ *child, round uint32) {
		pass(round % 1024) // to any moment of the other's
		st.rw.Lock(st.p)
		changeBoth(&st.rwPair, st.p)
		st.rw.Unlock(st.p)
		st.rw.Widen(st.p)
	})
	if torn := st.result[1].Peek(); torn != 0 {
		t.Errorf("in %d rounds there were a reader and a writer inside", torn)
	}
}

// Who goes to sleep while a light holder's release is on its way is woken, or
// sees it: it never sleeps beyond the end of that Unlock. Without the fence it does
// in one of 1000 rounds.
func TestSleeperSeesLightHolder(t *testing.T) {
	st := newStage(t)
	lost := 0
	st.duet("hurries", func(other *child, round uint32) {
		st.soon(other, func() bool { return st.rounds[1].Peek() == uint64(round) })
		deadline := shmlab.In(2 * time.Millisecond)
		err := st.mutex.LockUntil(st.p, deadline)
		if err == nil {
			st.mutex.Unlock(st.p)
			return
		}
		st.soon(other, func() bool { return st.ready[1].Peek() == round+1 })
		// One that was woken is not told that the deadline has passed, however late
		// it gets to run.
		if err == shmsync.ErrTimeout && st.ended[1].Peek() < int64(deadline) {
			lost++
		}
	})
	if lost != 0 {
		t.Errorf("%d times one slept on when the Mutex was free and its holder had woken whom it saw", lost)
	}
}
