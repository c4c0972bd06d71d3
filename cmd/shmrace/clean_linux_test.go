package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"shmrace/property/workload"
	"shmrace/shmlab"
)

// What is left of a process that is gone is found, named, and removed only when
// asked. Other tests run beside this one: theirs is left alone.
func TestSweep(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	dir := filepath.Join(os.TempDir(), "shmrace-999999999-1-dir") // no process has so high a number
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	found, _ := leftovers()
	mine := slices.DeleteFunc(found, func(l leftover) bool { return l.what != "directory "+dir })
	var out strings.Builder
	if err := sweep(&out, mine, true); err != nil || out.String() != "directory "+dir+"\n1 leftover found, 0 removed\n" {
		t.Errorf("a dry run: %v, %q", err, out.String())
	}
	if _, err := os.Stat(dir); err != nil {
		t.Error("a dry run removes:", err)
	}
	out.Reset()
	if err := sweep(&out, mine, false); err != nil || out.String() != "directory "+dir+"\n1 leftover found, 1 removed\n" {
		t.Errorf("%v, %q", err, out.String())
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("it is still there")
	}
}

// What cannot be removed is said, with why, and the rest is removed all the same.
func TestSweepGoesOn(t *testing.T) {
	var out strings.Builder
	carried := 0
	stone := func() error { return fmt.Errorf("cannot carry it: %w", errors.New("too heavy")) }
	pebble := func() error { carried++; return nil }
	err := sweep(&out, []leftover{{"a stone", stone}, {"a pebble", pebble}, {"a rock", stone}, {"a grain", pebble}}, false)
	e := &exit{}
	if !errors.As(err, &e) || e.status != statusUndecided || e.Error() != "2 leftovers cannot be removed" {
		t.Errorf("%v, expected exit status %d and how many", err, statusUndecided)
	}
	const want = "a stone\n  cannot be removed: too heavy\na pebble\na rock\n  cannot be removed: too heavy\na grain\n4 leftovers found, 2 removed\n"
	if out.String() != want || carried != 2 {
		t.Errorf("%d carried, %q, expected %q", carried, out.String(), want)
	}
}

// A worker whose parent is its supervisor is no orphan, be that process 1 or not;
// one whose parent is another program is.
func TestOrphan(t *testing.T) {
	if orphan(os.Getpid()) == sameProgram(t, os.Getpid(), os.Getppid()) {
		t.Errorf("this process, whose parent is %d: orphan is %v", os.Getppid(), orphan(os.Getpid()))
	}
	bench, err := shmlab.Open(workload.CounterMutex, shmlab.Setting{})
	if err != nil {
		t.Fatal(err)
	}
	defer bench.Close()
	workers, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	mine := 0
	for _, path := range workers {
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if name, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(name), "shmrace-worker\x00") || parentOf(pid) != os.Getpid() {
			continue
		}
		if mine++; orphan(pid) {
			t.Errorf("worker %d is an orphan, and its supervisor looks at it", pid)
		}
	}
	if mine != 2 {
		t.Errorf("%d workers, expected 2", mine)
	}
	child := exec.Command("sleep", "60") // not the program that started it, as an adopted worker
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { child.Process.Kill(); child.Wait() }()
	if !orphan(child.Process.Pid) {
		t.Error("a process whose parent is another program is no orphan")
	}
}

// sameProgram reports whether two processes run the same file.
func sameProgram(t *testing.T, a, b int) bool {
	t.Helper()
	of, err := os.Stat(fmt.Sprintf("/proc/%d/exe", a))
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.Stat(fmt.Sprintf("/proc/%d/exe", b))
	return err == nil && os.SameFile(of, other)
}
