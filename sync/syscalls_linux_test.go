package shmsync_test

import (
	"errors"
	"runtime"
	"slices"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"shmrace/shmlab"
)

// pairsOfOne are what one actor does with nobody else there.
var pairsOfOne = []struct {
	name  string
	pair  func(s *arena, p *shmlab.Proc)
	calls int // of the kernel, in each
}{
	{"Mutex", func(s *arena, p *shmlab.Proc) { s.mutex.Lock(p); s.mutex.Unlock(p) }, 0},
	{"Mutex, TryLock", func(s *arena, p *shmlab.Proc) { s.mutex.TryLock(p); s.mutex.Unlock(p) }, 0},
	{"RobustMutex", func(s *arena, p *shmlab.Proc) { s.robust.Lock(p); s.robust.Unlock(p) }, 0},
	{"RobustMutex, TryLock", func(s *arena, p *shmlab.Proc) { s.robust.TryLock(p); s.robust.Unlock(p) }, 0},
	{"RWMutex, to read", func(s *arena, p *shmlab.Proc) { s.rw.RLock(p); s.rw.RUnlock(p) }, 0},
	{"RWMutex, to write", func(s *arena, p *shmlab.Proc) { s.rw.Lock(p); s.rw.Unlock(p) }, 0},
	{"Semaphore, permits", func(s *arena, p *shmlab.Proc) { s.sem.Acquire(p); s.sem.Release(p) }, 0},
	{"Semaphore, signals", func(s *arena, p *shmlab.Proc) { s.sem.Wait(p); s.sem.Post(p) }, 0},
	{"SeqLock", func(s *arena, p *shmlab.Proc) { s.seq.Lock(p); s.seq.Unlock(p); s.seq.Read(p, func() {}) }, 0},
	{"SPSC", func(s *arena, p *shmlab.Proc) { s.spsc.Push(p, 1); s.spsc.Pop(p) }, 0},
	{"MPMC", func(s *arena, p *shmlab.Proc) { s.queue.Push(p, 1); s.queue.Pop(p) }, 0},
	{"Once", func(s *arena, p *shmlab.Proc) { s.once.Do(p, func() {}) }, 0},
	{"Cond", func(s *arena, p *shmlab.Proc) { s.cond.Signal(p); s.cond.Broadcast(p) }, 0},
	{"SpinLock", func(s *arena, p *shmlab.Proc) { s.spin.Lock(p); s.spin.Unlock(p) }, 0},
	{"TicketLock", func(s *arena, p *shmlab.Proc) { s.ticket.Lock(p); s.ticket.Unlock(p) }, 0},
	{"MCSLock", func(s *arena, p *shmlab.Proc) { s.mcs.Lock(p); s.mcs.Unlock(p) }, 0},
	// That the counting counts: whoever unlocks wakes the one that is said to wait.
	{"Mutex, one waits", func(s *arena, p *shmlab.Proc) {
		s.mutex.Lock(p)
		if s.mutex.Waiters() == 0 {
			s.mutex.CountWaiter()
		}
		s.mutex.Unlock(p)
	}, 1},
}

// Go's scheduler makes calls of its own when a goroutine has run for long: each
// pair has several rounds, of which the best is counted.
const (
	countedPairs  = 500
	countedRounds = 8
)

func init() {
	roles["alone"] = func(s *arena, index, light int) {
		p := shmlab.NewProc(index)
		if light == 1 {
			p.Lighten()
		}
		for i := range pairsOfOne {
			pairsOfOne[i].pair(s, p) // the first asks the kernel who p is
			for round := range countedRounds {
				runtime.Gosched()
				s.phase.Init(uint32(i*countedRounds+round) + 1)
				for range countedPairs {
					pairsOfOne[i].pair(s, p)
				}
				s.phase.Init(0)
			}
		}
	}
}

// An uncontended pair makes no system call, whether the actor is light or not: the
// kernel stops the process at each, and they are counted.
func TestNoSystemCall(t *testing.T) {
	for light, name := range []string{"not light", "light"} {
		t.Run(name, func(t *testing.T) { noSystemCall(t, light) })
	}
}

func noSystemCall(t *testing.T, light int) {
	st := newStage(t)
	st.sem.Init(1)
	c := st.prepare("alone", 0, light)
	c.Env = append(c.Env, "GODEBUG=asyncpreemptoff=1", "GOGC=off") // the runtime's own
	c.SysProcAttr = &syscall.SysProcAttr{Ptrace: true, Pdeathsig: unix.SIGKILL}
	if err := c.Start(); errors.Is(err, unix.EPERM) {
		t.Skip("this machine lets nobody be traced")
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.kill)
	stops := make([]int, 1+len(pairsOfOne)*countedRounds)
	st.trace(c, func() { stops[st.phase.Peek()]++ })
	for i, pair := range pairsOfOne {
		best := slices.Min(stops[1+i*countedRounds:][:countedRounds])
		if calls, want := best/2, pair.calls*countedPairs; calls < want || want == 0 && calls > 0 { // it stops before and after each
			t.Errorf("%d pairs of %s made %d system calls, expected %d", countedPairs, pair.name, calls, want)
		}
	}
}

// trace lets a process run that was started to be traced, and calls f when its
// main thread begins a system call and when it ends one.
func (st *stage) trace(c *child, f func()) {
	st.t.Helper()
	const ofCall = unix.SIGTRAP | 0x80
	pid, signal := c.Process.Pid, 0
	for first := true; ; first = false {
		var status unix.WaitStatus
		if _, err := unix.Wait4(pid, &status, unix.WALL, nil); err != nil {
			st.t.Fatal(err)
		}
		switch {
		case status.Exited() || status.Signaled():
			if c.done = true; status.ExitStatus() != 0 {
				st.t.Fatalf("the process ended with %#x", status)
			}
			return
		case first:
			if err := unix.PtraceSetOptions(pid, unix.PTRACE_O_TRACESYSGOOD|unix.PTRACE_O_EXITKILL); err != nil {
				st.t.Fatal(err)
			}
		case status.StopSignal() == ofCall:
			f()
		default:
			signal = int(status.StopSignal())
		}
		if err := unix.PtraceSyscall(pid, signal); err != nil {
			st.t.Fatal(err)
		}
		signal = 0
	}
}
