package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"shmrace/inject"
	"shmrace/property"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

func exploreCommand() *cobra.Command {
	var f flags
	var html string
	c := &cobra.Command{
		Use:   "explore LAB",
		Short: "search for a schedule that fails, and tell the shortest",
		Args:  named("lab"),
		RunE: func(c *cobra.Command, args []string) error {
			lab, err := stepped(args[0])
			if err != nil {
				return err
			}
			if err := page(html).check(lab); err != nil {
				return err
			}
			o, err := f.options(c)
			if err != nil {
				return err
			}
			o.Inject.Faults = o.Inject.Faults.With(property.FaultsOf(lab.Describe()))
			if !o.Inject.Faults.None() && !c.Flags().Changed("schedules") {
				o.Schedules = faultSchedules[o.Host]
			}
			ctx, cancel := interruptible(c.Context())
			defer cancel()
			meter := newMeter()
			o.Progress = func(r *property.Report) {
				meter.show(progress(r, o))
			}
			r, err := property.Explore(ctx, lab, o)
			meter.clear()
			if err != nil {
				return wish(err)
			}
			if err = printReport(c.OutOrStdout(), r, f.json); err == nil {
				err = page(html).write(people(c.OutOrStdout(), f.json), lab, r.Shown())
			}
			return statusOf(r, err)
		},
	}
	f.addSetting(c)
	f.addSearch(c)
	c.Flags().StringVar(&html, "html", "", pageUsage)
	c.SetContext(context.Background())
	return c
}

// faultSchedules is how many schedules are tried when something happens in them:
// to kill a process costs the start of another.
var faultSchedules = map[shmlab.Host]int{shmlab.Processes: 2000, shmlab.Coroutines: 500_000}

// progress says how far a search is, in a line.
func progress(r *property.Report, o property.Options) string {
	all, about := float64(o.Schedules), ""
	if r.Estimate > 0 && r.Estimate < all {
		all, about = max(r.Estimate, float64(r.Schedules)), "about "
	}
	rate := float64(r.Schedules) / r.Elapsed.Seconds()
	line := fmt.Sprintf("%d of %s%.0f schedules, %d blocked, %s, %.0f/s", r.Schedules, about, all, r.Blocked,
		property.Count(len(r.Outcomes), "outcome"), rate)
	left := time.Duration((all - float64(r.Schedules)) / rate * float64(time.Second))
	if o.Time > 0 {
		left = min(left, o.Time-r.Elapsed)
	}
	if left >= 0 && left < 100*time.Hour {
		line += fmt.Sprintf(", %v left", left.Round(time.Second))
	}
	return line
}

// statusOf is how a command ends that printed r.
func statusOf(r *property.Report, err error) error {
	switch {
	case err != nil:
		return undecided(err)
	case r.Verdict().Bad():
		return &exit{status: statusViolated}
	case r.Verdict() != trace.Holds:
		return undecided(r.Undecided)
	}
	return nil
}

// printReport prints r for a person, or as JSON.
func printReport(out io.Writer, r *property.Report, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(r)
	}
	return tellReport(out, r)
}

// people is where a person reads what a program would not: nowhere with --json.
func people(out io.Writer, asJSON bool) io.Writer {
	if asJSON {
		return io.Discard
	}
	return out
}

// tellReport prints r for a person.
func tellReport(out io.Writer, r *property.Report) error {
	if r.Failure != nil && r.Whole {
		return tellAll(out, r)
	}
	if r.Failure != nil {
		fmt.Fprint(out, paint(r.Failure.String()))
		fmt.Fprintf(out, "Found in %s of strategy %s on %v.\n", numbered(r), r.Strategy, r.Setting.Host)
		return tellReplay(out, r.Failure.Trace)
	}
	verdict := "HOLDS"
	switch {
	case r.Undecided != nil:
		verdict = "UNDECIDED"
	case r.Verdict().Bad():
		verdict = "VIOLATED, though no schedule fails,"
	}
	fmt.Fprintln(out, paint(property.Wrap(fmt.Sprintf("%s: %s in %s (%s, %v, seed %d)", r.Lab, verdict,
		property.Count(r.Schedules, "schedule"), r.Strategy, r.Setting.Host, r.Inject.Seed), "  ")))
	fmt.Fprintln(out, property.Wrap("exhaustive: "+exhaustive(r), "  "))
	tellOutcomes(out, r)
	for _, state := range r.Unreached {
		fmt.Fprintln(out, property.Wrap("Never reached: "+state+".", "  "))
	}
	if len(r.Unreached) > 0 && r.Why != "" {
		fmt.Fprintln(out, property.Wrap("Why: "+r.Why, "  "))
	}
	fmt.Fprint(out, r.LockOrder()+r.Busy)
	if r.Race == nil {
		return nil
	}
	fmt.Fprint(out, "\n"+paint(r.Race.Text()))
	return tellReplay(out, r.Raced)
}

