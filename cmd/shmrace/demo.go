package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

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
		Use:   "demo [FAMILY]",
		Short: "the lecture: predict, run wrong, show why, run right",
		Args:  cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 && !check {
				listDemos(c.OutOrStdout())
				return nil
			}
			if err := named("family")(c, args); err != nil {
				return err
			}
			if name, ok := elsewhere[args[0]]; ok {
				return showElsewhere(c, name, check, noPredict)
			}
			d, err := workload.Demonstrate(args[0])
			if err != nil {
				return noSuch("demonstration", args[0], workload.Shown(), "shmrace demo")
			}
			if check {
				ctx, cancel := interruptible(context.Background())
				defer cancel()
				return wish(checkDemo(ctx, c.OutOrStdout(), d))
			}
			show := &show{out: c.OutOrStdout(), seed: seed}
			if interactive() && !noPredict {
				show.audience = newReader(c.OutOrStdout())
			}
			return wish(show.perform(d))
		},
	}
	c.Flags().BoolVar(&check, "check", false, "before class: 100 seeds, wrong and right")
	c.Flags().BoolVar(&noPredict, "no-predict", false, "do not stop for a prediction")
	c.Flags().Uint64Var(&seed, "seed", 1, "what random choices begin with")
	return c
}

// listDemos says which demonstrations there are.
func listDemos(out io.Writer) {
	p := newPager(out)
	p.line("Demonstrations, in the order of the lecture (shmrace demo FAMILY):")
	for i := range workload.Demonstrations {
		d := &workload.Demonstrations[i]
		p.text(fmt.Sprintf("  %-14s", d.Family()), d.Title)
	}
	p.text("  truncate      ", "memory cut off under a process, and the seal that forbids it")
}

// A show is a demonstration before an audience, which may be nobody.
type show struct {
	out      io.Writer
	audience *reader
	seed     uint64
	left     bool // the audience has had enough
}

func (s *show) perform(d *workload.Demonstration) error {
	said := s.predict(d)
	if said == leaves {
		return nil
	}
	wrong, err := s.wrong(d)
	if err != nil || s.left {
		return err
	}
	s.compare(said, d)
	if s.goesOn("the same, right"); s.left {
		return nil
	}
	return s.right(d, wrong)
}

// compare tells right from wrong.
func (s *show) compare(said int, d *workload.Demonstration) {
	switch said {
	case 0:
		fmt.Fprintln(s.out, property.Wrap("Answer: "+d.Choices[d.Answer-1]+".", "  "))
	case d.Answer:
		fmt.Fprintf(s.out, "RIGHT. %s\n", property.Wrap("You said: "+d.Choices[said-1]+".", "  "))
	default:
		fmt.Fprintf(s.out, "WRONG. %s\n", property.Wrap("You said: "+d.Choices[said-1]+".", "  "))
		fmt.Fprintln(s.out, property.Wrap("       It did: "+d.Choices[d.Answer-1]+".", "  "))
	}
}

