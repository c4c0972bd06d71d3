package property_test

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"shmrace/inject"
	"shmrace/property"
	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
	shmsync "shmrace/sync"
)

// A desk is served by one actor; another waits for it, and gives up.
type desk struct {
	Mu     shmsync.Mutex
	Robust shmsync.RobustMutex
	Sem    shmsync.Semaphore
	Cond   shmsync.Cond
	GaveUp shmlab.Uint32
	Got    shmlab.Uint32
}

// soonest is a deadline that passes before nobody else can step only as a fault.
func soonest() shmlab.Deadline { return shmlab.In(time.Hour) }

// patient are waits with a deadline, by their primitive, and what ends them.
var patient = map[string]struct {
	wait  func(p *shmlab.Proc, s *desk) error
	serve func(p *shmlab.Proc, s *desk)
}{
	"Mutex": {
		func(p *shmlab.Proc, s *desk) error { return unlocked(p, s.Mu.LockUntil(p, soonest()), s.Mu.Unlock) },
		func(p *shmlab.Proc, s *desk) {
			s.Mu.Lock(p)
			s.Mu.Unlock(p)
		},
	},
	"RobustMutex": {
		func(p *shmlab.Proc, s *desk) error {
			return unlocked(p, s.Robust.LockUntil(p, soonest()), s.Robust.Unlock)
		},
		func(p *shmlab.Proc, s *desk) {
			if s.Robust.Lock(p) == nil {
				s.Robust.Unlock(p)
			}
		},
	},
	"Semaphore": {
		func(p *shmlab.Proc, s *desk) error { return s.Sem.WaitUntil(p, soonest()) },
		func(p *shmlab.Proc, s *desk) { s.Sem.Post(p) },
	},
	"Cond": {
		func(p *shmlab.Proc, s *desk) (err error) {
			s.Mu.Lock(p)
			for err == nil && s.Got.Load(p) == 0 {
				err = s.Cond.WaitUntil(p, &s.Mu, soonest())
			}
			s.Mu.Unlock(p)
			return err
		},
		func(p *shmlab.Proc, s *desk) {
			s.Mu.Lock(p)
			s.Got.Store(p, 1)
			s.Mu.Unlock(p)
			s.Cond.Signal(p)
		},
	},
}

func unlocked(p *shmlab.Proc, err error, unlock func(p *shmlab.Proc)) error {
	if err == nil {
		unlock(p)
	}
	return err
}

// TestFaultsInWholeSteps: a primitive's wait with a deadline can be timed out,
// interrupted and woken for nothing, though it is taken as one step; and only a
// timeout makes it give up.
func TestFaultsInWholeSteps(t *testing.T) {
	for name, wait := range patient {
		lab := shmlab.Lab[desk]{
			Name: "test/patient", Size: shmlab.Size{Actors: 2, Ops: 1},
			Actors: func(shmlab.Size) []shmlab.Actor[desk] {
				return []shmlab.Actor[desk]{
					{Name: "waits", Body: func(p *shmlab.Proc, s *desk) {
						if wait.wait(p, s) != nil {
							s.GaveUp.Store(p, 1)
						}
					}},
					{Name: "serves", Body: wait.serve},
				}
			},
		}
		for _, fault := range []trace.Fault{trace.NoFault, trace.Timeout, trace.EINTR, trace.Spurious} {
			o := property.Options{Setting: shmlab.Setting{Host: shmlab.Coroutines}, Strategy: "dpor"}
			if fault != trace.NoFault {
				o.Inject.Faults = inject.Faults{Each: []trace.Fault{fault}}
			}
			gaveUp := false
			lab.Final = func(s *desk) error {
				gaveUp = gaveUp || s.GaveUp.Peek() == 1
				return nil
			}
			r, err := property.Explore(context.Background(), lab, o)
			if err != nil || r.Failure != nil || !r.Exhaustive {
				t.Fatalf("%s, %v: %+v, %v", name, fault, r, err)
			}
			if gaveUp != (fault == trace.Timeout) || fault != trace.NoFault && r.Places()[fault.String()] == 0 {
				t.Errorf("%s, %v: gave up %v, places %v", name, fault, gaveUp, r.Places())
			}
		}
	}
}

// TestPlaces: a fault that could land nowhere is told from one that did, whoever
// searched how.
func TestPlaces(t *testing.T) {
	faults := inject.Faults{Each: []trace.Fault{trace.Kill, trace.EINTR, trace.Timeout}, Signals: true}
	lab := find(t, "robust/mutex")
	for _, c := range []struct {
		strategy     string
		inside       bool
		jobs         int
		kill, eintrs bool
	}{
		{"dpor", false, 1, true, false}, {"dpor", true, 1, true, true}, {"dpor", true, 2, true, true}, {"random", true, 1, true, true},
	} {
		r, err := property.Explore(context.Background(), lab, property.Options{
			Setting: shmlab.Setting{Host: shmlab.Coroutines, InsideLocks: c.inside, Size: shmlab.Size{Actors: 2, Ops: 1}},
			Inject:  inject.Options{Faults: faults, Bounded: c.strategy == "dpor", Preemptions: 1}, Strategy: c.strategy, Jobs: c.jobs, Schedules: 20_000,
		})
		if err != nil || r.Failure != nil {
			t.Fatalf("%+v: %+v, %v", c, r, err)
		}
		places := r.Places()
		if places["kill"] > 0 != c.kill || places["eintr"] > 0 != c.eintrs || places["timeout"] != 0 || places["signals"] != 0 || len(places) != 4 {
			t.Errorf("%+v: places %v", c, places)
		}
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		again := &property.Report{}
		if err := json.Unmarshal(text, again); err != nil || !maps.Equal(again.Places(), places) {
			t.Errorf("%+v: read back the places are %v, expected %v: %v", c, again.Places(), places, err)
		}
		if err := json.Unmarshal([]byte(strings.Replace(string(text), `:0"`, `:-1"`, 1)), again); err == nil || !strings.Contains(err.Error(), "is not a place of a fault") {
			t.Errorf("%+v: a place at step -1: %v", c, err)
		}
	}
}

// find returns the lab of the catalog with that name.
func find(t *testing.T, name string) shmlab.AnyLab {
	t.Helper()
	i := slices.IndexFunc(workload.Catalog, func(l shmlab.AnyLab) bool { return l.Describe().Name == name })
	if i < 0 {
		t.Fatalf("there is no lab %s", name)
	}
	return workload.Catalog[i]
}
