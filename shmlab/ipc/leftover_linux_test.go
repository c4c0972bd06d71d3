package ipc

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func init() {
	roles["lecturer"] = lecture
}

// lecture runs the demonstration that is its argument until the step that it
// is told, and stops there: for ever, or until a signal interrupts it.
func lecture() error {
	d, err := Find(os.Args[1])
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), unix.SIGINT, unix.SIGTERM)
	defer stop()
	step := 0
	r := d.Run(ctx, Watcher{Before: func(_, call string) {
		if step++; strings.HasPrefix(call, os.Getenv("STOP_AT")) {
			tell(answer{N: int64(step)})
			<-ctx.Done()
		}
	}})
	if r.Err != ErrInterrupted {
		return fmt.Errorf("it was not interrupted at %q: %v", os.Getenv("STOP_AT"), r.Err)
	}
	return nil
}

// named demonstrations have something with a name at the step.
var namedSteps = []struct{ demonstration, step, kind string }{
	{"fifo", "access", "directory"},
	{"shm", "ftruncate", "shared memory"},
	{"queue", "mq_send", "POSIX queue"},
	{"queue", "msgsnd", "System V queue"},
	{"socket", "connect", "directory"},
	{"nonblock", "mq_receive(", "POSIX queue"}, // another process sleeps in mq_send
}

// queuesOf returns the names of the POSIX queues that a process may have made;
// its private directory tells of them.
func queuesOf(pid int) (names []string) {
	for _, dir := range directories() {
		paths, _ := filepath.Glob(filepath.Join(dir, fmt.Sprintf("%s%d-*-dir", namePrefix, pid)))
		for _, path := range paths {
			for n := range queuesOfRun {
				names = append(names, fmt.Sprint(strings.TrimSuffix(filepath.Base(path), "dir"), "queue", n))
			}
		}
	}
	return names
}

// lecturer starts a process that stands at a step of a demonstration.
func lecturer(t *testing.T, demonstration, step string) *Actor {
	t.Setenv("STOP_AT", step)
	a, err := spawn("lecturer", demonstration, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.end)
	if n, err := unix.Read(a.control, make([]byte, 100)); n <= 0 || err != nil {
		t.Fatalf("it did not come to %q: %v", step, err)
	}
	return a
}

// TestSignalled interrupts processes in the middle of demonstrations, as Ctrl-C
// does: they end in order and leave nothing.
func TestSignalled(t *testing.T) {
	for _, sig := range []unix.Signal{unix.SIGINT, unix.SIGTERM} {
		for _, test := range namedSteps {
			t.Run(test.demonstration+"/"+unix.SignalName(sig), func(t *testing.T) {
				a := lecturer(t, test.demonstration, test.step)
				started, queues := childrenOf(a.Pid), queuesOf(a.Pid)
				if err := unix.Kill(a.Pid, sig); err != nil {
					t.Fatal(err)
				}
				if !readable(a.pidfd, int(guard.Milliseconds())) {
					t.Fatalf("it did not end within %v", guard)
				}
				if a.bury(); a.state.ExitCode() != 0 {
					t.Errorf("it ended with %v: %s", a.state, a.lastWords())
				}
				if left := mine(a.Pid); left != nil {
					t.Errorf("it left %v", left)
				}
				for _, name := range queues {
					if err := UnlinkPosixQueue(name); err != unix.ENOENT && err != unix.ENOSYS {
						t.Errorf("it left the queue %s: %v", name, err)
					}
				}
				gone(t, started)
			})
		}
	}
}

// childrenOf returns the processes that a process has started.
func childrenOf(pid int) (pids []int) {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, file := range files {
		b, _ := os.ReadFile(file)
		for _, field := range strings.Fields(string(b)) {
			child, _ := strconv.Atoi(field)
			pids = append(pids, child)
		}
	}
	return pids
}

