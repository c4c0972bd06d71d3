package property

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"shmrace/inject"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// Check explores lab and fails the test if it finds a schedule that fails; the
// message tells it and ends with the line that replays it. If it finds none, go test
// -v says how many schedules were tried and whether these are all. At most one Options
// may be given. Actors are processes unless the options say otherwise, and then
// TestMain calls [shmlab.Serve].
func Check(t testing.TB, lab shmlab.AnyLab, options ...Options) *Report {
	t.Helper()
	var o Options
	if len(options) > 0 {
		o = options[0]
	}
	report, err := Explore(context.Background(), lab, o)
	if err != nil {
		t.Fatal(err)
	}
	if report.Failure != nil {
		host := [...]string{"shmlab.Processes", "shmlab.Coroutines"}[report.Setting.Host]
		t.Errorf("%vReplay: property.Again(t, lab, %s, %q)", report.Failure, host, report.Failure.Trace.Schedule.String())
	} else if len(report.Unreached) > 0 {
		t.Errorf("%s: no schedule comes to: %s", report.Lab, strings.Join(report.Unreached, "; "))
	} else if report.Undecided != nil {
		t.Errorf("%s: nothing can be said: %v", report.Lab, report.Undecided)
	} else {
		t.Logf("%s: HOLDS in %s, exhaustive: %s", report.Lab, Count(report.Schedules, "schedule"), map[bool]string{false: "no", true: "yes"}[report.Exhaustive && report.Bound < 0])
	}
	return report
}

// Again takes the steps of a schedule that Check printed, and fails the test if
// lab still fails in it, or if the schedule is not one of lab any more: of a lab
// that was mended it often is none, and the message says how far it holds.
func Again(t testing.TB, lab shmlab.AnyLab, host shmlab.Host, schedule string) {
	t.Helper()
	s, err := trace.ParseSchedule(schedule)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Replay(lab, &trace.Trace{Schedule: *s}, host, nil)
	var changed *Mismatch
	if errors.As(err, &changed) {
		t.Fatalf("%v\n%s", err, since(lab, SettingOf(s, host), s.Decisions))
	}
	if err != nil {
		t.Fatal(err)
	}
	if f.Trace.Verdict != trace.Holds {
		t.Errorf("%v", f)
	}
}

// since says how a lab does now that a schedule does not fit any more: in the same
// order of steps, where who must wait waits.
func since(lab shmlab.AnyLab, setting shmlab.Setting, decisions []trace.Decision) string {
	setting, err := Judged(lab, setting)
	if err != nil {
		return ""
	}
	run, err := watch(lab, setting, func(func()) (run shmlab.Run, err error) {
		bench, err := shmlab.Open(lab, setting)
		if err != nil {
			return run, err
		}
		defer bench.Close()
		return bench.Run(inject.Begun(inject.NewOrder(decisions)))
	})
	switch {
	case err != nil:
		return ""
	case run.Verdict == trace.Holds:
		return Wrap("If you have changed the lab, well done so far: in the same order of steps, where who must wait waits, it now HOLDS. "+
			"That is one schedule. property.Check(t, lab) tries the others; then this line can go.", "")
	}
	return Wrap(fmt.Sprintf("In the same order of steps, as far as they can be taken, it is %v now: %v. property.Check(t, lab) prints a schedule that fits.", run.Verdict, run.Reason), "")
}
