package shmsync_test

import (
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"shmrace/shmlab"
	shmsync "shmrace/sync"
)

func init() {
	roles["reader"] = func(s *arena, index, seed int) {
		runtime.GOMAXPROCS(1)
		p := shmlab.NewProc(index)
		p.Lighten()
		rng := rand.New(rand.NewPCG(uint64(seed), 2))
		for s.ready[index].Init(uint32(seed)); !s.stop.Peek(); s.beats[index].Add(p, 1) {
			if rng.IntN(5000) == 0 {
				soakWrite(s, p)
			}
			soakRead(s, p)
		}
	}
}

// TestSoakReaders kills light actors that read, and now and then write, at whatever
// instruction they happen to be. The gate is wide for most of the time.
func TestSoakReaders(t *testing.T) {
	t.Parallel()
	kills := max(soakLength()/20, 5)
	st := newStage(t)
	rng := rand.New(rand.NewPCG(9, 9))
	var children [soakers / 2]*child
	var seeds [soakers / 2]int
	begin := func(i, seed int) { children[i], seeds[i] = st.start("reader", i, seed), seed }
	for i := range children {
		begin(i, i+1)
	}
	wide := 0
	for n := range kills {
		i := rng.IntN(len(children))
		st.until("it reads", func() bool { return st.ready[i].Peek() == uint32(seeds[i]) })
		time.Sleep(time.Duration(rng.IntN(4000)) * time.Microsecond)
		if st.rw.Wide() {
			wide++
		}
		if c := children[i]; c.exited() {
			t.Fatalf("after %d kills: a process ended by itself: %v", n, c.ProcessState)
		}
		children[i].kill()
		begin(i, n+soakers)
	}
	var before [len(children)]uint64
	for i := range children {
		before[i] = st.beats[i].Peek()
	}
	for i := range children {
		st.until("everybody goes on", func() bool { return st.beats[i].Peek() > before[i] })
	}
	st.stop.Init(true)
	for _, c := range children {
		c.ended(false)
	}
	soakWrite(st.arena, st.p)
	if n := st.rw.Readers(); n != 0 {
		t.Errorf("%d readers are left, expected none", n)
	}
	t.Logf("%d kills, %d of them while the gate was wide", kills, wide)
}

// Reading makes the gate wide when no writer has come for long, and a writer makes
// it narrow. Who is not light leaves it as it is.
func TestGateWidens(t *testing.T) {
	st := newStage(t)
	light, heavy := st.p, shmlab.NewProc(5)
	light.Lighten()
	if shmsync.Raced || !light.Light() {
		t.Skip("nobody goes without a fence")
	}
	reads := func(p *shmlab.Proc, n int) {
		for range n {
			soakRead(st.arena, p)
		}
	}
	reads(light, 1) // takes its place
	for range 3 {
		soakWrite(st.arena, st.p)
		reads(heavy, 2*shmsync.CalmReads)
		reads(light, shmsync.CalmReads-1)
		if st.rw.Wide() {
			t.Errorf("the gate is wide after %d reads", shmsync.CalmReads-1)
		}
		reads(light, 1)
		if !st.rw.Wide() {
			t.Errorf("the gate is narrow after %d reads", shmsync.CalmReads)
		}
		reads(light, 2)
		reads(heavy, 2)
	}
}

// Any number of actors read one after another, also of one index and while those
// before them live.
func TestReadersOverTime(t *testing.T) {
	st := newStage(t)
	over := make(chan bool)
	for range 100 {
		done := make(chan bool)
		go func() {
			p := shmlab.NewProc(7) // binds the goroutine to its thread
			p.Lighten()
			soakRead(st.arena, p)
			soakRead(st.arena, p)
			close(done)
			<-over
		}()
		<-done
	}
	soakWrite(st.arena, st.p)
	soakRead(st.arena, st.p)
	close(over)
}
