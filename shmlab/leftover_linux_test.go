package shmlab_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"shmrace/inject"
	"shmrace/shmlab"
)

// An inventory is what this process has that a bench may leave behind.
type inventory struct {
	workers, files, mappings, names []string
	goroutines                      int
}

func takeInventory(t *testing.T) (v inventory) {
	t.Helper()
	v.workers = workersOf(os.Getpid())
	for _, link := range list(t, "/proc/self/fd/*") {
		if name, err := os.Readlink(link); err == nil && !strings.Contains(name, "/proc/") {
			v.files = append(v.files, name)
		}
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(maps)) {
		if strings.Contains(line, "shmrace-") {
			v.mappings = append(v.mappings, line)
		}
	}
	v.names = list(t, "/dev/shm/*")
	v.goroutines = runtime.NumGoroutine()
	slices.Sort(v.files)
	return v
}

func list(t *testing.T, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// workersOf returns the pids of the children of process pid.
func workersOf(pid int) (pids []string) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range stats {
		stat, err := os.ReadFile(name)
		if err != nil {
			continue // it is gone
		}
		_, rest, _ := bytes.Cut(stat, []byte(") "))
		if fields := strings.Fields(string(rest)); len(fields) > 1 && fields[1] == fmt.Sprint(pid) {
			pids = append(pids, filepath.Base(filepath.Dir(name)))
		}
	}
	return pids
}

// differs says what now has that before had not, or the other way round.
func (v inventory) differs(before inventory) string {
	switch {
	case !slices.Equal(v.workers, before.workers):
		return fmt.Sprintf("processes %v, before %v", v.workers, before.workers)
	case !slices.Equal(v.files, before.files):
		return fmt.Sprintf("files\n%v, before\n%v", v.files, before.files)
	case !slices.Equal(v.mappings, before.mappings):
		return fmt.Sprintf("mappings\n%v, before\n%v", v.mappings, before.mappings)
	case !slices.Equal(v.names, before.names):
		return fmt.Sprintf("/dev/shm has %v, before %v", v.names, before.names)
	case v.goroutines > before.goroutines:
		return fmt.Sprintf("%d goroutines, before %d", v.goroutines, before.goroutines)
	}
	return ""
}

// leavesNothing fails the test if f leaves anything behind. What ends by itself
// is given a moment.
func leavesNothing(t *testing.T, f func()) {
	t.Helper()
	f() // what the first use of anything leaves is not meant
	before := takeInventory(t)
	f()
	for end := time.Now().Add(2 * time.Second); ; time.Sleep(time.Millisecond) {
		left := takeInventory(t).differs(before)
		if left == "" {
			return
		}
		if time.Now().After(end) {
			t.Errorf("left behind: %s", left)
			return
		}
	}
}

// The inventory sees what an open bench has.
func TestInventory(t *testing.T) {
	before := takeInventory(t)
	open(t, tally, shmlab.Setting{})
	v := takeInventory(t)
	if len(v.workers) != len(before.workers)+2 || len(v.files) < len(before.files)+4 || len(v.mappings) != len(before.mappings)+4 {
		t.Errorf("two workers are %+v, before %+v", v, before)
	}
	open(t, tally, shmlab.Setting{Host: shmlab.Coroutines})
	w := takeInventory(t)
	if w.goroutines != v.goroutines+2 || len(w.mappings) != len(v.mappings)+3 {
		t.Errorf("two coroutines are %+v, before %+v", w, v)
	}
}

