package shmsync_test

import (
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"shmrace/shmlab"
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
	work := []func(*arena, *shmlab.Proc){
		soakRobust, soakPermits, soakWrite, soakRead, soakQueue, soakRing, soakOnce, soakCond,
	}
	for !s.stop.Peek() {
		work[rng.IntN(len(work))](s, p)
		s.beats[index].Add(p, 1)
	}
}

// soakLength returns how many processes a soak kills.
func soakLength() int {
	if n, err := strconv.Atoi(os.Getenv(soakEnv)); err == nil {
		return n
	}
	if testing.Short() {
		return soakKills / 4
	}
	return soakKills
}

// TestSoak kills processes that hold, wait for, take or release something, at
// whatever instruction they happen to be. Nothing is lost and nobody is stuck.
func TestSoak(t *testing.T) {
	t.Parallel()
	kills := soakLength()
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
		for st.ring.Len() > mail {
			st.popRing(st.p)
		}
		st.epoch.Init(uint32(min(n/8, len(st.onces)-1)))
	}
	st.allGoOn(children[:])
	st.stop.Init(true)
	for _, c := range children {
		st.until("it ends", func() bool {
			soakSignal(st.arena, st.p) // it may wait for that, and all others have ended
			return c.exited()
		})
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
			st.until("everybody goes on", func() bool {
				soakSignal(st.arena, st.p) // that somebody waits for it is nobody's fault
				return st.beats[i].Peek() > before[i]
			})
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
	soakRing(st.arena, st.p)
	soakOnce(st.arena, st.p)
	soakSignal(st.arena, st.p)
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
