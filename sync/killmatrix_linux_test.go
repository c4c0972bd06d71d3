package shmsync_test

import (
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"shmrace/shmlab"
	shmsync "shmrace/sync"
)

func init() {
	roles["victim"] = func(s *arena, index, at int) {
		section(s, shmlab.NewDoomed(s, index, at, unix.SIGKILL))
	}
	roles["stopped"] = func(s *arena, index, at int) {
		section(s, shmlab.NewDoomed(s, index, at, unix.SIGSTOP))
	}
	roles["locker"] = func(s *arena, index, _ int) { section(s, shmlab.NewProc(index)) }
	roles["goexit"] = func(s *arena, index, _ int) {
		done := make(chan bool)
		go func() {
			defer close(done)
			s.robust.Lock(shmlab.NewProc(index)) // binds the goroutine to its thread
			runtime.Goexit()
		}()
		<-done
		s.ready[index].Init(1)
		time.Sleep(patience)
	}
	roles["bystander"] = func(s *arena, index, _ int) {
		p := shmlab.NewProc(index)
		s.robust.Lock(p) // its thread has a list of robust locks, which is empty again
		s.robust.Unlock(p)
		s.ready[index].Init(1)
		time.Sleep(patience)
	}
	roles["main"] = func(s *arena, index, _ int) {
		s.robust.Lock(shmlab.NewProc(index))
		go func() {
			for s.goOn.Peek() == 0 {
				time.Sleep(100 * time.Microsecond)
			}
			os.Exit(0)
		}()
		defer s.ready[index].Init(1)
		runtime.Goexit() // of the goroutine that is locked to the main thread
	}
	roles["exec"] = func(s *arena, index, _ int) {
		s.robust.Lock(shmlab.NewProc(index))
		s.ready[index].Init(1)
		unix.Exec("/proc/self/exe", []string{"sleeper"}, append(os.Environ(), childEnv+"=idle 0 0"))
	}
	roles["idle"] = func(*arena, int, int) { time.Sleep(patience) }
}

// section locks, changes what is guarded and unlocks. Within, it waits until the
// test lets it go on, without a point.
func section(s *arena, p *shmlab.Proc) {
	i := p.Index()
	err := s.robust.Lock(p)
	s.result[i].Init(outcome(err))
	if outcome(err) == gotGivenUp {
		return
	}
	s.ready[i].Init(1)
	for s.goOn.Peek() == 0 {
		time.Sleep(100 * time.Microsecond)
	}
	s.shared.Set(p, int64(i))
	if outcome(err) == gotItFromTheDead {
		s.robust.Consistent(p)
	}
	s.robust.Unlock(p)
}

// The points that an uncontended section meets, by number, and what a death
// there is called. The Wake is met only if somebody waits.
var matrix = []struct {
	at      int
	name    string
	waiting int // how many sleep when it happens
	sees    uint32
}{
	{1, "K1 announced, not taken", 0, gotIt},
	{2, "K2 taken, not linked", 0, gotItFromTheDead},
	{3, "K3 linked and announced", 0, gotItFromTheDead},
	{4, "K4 in the critical section", 0, gotItFromTheDead},
	{5, "K8 announced, still linked", 0, gotItFromTheDead},
	{6, "K8 unlinked, not released", 0, gotItFromTheDead},
	{7, "K10 released, still announced", 0, gotIt},
	{4, "K4 in the critical section, two asleep", 2, gotItFromTheDead},
	{5, "K8 announced, still linked, two asleep", 2, gotItFromTheDead},
	{6, "K8 unlinked, not released, two asleep", 2, gotItFromTheDead},
	{7, "K9 released, nobody woken yet, two asleep", 2, gotIt},
	{8, "K10 woken, still announced, two asleep", 2, gotIt},
}

