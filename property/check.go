package property

import (
	"context"
	"testing"

	"shmrace/shmlab"
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
		t.Errorf("%v\n%s", report.Failure, report.Failure.Trace.Schedule.String())
	} else if report.Undecided != nil {
		t.Errorf("%s: nothing can be said: %v", report.Lab, report.Undecided)
	}
	return report
}
