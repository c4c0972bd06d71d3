package property_test

import (
	"context"
	"strings"
	"testing"

	"shmrace/property"
	"shmrace/property/workload"
	"shmrace/shmlab"
)

func explore(t *testing.T, lab shmlab.AnyLab, o property.Options) *property.Report {
	t.Helper()
	r, err := property.Explore(context.Background(), lab, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestRaceTold: a failure tells its data race, in few words if it is of the two
// accesses that decide, and not if nobody wants to know.
func TestRaceTold(t *testing.T) {
	for _, c := range []struct {
		lab  shmlab.AnyLab
		want string
	}{
		{workload.CounterUnlocked, "\nData race: nothing orders the two. No lock protects it anywhere.\n"},
		{workload.CounterHalfLocked, "\nData race: A reads Count (counter.go:"},
		{workload.CounterLoadStore, ""},
	} {
		lab, want := c.lab, c.want
		o := coroutines(2, 1)
		f := explore(t, lab, o).Failure
		if f == nil || !strings.Contains(f.String(), want) || strings.Contains(f.String(), "Data race") != (want != "") {
			t.Errorf("expected %q in\n%v", want, f)
		}
		if rows := strings.Count(f.String(), "\n"); rows > 20 {
			t.Errorf("%d rows:\n%v", rows, f)
		}
		o.NoRace = true
		if f = explore(t, lab, o).Failure; f.Race != nil || strings.Contains(f.String(), "Data race") {
			t.Errorf("a race is told though nobody wants to know:\n%v", f)
		}
	}
}

// TestRaceWithoutHarm: a lab that holds in every schedule may have a data race.
func TestRaceWithoutHarm(t *testing.T) {
	o := coroutines(2, 1)
	o.Schedules = 100
	r := explore(t, workload.LitmusMP, o)
	if r.Failure != nil || r.Race == nil || r.Race.Schedule.Hash == "" || len(r.Raced.Events) == 0 {
		t.Errorf("failure %v, race %v", r.Failure, r.Race)
	}
	if r := explore(t, workload.CounterMutex, o); r.Race != nil {
		t.Errorf("a race where there is none:\n%v", r.Race)
	}
	o.NoRace = true
	if r := explore(t, workload.LitmusMP, o); r.Race != nil {
		t.Errorf("a race is told though nobody wants to know:\n%v", r.Race)
	}
}