// tellAll prints r, of a search that went on after the first failure: how many
// schedules failed, in which outcomes, and the first in short.
func tellAll(out io.Writer, r *property.Report) error {
	t := r.Failure.Trace
	fmt.Fprintln(out, paint(property.Wrap(fmt.Sprintf("%s: %s in %d of %s (%s, %v, seed %d)", r.Lab, strings.ToUpper(t.Verdict.String()),
		r.Failures, property.Count(r.Schedules, "schedule"), r.Strategy, r.Setting.Host, r.Inject.Seed), "  ")))
	fmt.Fprintln(out, property.Wrap("exhaustive: "+exhaustive(r), "  "))
	tellOutcomes(out, r)
	fmt.Fprintf(out, "The first, %s, made small:\n%s", numbered(r), paint(r.Failure.Headline()))
	return tellReplay(out, t)
}

// numbered says which schedule the first failure is, and of what.
func numbered(r *property.Report) string {
	if r.FirstShard.Of > 1 {
		return fmt.Sprintf("schedule %d of shard %v", r.FirstFailure, r.FirstShard)
	}
	return fmt.Sprintf("schedule %d", r.FirstFailure)
}

func exhaustive(r *property.Report) string {
	switch {
	case r.Cut() > 0:
		return fmt.Sprintf("no (%d of %s cut off by the step budget)", r.Cut(), property.Count(r.Schedules, "schedule"))
	case !r.Exhaustive && r.Estimate > 0:
		return fmt.Sprintf("no (%d of about %.3g)", r.Schedules, r.Estimate)
	case !r.Exhaustive:
		return "no"
	case !r.Shards.Whole():
		return fmt.Sprintf("yes, of shard %v", r.Shards)
	case r.Bound >= 0:
		return fmt.Sprintf("yes (<= %d preemptions)", r.Bound) + everywhere(r)
	}
	return "yes" + everywhere(r)
}

// everywhere says what was tried besides, wherever it can happen, and what can
// happen nowhere.
func everywhere(r *property.Report) (text string) {
	if r.Inject.Faults.None() {
		return ""
	}
	places := r.Places()
	var where []string
	nowhere := map[string][]string{} // by the reason
	for name := range strings.SplitSeq(r.Inject.Faults.String(), ",") {
		if places[name] > 0 {
			where = append(where, name)
		} else {
			why := unfit(name, r.Setting.InsideLocks)
			nowhere[why] = append(nowhere[why], name)
		}
	}
	if len(where) > 0 {
		text = ", with " + strings.Join(where, ", ") + " everywhere"
	}
	for _, why := range slices.Sorted(maps.Keys(nowhere)) {
		text += "; no place for " + strings.Join(nowhere[why], ", ") + ": " + why
	}
	return text
}

// unfit says why a fault that was asked for never happened. Who waits for a lock
// without a deadline, and is not looked into, does not sleep: it cannot be let go.
func unfit(fault string, inside bool) string {
	switch {
	case fault == inject.Signals:
		return "nobody handles one"
	case fault == trace.Timeout.String():
		return "nobody sleeps with a deadline"
	case !inside:
		return "nobody sleeps outside of locks"
	}
	return "nobody sleeps"
}

// longSchedule is the longest schedule that is printed; a longer one is written
// to a file, with its events.
const longSchedule = 200

// screenWidth is what a report fits, in columns; only a schedule may be longer:
// it is one line, to be copied.
const screenWidth = 80

// tellReplay prints the line that replays t.
func tellReplay(out io.Writer, t *trace.Trace) error {
	line := t.Schedule.String()
	if len(line) <= longSchedule {
		how, space := fmt.Sprintf("shmrace replay '%s'", line), " "
		if len("Replay: "+how) > screenWidth {
			space = "\n"
		}
		fmt.Fprintf(out, "Replay:%s%s\n", space, how)
		return nil
	}
	name := strings.ReplaceAll(t.Schedule.Lab, "/", "-") + "-" + t.Schedule.Hash + ".trace"
	if err := os.WriteFile(name, []byte(t.String()), 0o644); err != nil {
		return fmt.Errorf("the schedule has %d characters and cannot be written to a file: %w", len(line), err)
	}
	fmt.Fprintf(out, "Replay: shmrace replay %s\n", name)
	return nil
}
