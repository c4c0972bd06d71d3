package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"shmrace/property"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

func replayCommand() *cobra.Command {
	var hostName, html string
	var step, asJSON bool
	c := &cobra.Command{
		Use:   "replay 'SCHEDULE' | FILE",
		Short: "the same steps again",
		Args:  named("'SCHEDULE' or FILE"),
		RunE: func(c *cobra.Command, args []string) error {
			if step && asJSON {
				return usage("--step is for people and --json for programs: expected one of them")
			}
			known, err := readTrace(args[0])
			if err != nil {
				return &exit{statusUsage, err}
			}
			lab, err := stepped(known.Schedule.Lab)
			if err != nil {
				return err
			}
			if err := page(html).check(lab); err != nil {
				return err
			}
			host, err := shmlab.ParseHost(hostName)
			if err != nil {
				return outside("host", hostName)
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
				err = json.NewEncoder(c.OutOrStdout()).Encode(f)
			} else {
				if step {
					fmt.Fprintln(c.OutOrStdout(), property.Rows(f.Trace, len(f.Trace.Schedule.Decisions)))
				}
				fmt.Fprint(c.OutOrStdout(), paint(f.String()))
				tellLonger(c.OutOrStdout(), len(known.Schedule.Decisions), f.Trace)
				if line := f.Trace.Schedule.String(); len(line) <= longSchedule {
					fmt.Fprintln(c.OutOrStdout(), line)
				}
			}
			if err == nil {
				err = page(html).write(people(c.OutOrStdout(), asJSON), lab, f.Trace)
			}
			return replayStatus(f, err)
		},
	}
	c.Flags().StringVar(&hostName, "host", "processes", "`where` actors live: processes (default) or coroutines")
	c.Flags().Lookup("host").DefValue = ""
	c.Flags().StringVar(&html, "html", "", pageUsage)
	c.Flags().BoolVar(&step, "step", false, "hold at each step until Enter is pressed")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

// tellLonger says how a run went on whose schedule was cut short.
func tellLonger(out io.Writer, known int, t *trace.Trace) {
	if all := len(t.Schedule.Decisions); all > known {
		fmt.Fprintln(out, property.Wrap(fmt.Sprintf("Cut short: from step %d on who stepped last went on, then the first that could.", known+1), "  "))
	}
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

// longFile is the longest file that is read, in bytes: a trace of as many
// events as a schedule may have decisions fits.
const longFile = 1 << 27

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
	text, err := readFile(arg)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%.20q is neither a file nor a schedule: expected %q first", arg, trace.Version)
	case err != nil:
		return nil, fmt.Errorf("%.20q cannot be read: %w", arg, err)
	}
	t, err := trace.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%.20s: %w", filepath.Base(arg), err)
	}
	return t, nil
}

// readFile reads a file that is not longer than a trace can be. Its errors do
// not repeat the name.
func readFile(name string) (string, error) {
	f, err := os.Open(name)
	if err == nil {
		defer f.Close()
		var b []byte
		if b, err = io.ReadAll(io.LimitReader(f, longFile+1)); err == nil && len(b) > longFile {
			err = fmt.Errorf("it is too long: expected at most %d MiB", longFile>>20)
		}
		if err == nil {
			return string(b), nil
		}
	}
	var of *fs.PathError
	if errors.As(err, &of) {
		err = of.Err
	}
	return "", err
}

// stepper returns what is done before each step of a replay: it shows the step
// before and waits. The processes stand still at their points meanwhile.
func stepper(c *cobra.Command, lab shmlab.AnyLab, known *trace.Trace, host shmlab.Host) (func(int), error) {
	f, err := property.Replay(lab, known, host, nil)
	if err != nil {
		return nil, err
	}
	in := &reader{in: bufio.NewReader(c.InOrStdin()), out: c.OutOrStdout()}
	return func(step int) {
		if step == 1 {
			fmt.Fprint(in.out, property.Heading(f.Trace))
		} else {
			fmt.Fprint(in.out, property.Rows(f.Trace, step-1))
		}
		if in.in != nil && !in.wait(fmt.Sprintf("step %d", step), "to the end") {
			in.in = nil
		}
	}, nil
}
