package shmsync_test

import (
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"shmrace/shmlab"
	shmsync "shmrace/sync"
)

const (
	soakers = 8
	// soakEnv is how many processes a soak kills: 10,000 in make soak.
	soakEnv   = "SHMRACE_SOAK"
	soakKills = 200
	// mail is how many values the queue may keep for those whose consumers died.
	mail = 24
)

func init() { roles["soaker"] = soak }

// soak uses every primitive that claims to survive a kill, in any order, until
// it is killed or told to stop.
func soak(s *arena, index, seed int) {
	runtime.GOMAXPROCS(1)
	p := shmlab.NewProc(index)
	rng := rand.New(rand.NewPCG(uint64(seed), 1))
	work := []func(*arena, *shmlab.Proc){soakRobust, soakPermits, soakWrite, soakRead, soakQueue, soakOnce}
	for !s.stop.Peek() {
		work[rng.IntN(len(work))](s, p)
		s.beats[index].Add(p, 1)
	}
}

func mustBeEqual(pair *[2]shmlab.Var[int64], p *shmlab.Proc) {
	if a, b := pair[0].Get(p), pair[1].Get(p); a != b {
		panic("the halves differ under the lock")
	}
}

func changeBoth(pair *[2]shmlab.Var[int64], p *shmlab.Proc) {
	mustBeEqual(pair, p)
	n := pair[0].Get(p)
	pair[0].Set(p, n+1)
	for range 50 { // some time in which to die between the two
		pair[0].Get(p)
	}
	pair[1].Set(p, n+1)
}

func soakRobust(s *arena, p *shmlab.Proc) {
	if s.robust.Lock(p) == shmsync.ErrOwnerDied {
		s.pair[1].Set(p, s.pair[0].Get(p))
		s.robust.Consistent(p)
	}
	changeBoth(&s.pair, p)
	s.robust.Unlock(p)
}

func soakPermits(s *arena, p *shmlab.Proc) {
	s.sem.Acquire(p)
	i := takePlace(s, p)
	for range 50 {
		s.places[i].Load(p)
	}
	s.places[i].Store(p, 0)
	s.sem.Release(p)
}

// takePlace takes one of the two places, of which one must be free, or a dead
// actor's, for whoever has one of the two permits.
func takePlace(s *arena, p *shmlab.Proc) int {
	for i := range s.places {
		if id := s.places[i].Load(p); (id == 0 || p.Dead(id)) && s.places[i].CompareAndSwap(p, id, p.ID()) {
			return i
		}
	}
	for i := range s.places { // another may have taken the one that was looked at
		if id := s.places[i].Load(p); (id == 0 || p.Dead(id)) && s.places[i].CompareAndSwap(p, id, p.ID()) {
			return i
		}
	}
	panic("three have one of two permits")
}

func soakWrite(s *arena, p *shmlab.Proc) {
	if s.rw.Lock(p) == shmsync.ErrOwnerDied {
		s.rwPair[1].Set(p, s.rwPair[0].Get(p))
		s.rw.Consistent(p)
	}
	changeBoth(&s.rwPair, p)
	s.rw.Unlock(p)
}

func soakRead(s *arena, p *shmlab.Proc) {
	if s.rw.RLock(p) != nil {
		soakWrite(s, p)
		return
	}
	mustBeEqual(&s.rwPair, p)
	s.rw.RUnlock(p)
}

func soakQueue(s *arena, p *shmlab.Proc) {
	s.queue.Push(p, p.ID())
	if s.queue.Pop(p) == 0 {
		panic("popped what nobody has pushed")
	}
}

func soakOnce(s *arena, p *shmlab.Proc) {
	s.once.Do(p, func() {
		s.cells[0].Set(p, 1)
		time.Sleep(time.Millisecond)
		s.cells[1].Set(p, 1)
	})
	if s.cells[0].Get(p) != 1 || s.cells[1].Get(p) != 1 {
		panic("not initialized after Do")
	}
}

// TestSoak kills processes that hold, wait for, take or release something, at
// whatever instruction they happen to be. Nothing is lost and nobody is stuck.
func TestSoak(t *testing.T) {
	kills := soakKills
	if n, err := strconv.Atoi(os.Getenv(soakEnv)); err == nil {
		kills = n
	}
	if testing.Short() {
		kills = soakKills / 4
	}
	st := newStage(t)
	st.sem.Init(2)
	rng := rand.New(rand.NewPCG(7, 7))
	var children [soakers]*child
	for i := range children {
		children[i] = st.start("soaker", i, i)
	}
	for n := range kills {
		time.Sleep(time.Duration(rng.IntN(4000)) * time.Microsecond)
		i := rng.IntN(soakers)
		if c := children[i]; c.exited() {
			t.Fatalf("after %d kills: a process ended by itself: %v", n, c.ProcessState)
		}
		children[i].kill()
		children[i] = st.start("soaker", i, n+soakers)
		for st.queue.Len() > mail {
			st.queue.Pop(st.p)
		}
	}
	st.allGoOn(children[:])
	st.stop.Init(true)
	for _, c := range children {
		c.ended(false)
	}
	st.nothingIsLost()
	t.Logf("%d kills", kills)
}

// allGoOn waits until each process has come round again, twice.
func (st *stage) allGoOn(children []*child) {
	st.t.Helper()
	for range 2 {
		var before [soakers]uint64
		for i := range children {
			before[i] = st.beats[i].Peek()
		}
		for i := range children {
			st.until("everybody goes on", func() bool { return st.beats[i].Peek() > before[i] })
		}
	}
}

// nothingIsLost takes everything once more.
func (st *stage) nothingIsLost() {
	st.t.Helper()
	soakRobust(st.arena, st.p)
	soakWrite(st.arena, st.p)
	soakRead(st.arena, st.p)
	soakQueue(st.arena, st.p)
	soakOnce(st.arena, st.p)
	for range 2 { // both permits, of which the dead may still hold some
		if err := st.sem.AcquireUntil(st.p, shmlab.In(patience)); err != nil {
			st.t.Fatalf("a permit is lost: %v", err)
		}
	}
	if st.sem.TryWait(st.p) {
		st.t.Error("there are more than two permits")
	}
	if n := st.rw.Readers(); n != 0 {
		st.t.Errorf("%d readers are left, expected none", n)
	}
}
