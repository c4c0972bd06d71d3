package property

import (
	"context"
	"strings"
	"testing"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// Check explores lab and fails the test if it finds a schedule that fails; the
// message tells it and ends with the line that replays it. At most one Options
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
	}
	return report
}

// Again takes the steps of a schedule that Check printed, and fails the test if
// lab still fails in it, or if the schedule is not one of lab any more.
func Again(t testing.TB, lab shmlab.AnyLab, host shmlab.Host, schedule string) {
	t.Helper()
	s, err := trace.ParseSchedule(schedule)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Replay(lab, &trace.Trace{Schedule: *s}, host, nil)
	if err != nil {
		t.Fatal(err)
	}
	if f.Trace.Verdict != trace.Holds {
		t.Errorf("%v", f)
	}
}
