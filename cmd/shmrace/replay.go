package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"shmrace/property"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

func replayCommand() *cobra.Command {
	var hostName string
	var step, asJSON bool
	c := &cobra.Command{
		Use:   "replay 'SCHEDULE' | FILE",
		Short: "the same steps again",
		Args:  named("schedule, in quotes, or file with one"),
		RunE: func(c *cobra.Command, args []string) error {
			known, err := readTrace(args[0])
			if err != nil {
				return &exit{statusUsage, err}
			}
			lab, err := find(known.Schedule.Lab)
			if err != nil {
				return err
			}
			host, err := shmlab.ParseHost(hostName)
			if err != nil {
				return usage("--host: %w", err)
			}
			var hold func(int)
			if step {
				if hold, err = stepper(c, lab, known, host); err != nil {
					return wish(err)
				}
			}
			f, err := property.Replay(lab, known, host, hold)
			if err != nil {
				return wish(err)
			}
			if asJSON {
				err = json.NewEncoder(c.OutOrStdout()).Encode(failureJSON(f))
			} else {
				fmt.Fprint(c.OutOrStdout(), paint(f.String()))
				fmt.Fprintf(c.OutOrStdout(), "%s\n", f.Trace.Schedule.String())
			}
			return replayStatus(f, err)
		},
	}
	c.Flags().StringVar(&hostName, "host", "processes", "where actors live: processes or coroutines")
	c.Flags().BoolVar(&step, "step", false, "hold at each step until Enter is pressed")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

func replayStatus(f *property.Failure, err error) error {
	v := f.Trace.Verdict
	switch {
	case err != nil:
		return undecided(err)
	case v.Bad():
		return &exit{status: statusViolated}
	case v != trace.Holds:
		return undecided(errors.New(f.Trace.Message))
	}
	return nil
}

// readTrace reads a schedule, from the argument itself or from the file it names.
func readTrace(arg string) (*trace.Trace, error) {
	arg = strings.TrimSpace(arg)
	if strings.HasPrefix(arg, trace.Version[:strings.Index(trace.Version, "/")+1]) {
		s, err := trace.ParseSchedule(arg)
		if err != nil {
			return nil, err
		}
		return &trace.Trace{Schedule: *s}, nil
	}
	b, err := os.ReadFile(arg)
	if err != nil {
		return nil, fmt.Errorf("%.60q is neither a schedule (expected %q at its beginning) nor a file that can be read", arg, trace.Version)
	}
	t, err := trace.Parse(string(b))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", arg, err)
	}
	return t, nil
}

// stepper returns what is done before each step of a replay: it shows the step
// before and waits. The processes stand still at their points meanwhile.
func stepper(c *cobra.Command, lab shmlab.AnyLab, known *trace.Trace, host shmlab.Host) (func(int), error) {
	f, err := property.Replay(lab, known, host, nil)
	if err != nil {
		return nil, err
	}
	in := &reader{bufio.NewReader(c.InOrStdin()), c.OutOrStdout()}
	return func(step int) {
		if step == 1 {
			fmt.Fprint(in.out, property.Heading(f.Trace))
		} else {
			fmt.Fprint(in.out, property.Rows(f.Trace, step-1))
		}
		if in.in != nil && !in.wait(fmt.Sprintf("step %d", step)) {
			in.in = nil // no more Enter: go on without
		}
	}, nil
}
