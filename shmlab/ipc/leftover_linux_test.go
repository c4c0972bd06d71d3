package ipc

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func init() {
	roles["lecturer"] = lecture
}

// lecture runs the demonstration that is its argument and stops for ever before the step
// that is told; it is killed there.
func lecture() error {
	d, err := Find(os.Args[1])
	if err != nil {
		return err
	}
	step := 0
	d.Run(context.Background(), Watcher{Before: func(_, call string) {
		if step++; strings.HasPrefix(call, os.Getenv("STOP_AT")) {
			tell(answer{N: int64(step)})
			select {}
		}
	}})
	return fmt.Errorf("there is no step %q", os.Getenv("STOP_AT"))
}

// inventory is what this process has: open descriptors, children, and names
// anywhere that are its own.
func inventory(t *testing.T) string {
	t.Helper()
	var all []string
	fds, _ := filepath.Glob("/proc/self/fd/*")
	children, _ := filepath.Glob("/proc/self/task/*/children")
	for _, file := range children {
		b, _ := os.ReadFile(file)
		all = append(all, strings.Fields(string(b))...)
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
		t.Run(d.Name, func(t *testing.T) {
			steps := 0
			if r := d.Run(t.Context(), Watcher{Before: func(string, string) { steps++ }}); r.Err != nil {
				t.Fatal(r.Err)
			}
			before := inventory(t)
			for k := 0; k < steps; k += max(steps/7, 1) {
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
	for _, test := range []struct{ demonstration, step, kind string }{
		{"fifo", "access", "directory"},
		{"shm", "ftruncate", "shared memory"},
		{"queue", "mq_send", "POSIX queue"},
		{"queue", "msgsnd", "System V queue"},
		{"socket", "connect", "directory"},
	} {
		t.Run(test.demonstration+"/"+test.kind, func(t *testing.T) {
			t.Setenv("STOP_AT", test.step)
			a, err := spawn("lecturer", test.demonstration, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer a.end()
			if _, err := unix.Read(a.control, make([]byte, 100)); err != nil {
				t.Fatal(err)
			}
			if l := mine(a.Pid); l != nil {
				t.Errorf("what belongs to a process that lives is called left over: %v", l)
			}
			if a.end(); a.state.Sys().(syscall.WaitStatus).Signal() != unix.SIGKILL {
				t.Fatalf("it ended by itself: %v: %s", a.state, a.lastWords())
			}
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
