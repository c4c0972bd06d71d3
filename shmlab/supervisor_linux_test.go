package shmlab_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"shmrace/inject"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// busy is a lab whose actors never end, in a free run or stepped.
var busy = served(play("supervised/busy", spin, spin, spin))

func spin(p *shmlab.Proc, s *board) {
	for {
		s.X.Set(p, s.X.Get(p)+1)
	}
}

// roles are what the test binary can be instead: supervisors of busy, who tell
// their workers and go on until they are killed.
var roles = map[string]func(){
	"steps": func() {
		supervise(func(b *shmlab.Bench) error {
			walk := inject.NewRandom(1)
			walk.Begin()
			_, err := b.Run(walk)
			return err
		})
	},
	"stopped": func() {
		supervise(func(b *shmlab.Bench) error {
			_, err := b.Run(&stopFirst{inject.NewRandom(1)})
			return err
		})
	},
	"free": func() {
		supervise(func(b *shmlab.Bench) error {
			_, err := b.Free(0)
			return err
		})
	},
	"away": func() {
		supervise(func(b *shmlab.Bench) error { time.Sleep(time.Hour); return nil })
	},
}

// stopFirst stops A, then does as another strategy says.
type stopFirst struct{ shmlab.Strategy }

func (s *stopFirst) Next(c *shmlab.Choice) (d trace.Decision) {
	if c.Step == 0 {
		s.Begin()
		return trace.Decision{Fault: trace.Stop}
	}
	return s.Strategy.Next(c)
}

func supervise(run func(b *shmlab.Bench) error) {
	bench, err := shmlab.Open(busy, shmlab.Setting{Steps: 1 << 20})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.Join(workersOf(os.Getpid()), " "))
	go func() {
		time.Sleep(50 * time.Millisecond) // by now it runs; if not, the more is tried
		fmt.Println("running")
	}()
	for err == nil {
		err = run(bench)
	}
	fmt.Println(err)
}

// However a supervisor dies, its workers die with it, be they at a point,
// stopped, or far from any.
func TestWorkersDieWithTheirSupervisor(t *testing.T) {
	for role := range roles {
		for _, sig := range []syscall.Signal{syscall.SIGKILL, syscall.SIGINT, syscall.SIGTERM} {
			t.Run(fmt.Sprintf("%s/%v", role, sig), func(t *testing.T) {
				t.Parallel()
				workers := killed(t, role, sig)
				if len(workers) != 3 {
					t.Errorf("the workers are %v, expected 3", workers)
				}
				for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
					left := alive(workers)
					if len(left) == 0 {
						return
					}
					if time.Now().After(end) {
						t.Fatalf("workers %v of %v are still there", left, workers)
					}
				}
			})
		}
	}
}

// killed starts a supervisor, kills it when it runs, and returns who its workers were.
func killed(t *testing.T, role string, sig syscall.Signal) []string {
	t.Helper()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), roleEnv+"="+role)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Scan()
	workers := strings.Fields(lines.Text())
	if n := len(alive(workers)); n != 3 {
		t.Errorf("%d of workers %v are alive, expected 3", n, workers)
	}
	if lines.Scan(); lines.Text() != "running" {
		t.Errorf("the supervisor says %q", lines.Text())
	}
	cmd.Process.Signal(sig)
	err = cmd.Wait()
	if state := cmd.ProcessState.Sys().(syscall.WaitStatus); !state.Signaled() && state.ExitStatus() != 2 {
		t.Errorf("the supervisor ended with %v, expected by %v", err, sig)
	}
	return workers
}

// alive returns those of pids that are workers. A dead one whom nobody has
// waited for yet has no name any more.
func alive(pids []string) (left []string) {
	for _, pid := range pids {
		name, err := os.ReadFile("/proc/" + pid + "/cmdline")
		if err == nil && strings.HasPrefix(string(name), "shmrace-worker\x00") {
			left = append(left, pid)
		}
	}
	return left
}
