package shmsync_test

import (
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"shmrace/shmlab"
	shmsync "shmrace/sync"
)

func init() {
	roles["mutex"] = func(s *arena, index, _ int) {
		p := shmlab.NewProc(index)
		s.ready[index].Init(1)
		s.mutex.Lock(p)
		s.shared.Set(p, s.shared.Get(p)+1)
		s.mutex.Unlock(p)
	}
	roles["counter"] = func(s *arena, index, n int) {
		p := shmlab.NewProc(index)
		for range n {
			s.mutex.Lock(p)
			s.shared.Set(p, s.shared.Get(p)+1)
			s.mutex.Unlock(p)
			if s.robust.Lock(p) != nil {
				panic("nobody has died")
			}
			changeBoth(&s.pair, p)
			s.robust.Unlock(p)
		}
	}
	roles["parked"] = func(s *arena, index, _ int) {
		// Some kernels write the memory of who is idle out, and it has to be fetched
		// again at the end of each nap. That is not what waiting costs.
		unix.Mlockall(unix.MCL_CURRENT | unix.MCL_ONFAULT)
		s.sem.Wait(shmlab.NewProc(index))
	}
}

// panics returns what f panics with.
func panics(t *testing.T, f func()) (message string) {
	t.Helper()
	defer func() {
		message, _ = recover().(string)
		if !strings.HasPrefix(message, "shmsync: ") {
			t.Errorf("it panicked with %q, expected one that begins with shmsync:", message)
		}
	}()
	f()
	return ""
}

// elsewhere runs f on another thread, and panics with what it does.
func elsewhere(f func()) {
	came := make(chan any)
	go func() {
		defer func() { came <- recover() }()
		runtime.LockOSThread()
		f()
	}()
	if r := <-came; r != nil {
		panic(r)
	}
}

// Misuse is told, and leaves the lock as it was.
func TestMisuse(t *testing.T) {
	st := newStage(t)
	p, q := st.p, shmlab.NewProc(5)
	misuses := map[string]func(){
		"unlock unlocked Mutex":      func() { st.mutex.Unlock(p) },
		"unlock unlocked Robust":     func() { st.robust.Unlock(p) },
		"Consistent without a death": func() { st.robust.Lock(p); defer st.robust.Unlock(p); st.robust.Consistent(p) },
		"relock Robust":              func() { st.robust.Lock(p); defer st.robust.Unlock(p); st.robust.Lock(p) },
		"release without a permit":   func() { st.sem.Release(p) },
		"RUnlock unlocked":           func() { st.rw.RUnlock(p) },
		"Unlock unlocked RW":         func() { st.rw.Unlock(p) },
		"RLock twice":                func() { st.rw.RLock(p); defer st.rw.RUnlock(p); st.rw.RLock(p) },
		"RLock by another's index":   func() { st.rw.RLock(p); defer st.rw.RUnlock(p); elsewhere(func() { st.rw.RLock(shmlab.NewProc(63)) }) },
		"Done of a stranger":         func() { st.group.Done(p) },
		"Wait of a stranger":         func() { st.barrier.Wait(p) },
		"unlock another's Mutex":     func() { st.mutex.Lock(p); defer st.mutex.Unlock(p); st.mutex.Unlock(q) },
	}
	for name, misuse := range misuses {
		t.Run(name, func(t *testing.T) { panics(t, misuse) })
	}
	if !st.mutex.TryLock(p) || st.robust.TryLock(p) != nil || st.rw.Lock(p) != nil {
		t.Error("misuse has left a lock held")
	}
}

// TryLock never waits, and says why it failed.
func TestTryLock(t *testing.T) {
	st := newStage(t)
	q := shmlab.NewProc(5)
	st.mutex.Lock(st.p)
	if st.mutex.TryLock(q) {
		t.Error("two have the Mutex")
	}
	c := st.start("locker", 1, 0)
	st.until("another holds it", func() bool { return st.ready[1].Peek() == 1 })
	if err := st.robust.TryLock(st.p); err != shmsync.ErrLocked {
		t.Errorf("TryLock of a held RobustMutex returned %v, expected ErrLocked", err)
	}
	c.kill()
	if err := st.robust.TryLock(st.p); err != shmsync.ErrOwnerDied {
		t.Errorf("TryLock after the owner's death returned %v, expected ErrOwnerDied", err)
	}
	st.robust.Unlock(st.p)
	if err := st.robust.TryLock(st.p); err != shmsync.ErrNotRecoverable {
		t.Errorf("TryLock of a lock that was given up returned %v, expected ErrNotRecoverable", err)
	}
}

