package property_test

import (
	"context"
	"os"
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
	if err == nil || !strings.Contains(err.Error(), "lab test/blocker: nothing can be said: an actor has not come back to a point for 100ms") {
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

// dier is a lab whose first actor ends its process if the other came first.
var dier = shmlab.Lab[workload.Counter]{
	Name: "test/dier", Size: shmlab.Size{Actors: 2, Ops: 3},
	Actors: func(size shmlab.Size) []shmlab.Actor[workload.Counter] {
		return shmlab.Each(size.Actors, "dies", func(p *shmlab.Proc, s *workload.Counter) {
			for range size.Ops {
				if s.Count.Get(p) == 1 && p.Index() == 0 {
					os.Exit(7)
				}
				s.Count.Set(p, int64(p.Index()))
			}
		})
	},
}

// An actor that ends its process is looked into between processes only: on
// coroutines it would end the search, which is seen by this test being over.
func TestExploreSurvivesAnActor(t *testing.T) {
	f := failed(t, dier, shmlab.Processes)
	if f.Trace.Verdict != trace.Violated || f.Trace.Message != "A died: exit status 7" {
		t.Errorf("%v: %s", f.Trace.Verdict, f.Trace.Message)
	}
	if s := &f.Trace.Schedule; s.Ops != 1 || f.Trace.Preemptions != 0 {
		t.Errorf("%v with %d preemptions: expected one operation and none", s, f.Trace.Preemptions)
	}
}
