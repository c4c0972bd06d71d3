package main

import (
	"errors"
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

// sweep removes what was found, or only names it. What cannot be removed does
// not keep it from the rest.
func sweep(out io.Writer, found []leftover, dry bool) error {
	swept, failed := 0, 0
	for _, l := range found {
		fmt.Fprintln(out, l.what)
		if dry {
			continue
		}
		if err := l.remove(); err != nil {
			failed++
			fmt.Fprintln(out, property.Wrap("  cannot be removed: "+cause(err).Error(), "  "))
			continue
		}
		swept++
	}
	fmt.Fprintf(out, "%s found, %d removed\n", property.Count(len(found), "leftover"), swept)
	if failed > 0 {
		return undecided(fmt.Errorf("%s cannot be removed", property.Count(failed, "leftover")))
	}
	return nil
}

// A leftover is something of a run that is over.
type leftover struct {
	what   string
	remove func() error
}

// cause is what an error is of in the end; what it is about has been said.
func cause(err error) error {
	for errors.Unwrap(err) != nil {
		err = errors.Unwrap(err)
	}
	return err
}

// orphans returns the worker processes whose supervisor is gone. A worker is its
// supervisor's own program, started again: whoever else is its parent now, as
// init or a container's first process, has adopted it.
func orphans() (pids []int) {
	dirs, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range dirs {
		b, err := os.ReadFile(path)
		if err != nil || !strings.HasPrefix(string(b), "shmrace-worker\x00") {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil && orphan(pid) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// orphan reports whether worker pid has another parent than the one that started
// it. Of one that cannot be looked at, which is somebody else's, it is false.
func orphan(pid int) bool {
	program, err := os.Stat(fmt.Sprintf("/proc/%d/exe", pid))
	parent := parentOf(pid)
	if err != nil || parent == 0 {
		return false
	}
	of, err := os.Stat(fmt.Sprintf("/proc/%d/exe", parent))
	return err != nil || !os.SameFile(program, of)
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
