package property_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"shmrace/property"
	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// blocker is a lab whose first actor never comes back to a point.
var blocker = shmlab.Lab[workload.Counter]{
	Name: "test/blocker", Size: shmlab.Size{Actors: 2, Ops: 1},
	Actors: func(size shmlab.Size) []shmlab.Actor[workload.Counter] {
		return shmlab.Each(size.Actors, "blocks", func(p *shmlab.Proc, s *workload.Counter) {
			s.Count.Get(p)
			if p.Index() == 0 {
				select {}
			}
		})
	},
}

// An actor that blocks outside of any point is given up, on either host: there
// a process can be ended, here the search is left behind.
func TestExploreGivesUpAnActor(t *testing.T) {
	setting := shmlab.Setting{Host: shmlab.Coroutines, Guard: 100 * time.Millisecond}
	_, err := property.Explore(context.Background(), blocker, property.Options{Setting: setting})
	if err == nil || !strings.Contains(err.Error(), "lab test/blocker: an actor has not come back to a point for 100ms") {
		t.Errorf("on coroutines: %v", err)
	}
	setting.Host = shmlab.Processes
	r, err := property.Explore(context.Background(), blocker, property.Options{Setting: setting, Schedules: 1})
	if err != nil {
		t.Fatal(err)
	}
	if r.Verdict() != trace.Stuck {
		t.Errorf("on processes: %v, expected stuck", r.Verdict())
	}
}
