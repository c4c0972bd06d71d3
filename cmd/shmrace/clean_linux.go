package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"shmrace/property"
	"shmrace/shmlab/ipc"
)

func cleanCommand() *cobra.Command {
	var dry bool
	c := &cobra.Command{
		Use:   "clean",
		Short: "sweep what a run that was cut short may have left",
		Args:  none,
		RunE: func(c *cobra.Command, _ []string) error {
			found, notes := leftovers()
			for _, note := range notes {
				fmt.Fprintln(c.OutOrStdout(), "not looked at:", note)
			}
			return sweep(c.OutOrStdout(), found, dry)
		},
	}
	c.Flags().BoolVar(&dry, "dry-run", false, "only say what there is")
	return c
}

// leftovers finds what is left of runs whose process is gone. Of labs there is
// nothing unless the kernel itself was interrupted: workers die with their
// supervisor, and their memory has no name. The notes say what could not be
// looked at.
func leftovers() (found []leftover, notes []string) {
	for _, pid := range orphans() {
		found = append(found, leftover{fmt.Sprintf("worker process %d", pid), func() error { return unix.Kill(pid, unix.SIGKILL) }})
	}
	names, notes := ipc.Leftovers()
	for _, l := range names {
		found = append(found, leftover{l.Kind + " " + l.Name, l.Remove})
	}
	return found, notes
}

// sweep removes what was found, or only names it.
func sweep(out io.Writer, found []leftover, dry bool) error {
	swept := 0
	for _, l := range found {
		fmt.Fprintln(out, l.what)
		if dry {
			continue
		}
		if err := l.remove(); err != nil {
			return undecided(fmt.Errorf("cannot remove %s: %w", l.what, err))
		}
		swept++
	}
	fmt.Fprintf(out, "%s found, %d removed\n", property.Count(len(found), "leftover"), swept)
	return nil
}

// A leftover is something of a run that is over.
type leftover struct {
	what   string
	remove func() error
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