// gone checks that processes end.
func gone(t *testing.T, pids []int) {
	t.Helper()
	for _, pid := range pids {
		p, err := watch(pid)
		if err != nil {
			continue // it is gone already
		}
		if !readable(p.pidfd, int(guard.Milliseconds())) {
			t.Errorf("process %d outlives who started it", pid)
		}
		p.close()
	}
}

// inventory is what this process has: open descriptors, children, and names
// anywhere that are its own.
func inventory(t *testing.T) string {
	t.Helper()
	var all []string
	fds, _ := filepath.Glob("/proc/self/fd/*")
	for _, pid := range childrenOf(os.Getpid()) {
		all = append(all, fmt.Sprint("process ", pid))
	}
	for _, dir := range append(directories(), sharedMemoryDirectory) {
		names, _ := filepath.Glob(filepath.Join(dir, fmt.Sprintf("%s%d-*", namePrefix, os.Getpid())))
		all = append(all, names...)
	}
	for n := range queuesOfRun {
		if q, err := OpenSysVQueue(queueKey(n), 0); err == nil {
			all = append(all, fmt.Sprint("queue ", q))
		}
	}
	return fmt.Sprint(len(fds), " files ", all)
}

// TestInterrupted ends each demonstration before its first step, its last, and
// some between: nothing may be left.
func TestInterrupted(t *testing.T) {
	for _, d := range All() {
		if testing.Short() && d.Number%4 != 0 {
			continue
		}
		t.Run(d.Name, func(t *testing.T) {
			steps := 0
			if r := d.Run(t.Context(), Watcher{Before: func(string, string) { steps++ }}); r.Err != nil {
				t.Fatal(r.Err)
			}
			before := inventory(t)
			for k := 0; k < steps; k += max(steps/4, 1) {
				ctx, cancel := context.WithCancel(t.Context())
				at := 0
				r := d.Run(ctx, Watcher{Before: func(string, string) {
					if at++; at > k {
						cancel()
					}
				}})
				cancel()
				if r.Err != ErrInterrupted {
					t.Errorf("ended before step %d of %d: %v, expected %v", k, steps, r.Err, ErrInterrupted)
				}
				if after := inventory(t); after != before {
					t.Errorf("ended before step %d of %d, left %s, expected %s", k, steps, after, before)
				}
			}
		})
	}
}

// TestLeftovers kills processes in the middle of demonstrations that have
// something with a name, and finds and removes what they left.
func TestLeftovers(t *testing.T) {
	for _, test := range namedSteps {
		t.Run(test.demonstration+"/"+test.kind, func(t *testing.T) {
			a := lecturer(t, test.demonstration, test.step)
			started := childrenOf(a.Pid)
			if l := mine(a.Pid); l != nil {
				t.Errorf("what belongs to a process that lives is called left over: %v", l)
			}
			if a.end(); a.state.Sys().(syscall.WaitStatus).Signal() != unix.SIGKILL {
				t.Fatalf("it ended by itself: %v: %s", a.state, a.lastWords())
			}
			gone(t, started)
			left := mine(a.Pid)
			found := false
			for _, l := range left {
				found = found || l.Kind == test.kind
				if err := l.Remove(); err != nil {
					t.Error(err)
				}
			}
			if !found {
				t.Errorf("found %v, expected a %s", left, test.kind)
			}
			if again := mine(a.Pid); again != nil {
				t.Errorf("still there: %v", again)
			}
		})
	}
}

// mine are the leftovers that tell of this pid: other runs are none of ours.
func mine(pid int) (found []Leftover) {
	all, _ := Leftovers()
	for _, l := range all {
		key := fmt.Sprintf("%06x", pid)
		if strings.Contains(l.Name, fmt.Sprintf("%s%d-", namePrefix, pid)) || l.Kind == "System V queue" && strings.HasSuffix(l.Name, key[1:]) {
			found = append(found, l)
		}
	}
	return found
}
