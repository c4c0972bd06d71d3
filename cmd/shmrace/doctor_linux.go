package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"shmrace/inject"
	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/ipc"
	"shmrace/shmlab/trace"
)

func doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "what this machine allows",
		Args:  none,
		RunE: func(c *cobra.Command, _ []string) error {
			lacks := 0
			for _, check := range checks {
				mark, finding := "ok  ", ""
				finding, err := check.run()
				if err != nil {
					mark, finding = "LACK", err.Error()
					if check.needed {
						lacks++
					} else {
						mark = "--  "
					}
				}
				fmt.Fprintf(c.OutOrStdout(), "%s  %-18s %.54s\n", mark, check.what, finding)
			}
			for _, l := range ipc.Limits() {
				fmt.Fprintf(c.OutOrStdout(), "      %-38s %.35s\n", l.Name, l.Value)
			}
			if lacks > 0 {
				return undecided(fmt.Errorf("%d things that shmrace needs are missing here", lacks))
			}
			return nil
		},
	}
}

// A check looks at one thing that shmrace uses.
type check struct {
	what   string
	needed bool // without it nothing works
	run    func() (finding string, err error)
}

var checks = []check{
	{"system", true, func() (string, error) {
		var u unix.Utsname
		err := unix.Uname(&u)
		return fmt.Sprintf("%s %s, %s", unix.ByteSliceToString(u.Sysname[:]), unix.ByteSliceToString(u.Release[:]), runtime.Version()), err
	}},
	{"shared memory", true, sharedMemory},
	{"worker processes", true, steppedRun},
	{"processors", false, processors},
	{"terminal", false, func() (string, error) {
		w, h, err := term.GetSize(int(os.Stdout.Fd()))
		if err != nil {
			return "", fmt.Errorf("stdout is not one: no prediction is asked for")
		}
		return fmt.Sprintf("%d x %d (reports need 80 x 24)", w, h), nil
	}},
	{"C compiler", false, func() (string, error) {
		path, err := exec.LookPath("gcc")
		if err != nil {
			return "", fmt.Errorf("no gcc: make bench compares with nothing, no make race")
		}
		return path, nil
	}},
}

// sharedMemory makes a sealed file, as every region is.
func sharedMemory() (string, error) {
	fd, err := unix.MemfdCreate("shmrace-doctor", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return "", fmt.Errorf("memfd_create: %w", err)
	}
	defer unix.Close(fd)
	if _, err = unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, unix.F_SEAL_SHRINK); err != nil {
		return "", fmt.Errorf("memfd_create works, sealing does not: %w", err)
	}
	return "memfd_create and seals work", nil
}

// steppedRun runs one schedule between two processes.
func steppedRun() (string, error) {
	bench, err := shmlab.Open(workload.CounterMutex, shmlab.Setting{})
	if err != nil {
		return "", err
	}
	defer bench.Close()
	run, err := bench.Run(inject.Begun(inject.NewRandom(1)))
	if err == nil && run.Verdict != trace.Holds {
		err = run.Reason
	}
	return "two started, stepped and ended", err
}

// processors says whether a free run can really be parallel.
func processors() (string, error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return "", err
	}
	if set.Count() < 2 {
		return "", fmt.Errorf("only one: free runs will hardly ever lose an update")
	}
	return fmt.Sprintf("%d may be used", set.Count()), nil
}
