package property_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"shmrace/inject"
	"shmrace/property"
	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// Where a fault decides, it is named and marked, and without it the same steps
// hold.
func TestFaultDecides(t *testing.T) {
	for name, want := range map[string]string{
		"torn/abandoned": "What decides: A is KILLED in step 3, after its step 2 (torn.go:",
		"eintr/success":  "What decides: A gets EINTR in step 3, after its step 2 (eintr.go:",
		"handler/counts": "What decides: A gets USR1 in step 2, after its step 1 (handler.go:",
	} {
		lab, err := workload.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, host := range hosts {
			f := explored(t, lab, host, 1).Failure
			if f == nil {
				t.Fatalf("%s on %v does not fail", name, host)
			}
			text := f.String()
			fits(t, text)
			if !strings.Contains(text, want) || !strings.Contains(text, fmt.Sprintf("\n>%4d ", f.Blow)) {
				t.Errorf("%s on %v: no %q, or no mark, in\n%s", name, host, want, text)
			}
			if verdict := without(t, lab, f); verdict != trace.Holds {
				t.Errorf("%s on %v: %v without the fault", name, host, verdict)
			}
		}
	}
}

// Who died of a signal is told where and of what, also when he held a lock; of the
// rows of that step only the fault's is marked.
func TestDiedOfASignal(t *testing.T) {
	for name, wants := range map[string][]string{
		"counter/mutex": {"A waits for Mu; B, which died of USR1 in step 2, holds Mu.\n", "\n>   2      ", "\n    2 s.Mu.Lock(p)            WAITS for Mu\n"},
		"fair/ticket":   {"A waits for Called.\nWhat decides: B died of USR1 in step 2, after its step 1 (fair.go:"},
	} {
		lab, err := workload.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		r := whatever(t, lab, property.Options{
			Setting: shmlab.Setting{Host: shmlab.Coroutines},
			Inject:  inject.Options{Faults: inject.Faults{Each: []trace.Fault{trace.Usr1}}},
		})
		if r.Failure == nil {
			t.Fatalf("%s does not fail", name)
		}
		text := r.Failure.String()
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%s", name, want, text)
			}
		}
		if n := strings.Count(text, "\n>"); n != 1 {
			t.Errorf("%s: %d rows are marked in\n%s", name, n, text)
		}
	}
}

// without takes a failure's steps but for the fault that decides.
func without(t *testing.T, lab shmlab.AnyLab, f *property.Failure) trace.Verdict {
	t.Helper()
	var rest []trace.Decision
	for i, d := range f.Trace.Schedule.Decisions {
		if i+1 != f.Blow {
			rest = append(rest, d)
		}
	}
	bench, err := shmlab.Open(lab, property.SettingOf(&f.Trace.Schedule, shmlab.Coroutines))
	if err != nil {
		t.Fatal(err)
	}
	defer bench.Close()
	run, err := bench.Run(inject.Begun(inject.NewOrder(rest)))
	if err != nil {
		t.Fatal(err)
	}
	return run.Verdict
}

// A fault that comes but does not decide is not named: the lost update is lost
// with it and without it.
func TestFaultDoesNotDecide(t *testing.T) {
	r, err := property.Explore(context.Background(), workload.CounterUnlocked, property.Options{
		Setting: shmlab.Setting{Host: shmlab.Coroutines},
		Inject:  inject.Options{Faults: inject.Faults{Each: []trace.Fault{trace.Stop}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if f := r.Failure; f == nil || f.Blow != 0 || !strings.Contains(f.String(), "What decides: A reads Count") {
		t.Errorf("%v", f)
	}
	known := trace.Trace{}
	s, err := trace.ParseSchedule("shmrace/1 counter/unlocked actors=2 ops=1 : A stop(B) cont(B) B2 A")
	if err != nil {
		t.Fatal(err)
	}
	known.Schedule = *s
	f, err := property.Replay(workload.CounterUnlocked, &known, shmlab.Coroutines, nil)
	if err != nil {
		t.Fatal(err)
	}
	if f.Trace.Verdict != trace.Violated || f.Blow != 0 {
		t.Errorf("%v: step %d decides, expected none", f.Trace.Verdict, f.Blow)
	}
}
