package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"shmrace/property"
	"shmrace/shmlab/ipc"
)

// An ipcShow is a demonstration of how processes communicate, before an
// audience, which may be nobody.
type ipcShow struct {
	pager
	ctx                   context.Context
	step, code, noPredict bool
	json                  bool
	live                  int
	comparing             bool
	svg                   string
}

func ipcCommand() *cobra.Command {
	s := &ipcShow{}
	c := &cobra.Command{
		Use:   "ipc [MECHANISM]",
		Short: "the ways in which processes communicate, each shown by running it",
		Long: `ipc runs the demonstrations of a lecture on communication between processes,
by name or number, or all of them: real system calls between real processes.
` + property.Wrap(join(mechanisms()), "") + `

Go has no fork: where the lecture says that a process forks, the child is
started by exec and is given the descriptors that it would have inherited.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				if err := named("mechanism")(c, args); err != nil {
					return err
				}
				if _, err := ipc.Find(args[0]); err != nil {
					return noSuch("mechanism", args[0], mechanisms(), "shmrace ipc --help")
				}
			}
			defer s.begin(c)()
			return s.run(c, args)
		},
	}
	c.Flags().BoolVar(&s.step, "step", false, "one system call at a time")
	c.Flags().BoolVar(&s.code, "code", false, "print the lines that matter instead of running them")
	c.Flags().BoolVar(&s.noPredict, "no-predict", false, "do not stop for a prediction")
	c.Flags().BoolVar(&s.json, "json", false, "print one JSON object")
	c.Flags().BoolVar(&s.comparing, "compare", false, "measure every mechanism, next to a bare cache line")
	c.Flags().StringVar(&s.svg, "svg", "", "with --compare: write a plot to this `file`")
	c.Flags().IntVar(&s.live, "live", 0, "with signals: the signal sets of this `process`")
	return c
}

// begin makes ready for an audience; what it returns ends that.
func (s *ipcShow) begin(c *cobra.Command) (end func()) {
	s.ctx, end = interruptible(c.Context())
	s.out = c.OutOrStdout()
	if interactive() && !s.json {
		s.audience = newReader(s.out)
	}
	return end
}

func (s *ipcShow) run(c *cobra.Command, args []string) error {
	name := ""
	if len(args) == 1 {
		name = args[0]
	}
	switch {
	case c.Flags().Changed("live"):
		if name != "signals" {
			return usage("--live belongs to the signals: expected shmrace ipc signals --live PID")
		}
		return s.liveSignals(s.live)
	case s.svg != "" && !s.comparing:
		return usage("--svg belongs to --compare: expected shmrace ipc --compare --svg FILE")
	case s.comparing && name != "":
		return usage("--compare measures all, not %s alone: expected shmrace ipc --compare", name)
	case s.comparing:
		if err := writable("svg", s.svg); err != nil {
			return err
		}
		return s.compare(s.svg)
	case name == "" && s.json:
		return s.printJSON(ipc.All())
	case name == "":
		return s.all()
	}
	d, err := ipc.Find(name)
	if err != nil {
		return &exit{statusUsage, err}
	}
	if s.code {
		fmt.Fprint(s.out, d.Code())
		return nil
	}
	if s.json {
		return s.printJSON([]ipc.Demonstration{d})
	}
	return s.one(d)
}

// one shows one demonstration.
func (s *ipcShow) one(d ipc.Demonstration) error {
	said := s.predict(d)
	if said == leaves {
		return nil
	}
	s.page()
	r := d.Run(s.ctx, s.watcher())
	if err := s.outcome(d, r); err != nil {
		return err
	}
	s.page()
	switch d.Name {
	case "signals":
		s.signalTable(r)
	case "table":
		s.table(r)
	default:
		s.observed(r)
	}
	if i := d.Answer(r); said > 0 && i >= 0 {
		s.line("You said: %s.", d.Choices[said-1])
		s.line("It did:   %s.", d.Choices[i])
	}
	s.page()
	s.text("Why:  ", d.Why)
	s.text("Trap: ", d.Trap)
	s.text("Read: ", join(d.Further))
	return nil
}

// outcome says what was left out, and fails if the run did not come out as it must.
func (s *ipcShow) outcome(d ipc.Demonstration, r *ipc.Report) error {
	if errors.Is(r.Err, ipc.ErrInterrupted) {
		return undecided(r.Err)
	}
	for _, l := range r.Lacking {
		s.line("Left out here: %s", l.Why)
	}
	_, err := verdictOf(d, r)
	return err
}

// graver is first, or what came of a run if that is worse.
func graver(first error, d ipc.Demonstration, r *ipc.Report) error {
	mark, err := verdictOf(d, r)
	if first == nil || mark == "FAILED" && errors.Is(first, ipc.ErrLate) {
		return err
	}
	return first
}

// verdictOf says in a word how a run came out, and fails if not as it must.
func verdictOf(d ipc.Demonstration, r *ipc.Report) (mark string, err error) {
	if err = d.Check(r); err == nil {
		return "ok", nil
	}
	err = fmt.Errorf("demonstration %d, %s: %w", d.Number, d.Name, err)
	if errors.Is(err, ipc.ErrLate) {
		return "LATE", undecided(err)
	}
	return "FAILED", &exit{statusViolated, err}
}

// predict asks the question and returns the answer, 0 if there is none.
func (s *ipcShow) predict(d ipc.Demonstration) int {
	s.line("%d %s: %s", d.Number, d.Name, d.Title)
	s.text("", d.Claim)
	s.line("")
	s.text("", d.Question)
	for i, choice := range d.Choices {
		s.line("  %d  %s", i+1, choice)
	}
	s.line("")
	if s.audience == nil || s.noPredict {
		return 0
	}
	return s.audience.choose(len(d.Choices))
}

// watcher prints the steps as they happen. With --step each waits for the
// person who watches.
func (s *ipcShow) watcher() ipc.Watcher {
	width := 0
	w := ipc.Watcher{After: func(step ipc.Step) {
		width = max(width, len(step.Who))
		text := fmt.Sprintf("%-*s  %s", width, step.Who, step.Call)
		if step.Result != "" {
			text += " = " + step.Result
		}
		s.line("%.79s", text)
	}}
	if s.step && s.audience != nil {
		w.Before = func(who, call string) {
			s.rows = 0
			s.audience.waitFor(s.ctx, fmt.Sprintf("%s: %s", who, call))
		}
	}
	return w
}

// observed prints the facts.
func (s *ipcShow) observed(r *ipc.Report) {
	s.line("")
	s.line("What happened:")
	text := " "
	for _, f := range r.Facts {
		item := " " + f.Name + "=" + f.Value
		if len(text)+len(item) > 79 {
			s.line("%s", text)
			text = " "
		}
		text += item
	}
	s.line("%s", text)
}

// all runs every demonstration, a line each.
func (s *ipcShow) all() error {
	var first error
	var last *ipc.Report
	for _, d := range ipc.All() {
		r := d.Run(s.ctx, ipc.Watcher{})
		if errors.Is(r.Err, ipc.ErrInterrupted) {
			return undecided(r.Err)
		}
		first = graver(first, d, r)
		mark, _ := verdictOf(d, r)
		s.line("%-6s %2d %-9s %s", mark, d.Number, d.Name, d.Title)
		for _, l := range r.Lacking {
			s.line("       left out here: %s", l.Why)
		}
		last = r
	}
	s.page()
	s.table(last)
	return first
}

// mechanisms are the names of the demonstrations.
func mechanisms() (names []string) {
	for _, d := range ipc.All() {
		names = append(names, d.Name)
	}
	return names
}
