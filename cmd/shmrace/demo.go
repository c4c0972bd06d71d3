package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"shmrace/inject"
	"shmrace/property"
	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

func demoCommand() *cobra.Command {
	var check, noPredict bool
	var seed uint64
	c := &cobra.Command{
		Use:   "demo FAMILY",
		Short: "the lecture: predict, run wrong, show why, run right",
		Args:  named("family"),
		RunE: func(c *cobra.Command, args []string) error {
			d, err := workload.Demonstrate(args[0])
			if err != nil {
				return &exit{statusUsage, err}
			}
			if check {
				return wish(checkDemo(c.OutOrStdout(), d))
			}
			show := &show{out: c.OutOrStdout(), seed: seed}
			if interactive() && !noPredict {
				show.audience = &reader{in: bufio.NewReader(os.Stdin), out: c.OutOrStdout()}
			}
			return wish(show.perform(d))
		},
	}
	c.Flags().BoolVar(&check, "check", false, "before class: 100 seeds, wrong and right")
	c.Flags().BoolVar(&noPredict, "no-predict", false, "do not stop for a prediction")
	c.Flags().Uint64Var(&seed, "seed", 1, "what random choices begin with")
	return c
}

// A show is a demonstration before an audience, which may be nobody.
type show struct {
	out      io.Writer
	audience *reader
	seed     uint64
}

func (s *show) perform(d *workload.Demonstration) error {
	said := s.predict(d)
	wrong, err := s.wrong(d)
	if err != nil {
		return err
	}
	if said > 0 {
		fmt.Fprintf(s.out, "You said: %s.\nIt did:   %s.\n", d.Choices[said-1], d.Choices[d.Answer-1])
	}
	if s.audience != nil && !s.audience.wait("the same, right", "quit") {
		return nil
	}
	return s.right(d, wrong)
}

// predict asks the question and returns the answer, 0 if there is none.
func (s *show) predict(d *workload.Demonstration) int {
	fmt.Fprintf(s.out, "%s\n%s\n", property.Wrap(d.Scene, ""), d.Question)
	for i, choice := range d.Choices {
		fmt.Fprintf(s.out, "  %d  %s\n", i+1, choice)
	}
	defer fmt.Fprintln(s.out)
	if s.audience == nil {
		return 0
	}
	return s.audience.choose(len(d.Choices))
}

// wrong shows the lab that fails and returns the schedule in which it does; nil
// if it was a free run.
func (s *show) wrong(d *workload.Demonstration) (*trace.Schedule, error) {
	if d.Wrong.Describe().FreeOnly {
		return nil, s.free(d.Wrong, shmlab.Setting{}, true)
	}
	r, err := property.Explore(context.Background(), d.Wrong, property.Options{Inject: inject.Options{Seed: s.seed}})
	if err != nil {
		return nil, err
	}
	if r.Failure == nil {
		return nil, undecided(fmt.Errorf("%s did not fail in %d schedules: the demonstration is broken", r.Lab, r.Schedules))
	}
	fmt.Fprint(s.out, paint(r.Failure.String()))
	return &r.Failure.Trace.Schedule, tellReplay(s.out, r.Failure.Trace)
}

// right shows the lab that holds: in the same order of steps, then in many others.
func (s *show) right(d *workload.Demonstration, wrong *trace.Schedule) error {
	if wrong == nil {
		fmt.Fprintln(s.out)
		return s.free(d.Right, shmlab.Setting{Size: d.Wrong.Describe().Size}, false)
	}
	name := d.Right.Describe().Name
	bench, err := shmlab.Open(d.Right, property.SettingOf(wrong, shmlab.Processes))
	if err != nil {
		return err
	}
	defer bench.Close()
	order := inject.NewOrder(wrong.Decisions)
	order.Begin()
	t, err := bench.Trace(order)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "\nThe same order of steps with %s, where who must wait waits:\n\n%s\n", name, property.Columns(t))
	bad, err := holdsAlways(bench, s.seed, rightSchedules)
	if err != nil {
		return err
	}
	if t.Verdict != trace.Holds || bad > 0 {
		return undecided(fmt.Errorf("%s fails: the demonstration is broken", name))
	}
	fmt.Fprint(s.out, paint(fmt.Sprintf("%s: HOLDS, here and in %d of %d other schedules.\n", name, rightSchedules, rightSchedules)))
	return nil
}

// rightSchedules is in how many schedules the right lab is seen to hold.
const rightSchedules = 1000

// holdsAlways counts the schedules, of as many as asked, in which the lab fails.
func holdsAlways(bench *shmlab.Bench, seed uint64, schedules int) (bad int, err error) {
	random := inject.NewRandom(seed)
	for range schedules {
		random.Begin()
		run, err := bench.Run(random)
		if err != nil {
			return bad, err
		}
		if run.Verdict != trace.Holds {
			bad++
		}
	}
	return bad, nil
}

// freeTries is in how many free runs a wrong lab must fail once: it takes two
// processes that meet.
const freeTries = 20

// free shows a free run, which fails or not, as it should.
func (s *show) free(lab shmlab.AnyLab, setting shmlab.Setting, fails bool) error {
	runs := freeTries
	if !fails {
		runs = 1
	}
	t, err := freeRuns(lab, setting, runs, 0)
	if err != nil {
		return err
	}
	t.tell(s.out)
	if (t.Bad > 0) != fails {
		return undecided(fmt.Errorf("%s: %d of %d runs failed: the demonstration is broken", t.Lab, t.Bad, t.Runs))
	}
	return nil
}