// Whatever happened in the runs, Close leaves nothing.
func TestNothingIsLeft(t *testing.T) {
	for _, test := range []struct {
		name    string
		lab     shmlab.AnyLab
		set     shmlab.Setting
		scripts []string
		host    []shmlab.Host
	}{
		{"unused", twoSet, shmlab.Setting{}, nil, hosts},
		{"runs", tally, shmlab.Setting{Size: shmlab.Size{Actors: 3, Ops: 3}}, []string{"A", "B", "C", ""}, hosts},
		{"staggered", twoSet, shmlab.Setting{Staggered: true}, []string{"A", "B"}, hosts},
		{"kills", twoLock, shmlab.Setting{}, []string{"A kill(A)", "kill(A) kill(B)", "A kill(B)"}, hosts},
		{"stops", twoLock, shmlab.Setting{Staggered: true}, []string{"stop(A) B", "A stop(A) B"}, hosts},
		{"sleepers", twoWaiters, shmlab.Setting{}, []string{"A B C", "A B wake(B) C"}, hosts},
		{"budget", forever, shmlab.Setting{Steps: 5}, []string{""}, hosts},
		{"diverged", twoSet, shmlab.Setting{}, []string{"A A"}, hosts},
		{"panics", panics, shmlab.Setting{}, []string{"A", "A A"}, hosts},
		{"asserts", asserts, shmlab.Setting{}, []string{"A", "A A"}, hosts},
		{"exits", exits, shmlab.Setting{}, []string{"A", "A A"}, hosts[1:]},
		{"stuck", loops, shmlab.Setting{Guard: 100 * time.Millisecond}, []string{"A"}, hosts[1:]},
		{"tampered", tamperers[0], shmlab.Setting{}, []string{"A"}, hosts[1:]},
	} {
		for _, host := range test.host {
			t.Run(test.name+"/"+host.String(), func(t *testing.T) {
				test.set.Host = host
				leavesNothing(t, func() {
					bench, err := shmlab.Open(test.lab, test.set)
					if err != nil {
						t.Fatal(err)
					}
					for _, text := range test.scripts {
						if _, err := bench.Trace(script(t, text)); err != nil {
							t.Error(err)
						}
					}
					if err := bench.Close(); err != nil {
						t.Error(err)
					}
				})
			})
		}
	}
}

// Many benches one after another leave no more than one.
func TestNothingIsLeftOfMany(t *testing.T) {
	for _, host := range hosts {
		leavesNothing(t, func() {
			for seed := range uint64(4) {
				bench, err := shmlab.Open(tally, shmlab.Setting{Host: host})
				if err != nil {
					t.Fatal(err)
				}
				walk := inject.NewCrash(inject.NewRandom(seed), seed)
				for range 10 {
					walk.Begin()
					if _, err := bench.Run(walk); err != nil {
						t.Fatal(err)
					}
				}
				bench.Close()
			}
		})
	}
}

// Open leaves nothing when it fails, wherever it does: here for want of one
// more file, of two more, and so on.
func TestNothingIsLeftOfFailure(t *testing.T) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	for _, host := range hosts {
		failed, opened := map[string]bool{}, false
		for spare := uint64(0); !opened; spare++ {
			leavesNothing(t, func() {
				low := unix.Rlimit{Cur: lowestFree(t) + spare, Max: limit.Max}
				if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &low); err != nil {
					t.Fatal(err)
				}
				bench, err := shmlab.Open(twoSet, shmlab.Setting{Host: host})
				if err2 := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err2 != nil {
					t.Fatal(err2)
				}
				if opened = err == nil; opened {
					bench.Close()
					return
				}
				failed[err.Error()] = true
				if strings.Contains(err.Error(), "\n") {
					t.Errorf("more than a line: %s", err)
				}
			})
		}
		if want := map[shmlab.Host]int{shmlab.Coroutines: 1, shmlab.Processes: 3}[host]; len(failed) < want {
			t.Errorf("%v: Open fails in %d ways, expected at least %d: %v", host, len(failed), want, failed)
		}
	}
	leavesNothing(t, func() { shmlab.Open(play("nobody/serves", locks), shmlab.Setting{}) })
	leavesNothing(t, func() { shmlab.Open(twoSet, shmlab.Setting{Size: shmlab.Size{Actors: 3}}) })
}

// lowestFree returns the number that the next file will get.
func lowestFree(t *testing.T) uint64 {
	t.Helper()
	fd, err := unix.Open("/dev/null", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	unix.Close(fd)
	return uint64(fd)
}