// TestKillMatrixHolder kills whoever takes, holds or releases a robust lock at
// each of its points. Whoever comes or sleeps gets the lock, and exactly one of
// them is told of a death that left it held.
func TestKillMatrixHolder(t *testing.T) {
	for _, row := range matrix {
		t.Run(row.name, func(t *testing.T) {
			st := newStage(t)
			victim := st.start("victim", 0, row.at)
			var sleepers []*child
			if row.waiting > 0 {
				st.until("the victim holds it", func() bool { return st.ready[0].Peek() == 1 })
				for i := range row.waiting {
					sleepers = append(sleepers, st.start("locker", i+1, 0))
				}
				for _, c := range sleepers {
					st.until("all wait", func() bool { return st.robust.Waiters() == row.waiting })
					c.state("S")
				}
			}
			st.goOn.Init(1)
			victim.ended(true)
			told := 0
			for i, c := range sleepers {
				c.ended(false)
				if st.result[i+1].Peek() == gotItFromTheDead {
					told++
				}
			}
			if want := btoi(row.sees == gotItFromTheDead); row.waiting > 0 && told != want {
				t.Errorf("%d of the sleepers were told of the death, expected %d", told, want)
			}
			if row.waiting == 0 {
				st.expectLock(row.sees)
			} else {
				st.expectLock(gotIt)
			}
		})
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// expectLock locks and unlocks, and repairs.
func (st *stage) expectLock(want uint32) {
	st.t.Helper()
	err := st.robust.LockUntil(st.p, shmlab.In(patience))
	if got := outcome(err); got != want {
		st.t.Fatalf("the next Lock returned %v, expected outcome %d", err, want)
	}
	if want == gotItFromTheDead {
		st.robust.Consistent(st.p)
	}
	if want == gotIt || want == gotItFromTheDead {
		st.robust.Unlock(st.p)
	}
}

// holdWithSleepers has the test hold the lock while the given processes wait for
// it, in this order.
func (st *stage) holdWithSleepers(start ...func() *child) (sleepers []*child) {
	st.t.Helper()
	st.expectLock(gotIt)
	st.robust.Lock(st.p)
	for i, f := range start {
		c := f()
		st.until("it waits", func() bool { return st.robust.Waiters() == i+1 })
		c.state("S")
		sleepers = append(sleepers, c)
	}
	st.goOn.Init(1)
	return sleepers
}

// K0: whoever dies has used the lock before, and is not at it now. Whether it is
// free, or held and waited for, nobody sees anything of the death.
func TestKillMatrixK0(t *testing.T) {
	st := newStage(t)
	bystander := func(index int) *child {
		c := st.start("bystander", index, 0)
		st.until("it has used the lock", func() bool { return st.ready[index].Peek() == 1 })
		return c
	}
	bystander(1).kill()
	st.expectLock(gotIt)
	dies := bystander(3)
	c := st.holdWithSleepers(func() *child { return st.start("locker", 4, 0) })
	before := st.robust.Word()
	dies.kill()
	if after := st.robust.Word(); after != before {
		t.Errorf("the word is %#x after the death of somebody else, expected %#x", after, before)
	}
	c[0].state("S")
	st.robust.Unlock(st.p)
	c[0].ended(false)
	if got := st.result[4].Peek(); got != gotIt {
		t.Errorf("the sleeper got outcome %d, expected %d", got, gotIt)
	}
	st.expectLock(gotIt)
}

// K5: a sleeper is killed in its sleep.
func TestKillMatrixK5(t *testing.T) {
	st := newStage(t)
	c := st.holdWithSleepers(
		func() *child { return st.start("locker", 1, 0) },
		func() *child { return st.start("locker", 2, 0) })
	c[0].kill()
	st.robust.Unlock(st.p)
	c[1].ended(false)
	if got := st.result[2].Peek(); got != gotIt {
		t.Errorf("the other sleeper got outcome %d, expected %d", got, gotIt)
	}
	st.expectLock(gotIt)
}

// afterWake is the number of the first point behind a sleep in Lock: the failed
// exchange, the look, the count and the sleep come before.
const afterWake = 5

// K6: the sleeper that was woken is killed before it takes the lock.
func TestKillMatrixK6(t *testing.T) {
	st := newStage(t)
	c := st.holdWithSleepers(
		func() *child { return st.start("victim", 1, afterWake) },
		func() *child { return st.start("locker", 2, 0) })
	st.robust.Unlock(st.p)
	c[0].ended(true)
	c[1].ended(false)
	st.expectLock(gotIt)
}

// K7: the sleeper that was woken is killed after somebody else has taken the
// lock in passing. That one must wake the next, though nobody told it to.
func TestKillMatrixK7(t *testing.T) {
	st := newStage(t)
	c := st.holdWithSleepers(
		func() *child { return st.start("stopped", 1, afterWake) },
		func() *child { return st.start("locker", 2, 0) })
	st.robust.Unlock(st.p)
	c[0].state("T")
	if err := st.robust.Lock(st.p); err != nil { // the barger
		t.Fatal(err)
	}
	if !st.robust.WillWake() {
		t.Error("who takes the lock in passing is not to wake the sleeper")
	}
	c[0].kill()
	st.robust.Unlock(st.p)
	c[1].ended(false)
	st.expectLock(gotIt)
}

// K11 and K12: who was told of a death dies before, or while, it says that all is
// well again. The next is told as well.
func TestKillMatrixK11(t *testing.T) {
	for at, name := range map[int]string{
		6: "K11 told, not yet consistent", 7: "K12 before the look", 8: "K12 before the exchange",
	} {
		t.Run(name, func(t *testing.T) {
			st := newStage(t)
			st.goOn.Init(1)
			st.start("victim", 0, 4).ended(true)
			st.start("victim", 1, at).ended(true)
			if got := st.result[1].Peek(); got != gotItFromTheDead {
				t.Fatalf("the second victim got outcome %d, expected %d", got, gotItFromTheDead)
			}
			st.expectLock(gotItFromTheDead)
			st.expectLock(gotIt)
		})
	}
}

// K13: the goroutine that holds the lock ends, its process lives.
func TestKillMatrixK13(t *testing.T) {
	st := newStage(t)
	c := st.start("goexit", 1, 0)
	st.until("the goroutine has ended", func() bool { return st.ready[1].Peek() == 1 })
	st.expectLock(gotItFromTheDead)
	if err := c.Process.Signal(unix.Signal(0)); err != nil {
		t.Errorf("the process is gone: %v", err)
	}
}

// K14: the goroutine that holds the lock ends, and it was locked to the main
// thread, which Go cannot end: it sleeps until the process ends. So the lock is
// held until then, and the next is told then.
func TestKillMatrixK14(t *testing.T) {
	st := newStage(t)
	c := st.start("main", 1, 0)
	st.until("the goroutine has ended", func() bool { return st.ready[1].Peek() == 1 })
	if err := st.robust.LockUntil(st.p, shmlab.In(50*time.Millisecond)); err != shmsync.ErrTimeout {
		t.Fatalf("Lock while the main thread is there returned %v, expected a timeout", err)
	}
	st.goOn.Init(1)
	c.ended(false)
	st.expectLock(gotItFromTheDead)
}

// K15: the process that holds the lock becomes another program.
func TestKillMatrixK15(t *testing.T) {
	st := newStage(t)
	c := st.start("exec", 1, 0)
	st.until("it holds the lock", func() bool { return st.ready[1].Peek() == 1 })
	st.expectLock(gotItFromTheDead)
	if err := c.Process.Signal(unix.Signal(0)); err != nil {
		t.Errorf("the process is gone: %v", err)
	}
}

// Who died is known to whoever is told of the death.
func TestRobustMutexVictim(t *testing.T) {
	st := newStage(t)
	st.goOn.Init(1)
	c := st.start("victim", 0, 4)
	pid := c.Process.Pid
	c.ended(true)
	st.robust.Lock(st.p)
	if got, want := shmlab.Who(st.robust.Victim()), fmt.Sprintf("thread %d", pid); got != want {
		t.Errorf("the victim is %s, expected %s", got, want)
	}
	st.robust.Consistent(st.p)
	st.robust.Unlock(st.p)
}

// A lock that is released half changed is given up, for those who sleep as well.
func TestRobustMutexGivenUp(t *testing.T) {
	st := newStage(t)
	st.goOn.Init(1)
	st.start("victim", 0, 4).ended(true)
	st.robust.Lock(st.p)
	c := st.start("locker", 1, 0)
	st.until("it waits", func() bool { return st.robust.Waiters() == 1 })
	st.robust.Unlock(st.p)
	c.ended(false)
	if got := st.result[1].Peek(); got != gotGivenUp {
		t.Errorf("the sleeper got outcome %d, expected %d", got, gotGivenUp)
	}
	st.expectLock(gotGivenUp)
}