// goesOn waits until the audience has seen enough.
func (s *show) goesOn(to string) {
	s.left = s.left || s.audience != nil && !s.audience.wait(to, "quit")
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

// wrong shows the lab that fails and returns the schedule in which it does, the
// last if there are several; nil if it was a free run.
func (s *show) wrong(d *workload.Demonstration) (*trace.Schedule, error) {
	if d.Wrong.Describe().FreeOnly {
		return nil, s.free(d.Wrong, shmlab.Setting{}, true)
	}
	if len(d.Blows) > 0 {
		return s.blows(d)
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

// blows is wrong for a lab to which something is done.
func (s *show) blows(d *workload.Demonstration) (last *trace.Schedule, err error) {
	for i, blow := range d.Blows {
		if i > 0 {
			if s.goesOn(fmt.Sprintf("the same with a %v", blow.Fault)); s.left {
				return nil, nil
			}
			fmt.Fprintln(s.out)
		}
		if last, err = s.blow(d.Wrong, blow); err != nil {
			return nil, err
		}
	}
	if d.Windows {
		if s.goesOn("killed at each of its steps"); s.left {
			return nil, nil
		}
		return last, s.windows(d.Wrong)
	}
	return last, nil
}

// blow shows one run of a lab to which something is done, and that fails.
func (s *show) blow(lab shmlab.AnyLab, blow workload.Blow) (*trace.Schedule, error) {
	known, err := played(lab, inject.Scene(blow), s.seed)
	if err != nil {
		return nil, err
	}
	f, err := property.Replay(lab, known, shmlab.Processes, nil)
	if err != nil {
		return nil, err
	}
	if !f.Trace.Verdict.Bad() {
		return nil, undecided(fmt.Errorf("%s did not fail with a %v: the demonstration is broken", known.Schedule.Lab, blow.Fault))
	}
	head, _, _ := strings.Cut(f.String(), "\n")
	fmt.Fprintf(s.out, "%s\n", paint(head))
	if f.Trace.Verdict != trace.Deadlock { // which the columns show
		fmt.Fprintf(s.out, "%s\n", property.Wrap("  "+f.Trace.Message, "  "))
	}
	fmt.Fprintf(s.out, "\n%s\n%s\n", property.Columns(f.Trace), property.Wrap("Why: "+f.Why, "  "))
	return &f.Trace.Schedule, tellReplay(s.out, f.Trace)
}

// played runs lab once with a scene in it.
func played(lab shmlab.AnyLab, scene inject.Scene, seed uint64) (*trace.Trace, error) {
	bench, err := shmlab.Open(lab, shmlab.Setting{})
	if err != nil {
		return nil, err
	}
	defer bench.Close()
	return bench.Trace(inject.Begun(inject.NewPlay(scene, seed)))
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
	t, err := bench.Trace(inject.Begun(inject.NewOrder(wrong.Decisions)))
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "\nThe same order of steps with %s, where who must wait waits:\n\n%s\n", name, property.Columns(t))
	others := schedulesFor(d)
	bad, err := holdsAlways(bench, d.Blows, s.seed, others)
	if err != nil {
		return err
	}
	if t.Verdict != trace.Holds || bad > 0 {
		return undecided(fmt.Errorf("%s fails: the demonstration is broken", name))
	}
	with := ""
	if len(d.Blows) > 0 {
		with = ", each with such a fault in it"
	}
	text := fmt.Sprintf("%s: HOLDS, here and in %d of %d other schedules%s.", name, others, others, with)
	fmt.Fprintln(s.out, paint(property.Wrap(text, "  ")))
	if d.Windows {
		if s.goesOn("killed at each of its steps"); s.left {
			return nil
		}
		return s.windows(d.Right)
	}
	return nil
}

// In how many schedules the right lab is seen to hold. Who is killed has to be
// started again.
const (
	rightSchedules = 1000
	rightKills     = 100
)

func schedulesFor(d *workload.Demonstration) int {
	if slices.ContainsFunc(d.Blows, func(b workload.Blow) bool { return b.Fault == trace.Kill }) {
		return rightKills
	}
	return rightSchedules
}

// holdsAlways counts the schedules, of as many as asked, in which the lab fails.
// With blows, each has one of them, at some step of its actor.
func holdsAlways(bench *shmlab.Bench, blows []workload.Blow, seed uint64, schedules int) (bad int, err error) {
	random := inject.NewRandom(seed)
	for i := range schedules {
		var strategy shmlab.Strategy = random
		if len(blows) > 0 {
			scene := inject.Scene(blows[i%len(blows)])
			scene.Before, scene.Others = i/2%12, i%7
			strategy = inject.NewPlay(scene, seed+uint64(i))
		}
		run, err := bench.Run(inject.Begun(strategy))
		if err != nil {
			return bad, err
		}
		if run.Verdict != trace.Holds {
			bad++
		}
	}
	return bad, nil
}

// freeTries is how many free runs a wrong lab has to fail once: it takes two
// processes that meet.
const freeTries = 20

// free shows a free run, which fails or not, as it should.
func (s *show) free(lab shmlab.AnyLab, setting shmlab.Setting, fails bool) error {
	for try := 1; ; try++ {
		t, err := freeRuns(context.Background(), lab, setting, freedom{runs: 1})
		if err != nil {
			return err
		}
		if fails && t.Bad == 0 && try < freeTries {
			fmt.Fprintf(s.out, "Run %d went well: the processes have not met. Once more.\n", try)
			continue
		}
		t.tell(s.out)
		if (t.Bad > 0) != fails {
			return undecided(fmt.Errorf("%s: the last of %s came out otherwise: the demonstration is broken", t.Lab, property.Count(try, "run")))
		}
		return nil
	}
}