// A signal that is handled is no reason for Lock to return or to be late.
func TestInterrupted(t *testing.T) {
	st := newStage(t)
	st.mutex.Lock(st.p)
	c := st.start("mutex", 1, 0)
	st.until("it waits", func() bool { return st.mutex.Waiters() == 1 })
	for range 50 {
		c.Process.Signal(unix.SIGURG) // Go handles it
		time.Sleep(200 * time.Microsecond)
	}
	if n := st.shared.Peek(); n != 0 {
		t.Error("it came in while the Mutex was held")
	}
	st.mutex.Unlock(st.p)
	c.ended(false)
	if n := st.shared.Peek(); n != 1 {
		t.Errorf("the count is %d, expected 1", n)
	}
}

// Processes with the same memory at other addresses exclude each other, and
// nobody is forgotten.
func TestExclusion(t *testing.T) {
	st := newStage(t)
	const processes, n = 3, 20_000
	var children []*child
	for i := range processes {
		children = append(children, st.start("counter", i, n))
	}
	for _, c := range children {
		c.ended(false)
	}
	if got := st.shared.Peek(); got != processes*n {
		t.Errorf("the count is %d, expected %d", got, processes*n)
	}
	if a, b := st.pair[0].Peek(), st.pair[1].Peek(); a != processes*n || b != a {
		t.Errorf("the halves are %d and %d, expected %d", a, b, processes*n)
	}
}

// What counts up comes round: each primitive is put just before that.
func TestCountersWrap(t *testing.T) {
	st := newStage(t)
	p := st.p
	st.sem.Init(1)
	st.sem.SetNumber(p, 1<<24-3)
	for range 8 {
		st.sem.Acquire(p)
		st.sem.Release(p)
	}
	st.spsc.SetPosition(1<<32 - 3)
	for i := range uint64(200) {
		st.spsc.Push(p, i)
		if got := st.spsc.Pop(p); got != i {
			t.Fatalf("popped %d, expected %d", got, i)
		}
	}
	st.ticket.SetNext(1<<32 - 2)
	for range 5 {
		st.ticket.Lock(p)
		st.ticket.Unlock(p)
	}
	st.one.InitMask(1 << 63)
	st.one.SetRound(1<<31 - 2)
	for range 5 {
		if serial, err := st.one.Wait(p); !serial || err != nil {
			t.Fatalf("Wait returned %v, %v, expected true, nil", serial, err)
		}
	}
	if got := st.sem.Permits(); got != 1 {
		t.Errorf("%d permits, expected 1", got)
	}
}

// Who waits for long uses next to nothing: 100 parked waiters less than a
// thousandth of a processor.
func TestParkedWaitersAreCheap(t *testing.T) {
	if os.Getenv(soakEnv) == "" {
		t.Skip("it takes a minute: make soak")
	}
	t.Parallel()
	st := newStage(t)
	const waiters = 25 // of which each may use as much as four of a hundred
	var children []*child
	for i := range waiters {
		children = append(children, st.start("parked", i, 0))
	}
	for _, c := range children {
		c.state("S")
	}
	time.Sleep(21 * time.Second) // the naps have become long
	used := func() (sum time.Duration) {
		for _, c := range children {
			var ts unix.Timespec
			if err := unix.ClockGettime(int32(^c.Process.Pid)<<3|2, &ts); err != nil {
				t.Fatal(err)
			}
			sum += time.Duration(ts.Nano())
		}
		return sum
	}
	before, begun := used(), time.Now()
	time.Sleep(30 * time.Second)
	share := 100 * float64(used()-before) / float64(time.Since(begun)) * 100 / waiters
	t.Logf("100 parked waiters use %.3f %% of a processor", share)
	if share > 0.1 {
		t.Errorf("100 parked waiters use %.3f %% of a processor, expected less than 0.1", share)
	}
	for range waiters {
		st.sem.Post(st.p)
	}
	for _, c := range children {
		c.ended(false)
	}
}
