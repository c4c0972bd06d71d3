package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
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

// What cannot be removed is said, and nothing is decided.
func TestSweepFails(t *testing.T) {
	var out strings.Builder
	err := sweep(&out, []leftover{{"a stone", func() error { return errors.New("too heavy") }}}, false)
	e := &exit{}
	if !errors.As(err, &e) || e.status != statusUndecided || e.Error() != "cannot remove a stone: too heavy" {
		t.Errorf("%v, expected exit status %d and why", err, statusUndecided)
	}
}
