package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
)

func cleanCommand() *cobra.Command {
	var dry bool
	c := &cobra.Command{
		Use:   "clean",
		Short: "sweep what a run that was cut short may have left",
		Args:  none,
		RunE: func(c *cobra.Command, _ []string) error {
			swept := 0
			for _, l := range leftovers() {
				fmt.Fprintln(c.OutOrStdout(), l.what)
				if dry {
					continue
				}
				if err := l.remove(); err != nil {
					return undecided(fmt.Errorf("cannot remove %s: %w", l.what, err))
				}
				swept++
			}
			fmt.Fprintf(c.OutOrStdout(), "%d leftovers removed\n", swept)
			return nil
		},
	}
	c.Flags().BoolVar(&dry, "dry-run", false, "only say what there is")
	return c
}

// A leftover is something of a run that is over.
type leftover struct {
	what   string
	remove func() error
}

// leftovers finds worker processes whose supervisor is gone and names in
// /dev/shm. There are none unless the kernel itself was interrupted: workers die
// with their supervisor, and memory has no name.
func leftovers() (found []leftover) {
	for _, pid := range orphans() {
		found = append(found, leftover{
			fmt.Sprintf("worker process %d", pid),
			func() error { return unix.Kill(pid, unix.SIGKILL) },
		})
	}
	names, _ := filepath.Glob("/dev/shm/shmrace-*") // the pattern is well formed
	for _, name := range names {
		found = append(found, leftover{name, func() error { return os.Remove(name) }})
	}
	return found
}

// orphans returns the worker processes whose parent is not a shmrace any more.
func orphans() (pids []int) {
	dirs, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range dirs {
		b, err := os.ReadFile(path)
		if err != nil || !strings.HasPrefix(string(b), "shmrace-worker\x00") {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err == nil && parentOf(pid) == 1 {
			pids = append(pids, pid)
		}
	}
	return pids
}

// parentOf returns the parent of process pid, 0 if it has none or is gone.
func parentOf(pid int) int {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	// The name, in parentheses, may hold spaces; the parent is the second field behind it.
	fields := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	if len(fields) < 2 {
		return 0
	}
	parent, _ := strconv.Atoi(fields[1])
	return parent
}
