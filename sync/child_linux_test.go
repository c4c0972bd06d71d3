package shmsync_test

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"shmrace/shmlab"
	shmsync "shmrace/sync"
)

// An arena is the memory that the processes of a test share.
type arena struct {
	robust   shmsync.RobustMutex
	mutex    shmsync.Mutex
	sem      shmsync.Semaphore
	rw       shmsync.RWMutex
	barrier  shmsync.Barrier
	once     shmsync.Once
	cond     shmsync.Cond
	inner    shmsync.Mutex // of cond
	group    shmsync.WaitGroup
	queue    shmsync.MPMC[uint64]
	spsc     shmsync.SPSC[uint64]
	ticket   shmsync.TicketLock
	spin     shmsync.SpinLock
	mcs      shmsync.MCSLock
	peterson shmsync.Peterson
	dekker   shmsync.Dekker
	bakery   shmsync.Bakery
	one      shmsync.Barrier // of one actor, the test's
	there    shmsync.SPSC[uint64]
	back     shmsync.SPSC[uint64]
	letters  shmsync.SPSC[[8]uint64]

	ring     shmsync.SPSC[letter]
	ends     [2]shmsync.RobustMutex // who pushes to the ring, who pops
	sent     shmlab.Var[uint64]
	received shmlab.Var[uint64]
	waiters  [2]shmlab.Uint64   // who waits for events
	events   shmlab.Var[uint64] // under robust
	onces    [1024]beginning
	epoch    shmlab.Uint32 // which of them is looked at
	barriers [1024]shmsync.Barrier
	groups   [1024]shmsync.WaitGroup
	rounds   [soakers]shmlab.Uint64 // how often each has come to a barrier

	rwPair [2]shmlab.Var[int64] // equal, but for whoever writes them
	places [2]shmlab.Uint64     // who has a permit of sem
	beats  [64]shmlab.Uint64    // how often each has come round

	ready  [64]shmlab.Uint32 // who has got where it should be
	result [64]shmlab.Uint32 // what came of it
	goOn   shmlab.Uint32     // whoever waits for the test may go on
	shared shmlab.Var[int64]
	pair   [2]shmlab.Var[int64] // equal, but for whoever is changing them
	stop   shmlab.Bool
	got    [4]shmlab.Uint64 // what was popped
	phase  shmlab.Uint32    // which of its pairs a child is at, plus 1; 0: none
	seq    shmsync.SeqLock
	snow   [64]flake       // what whoever writes takes away from the other's cache
	begun  [2]shmlab.Int64 // when, of two that work together
	ended  [2]shmlab.Int64
}

// What a locker reports in result.
const (
	nothing uint32 = iota
	gotIt
	gotItFromTheDead
	gotGivenUp
	gotTimeout
	gotBroken
)

func outcome(err error) uint32 {
	switch err {
	case nil:
		return gotIt
	case shmsync.ErrOwnerDied:
		return gotItFromTheDead
	case shmsync.ErrNotRecoverable:
		return gotGivenUp
	case shmsync.ErrTimeout:
		return gotTimeout
	case shmsync.ErrBroken:
		return gotBroken
	}
	panic(err)
}

const childEnv = "SHMSYNC_CHILD"

// A role is what a child process does; arg is the role's own.
type role func(s *arena, index, arg int)

// roles are filled in beside the tests that use them.
var roles = map[string]role{}

// A child stays on its process's main thread.
func init() {
	if os.Getenv(childEnv) != "" {
		runtime.LockOSThread()
	}
}

// childMain is what a process does that was started to be a child.
func childMain(spec string) {
	var name string
	var index, arg int
	if _, err := fmt.Sscan(spec, &name, &index, &arg); err != nil {
		panic(err)
	}
	s, err := mapArena(3, uintptr(index+1))
	if err != nil {
		panic(err)
	}
	unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0)
	roles[name](s, index, arg)
	os.Exit(0)
}

func mapArena(fd int, place uintptr) (*arena, error) {
	hint := unsafe.Add(unsafe.Pointer(nil), 0x6a0000000000+place<<32)
	at, err := unix.MmapPtr(fd, 0, hint, unsafe.Sizeof(arena{}), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	return (*arena)(at), err
}

// A stage is an arena with the processes that play on it.
type stage struct {
	*arena
	t    testing.TB
	file *os.File
	p    *shmlab.Proc // the test's own actor, with index 63
}

func newStage(t testing.TB) *stage {
	t.Helper()
	fd, err := unix.MemfdCreate("arena", unix.MFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Ftruncate(fd, int64(unsafe.Sizeof(arena{}))); err != nil {
		t.Fatal(err)
	}
	a, err := mapArena(fd, 0)
	if err != nil {
		t.Fatal(err)
	}
	st := &stage{arena: a, t: t, file: os.NewFile(uintptr(fd), "arena")}
	runtime.LockOSThread()
	st.p = shmlab.NewProc(63)
	t.Cleanup(func() {
		st.file.Close()
		unix.MunmapPtr(unsafe.Pointer(a), unsafe.Sizeof(arena{}))
		runtime.UnlockOSThread()
	})
	return st
}

// A child is a process of a stage.
type child struct {
	*exec.Cmd
	stage *stage
	done  bool
}

// start starts a process with a role.
func (st *stage) start(name string, index, arg int) *child {
	st.t.Helper()
	c := st.prepare(name, index, arg)
	if err := c.Start(); err != nil {
		st.t.Fatal(err)
	}
	st.t.Cleanup(c.kill)
	return c
}

// prepare is start without the last step.
func (st *stage) prepare(name string, index, arg int) *child {
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0", fmt.Sprintf("%s=%s %d %d", childEnv, name, index, arg))
	cmd.ExtraFiles = []*os.File{st.file}
	cmd.Stderr = os.Stderr
	return &child{Cmd: cmd, stage: st}
}

// kill ends the process and waits until it has.
func (c *child) kill() {
	if !c.done {
		c.Process.Kill()
		c.wait()
	}
}

func (c *child) wait() syscall.WaitStatus {
	c.done = true
	c.Cmd.Wait()
	return c.ProcessState.Sys().(syscall.WaitStatus)
}

// patience is how long a test waits for what must come.
const patience = 30 * time.Second

// until waits for what must come to be.
func (st *stage) until(what string, ok func() bool) {
	st.t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(100 * time.Microsecond) {
		if time.Now().After(end) {
			st.t.Fatalf("%s: it has not come to be within %v", what, patience)
		}
	}
}

// ended waits until the process has ended, by SIGKILL if it was to die.
func (c *child) ended(died bool) {
	c.stage.t.Helper()
	if status := c.wait(); died != (status.Signaled() && status.Signal() == unix.SIGKILL) {
		c.stage.t.Fatalf("the process ended with %v, expected killed %v", c.ProcessState, died)
	}
}

// asleep waits until the process's main thread sleeps, as one in a futex wait does.
func (c *child) state(want string) {
	c.stage.t.Helper()
	c.stage.until("process in state "+want, func() bool {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.Process.Pid))
		if err != nil {
			c.stage.t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(b), ") ")
		return strings.HasPrefix(rest, want)
	})
}

// exited reports whether the process has ended by itself.
func (c *child) exited() bool {
	var info unix.Siginfo
	err := unix.Waitid(unix.P_PID, c.Process.Pid, &info, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil)
	return err != nil || info.Signo != 0
}
