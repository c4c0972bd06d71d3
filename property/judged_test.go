package property_test

import (
	"errors"
	"strings"
	"testing"

	"shmrace/inject"
	"shmrace/property"
	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// TestOperations: what operations return is judged on both hosts, also when
// somebody was killed in one, whose operation may or may not have happened. A
// failure replays, and without a judge nobody sees it.
func TestOperations(t *testing.T) {
	for _, lab := range workload.Operations {
		d := lab.Describe()
		for _, host := range hosts {
			o := property.Options{Setting: shmlab.Setting{Host: host}, Strategy: "dpor"}
			r := explore(t, lab, o)
			if wrong := d.Why != ""; (r.Failure != nil) != wrong || !wrong && !r.Exhaustive {
				t.Errorf("%s on %v: %v, exhaustive: %v", d.Name, host, r.Verdict(), r.Exhaustive)
			}
			if r.Failure == nil {
				continue
			}
			if m := r.Failure.Trace.Message; !strings.HasPrefix(m, "the counter is not linearizable: ") {
				t.Errorf("%s: %s", d.Name, m)
			}
			f, err := property.Replay(lab, r.Failure.Trace, host, nil)
			if err != nil || f.Trace.Verdict != trace.Violated {
				t.Errorf("%s: the replay: %v, %v", d.Name, f, err)
			}
			bench := opened(t, lab, host)
			replay := inject.NewReplay(r.Failure.Trace.Schedule.Decisions)
			replay.Begin()
			if run, err := bench.Run(replay); err != nil || run.Verdict != trace.Holds {
				t.Errorf("%s: without a judge: %v, %v", d.Name, run.Verdict, err)
			}
		}
	}
	for _, lab := range []shmlab.AnyLab{workload.OperationsAtomic, workload.OperationsQueue} {
		o := property.Options{
			Setting: shmlab.Setting{Host: shmlab.Coroutines}, Schedules: 500, Strategy: "random", Inject: inject.Options{Faults: inject.Kills},
		}
		if r := explore(t, lab, o); r.Failure != nil && r.Failure.Trace.Verdict == trace.Violated {
			t.Errorf("with kills:\n%v", r.Failure)
		}
	}
}

// opened returns a bench that nobody judges.
func opened(t *testing.T, lab shmlab.AnyLab, host shmlab.Host) *shmlab.Bench {
	t.Helper()
	bench, err := shmlab.Open(lab, shmlab.Setting{Host: host})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { bench.Close() })
	return bench
}

// TestPage: a page has the operations and the faults, and a lab without
// operations has no page.
func TestPage(t *testing.T) {
	s, err := trace.ParseSchedule("shmrace/1 operations/reads-later actors=2 ops=1 : A kill(A) B2")
	if err != nil {
		t.Fatal(err)
	}
	f, err := property.Replay(workload.OperationsReadsLater, &trace.Trace{Schedule: *s}, shmlab.Coroutines, nil)
	if err != nil || f.Trace.Verdict != trace.Holds {
		t.Fatalf("%v, %v", f, err)
	}
	var page strings.Builder
	if err := property.Page(&page, workload.OperationsReadsLater, f.Trace); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"inc never returns", "inc -\\u003e 2", `"kill"`} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("no %s in the page", want)
		}
	}
	if err := property.Page(&page, workload.CounterMutex, f.Trace); !errors.Is(err, property.ErrNoOperations) {
		t.Errorf("a page of a lab without operations: %v", err)
	}
}
