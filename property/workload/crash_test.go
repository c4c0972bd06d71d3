package workload_test

import (
	"slices"
	"testing"

	"shmrace/inject"
	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// crashes says how a mortal lab is tried: which actors are killed, and up to how
// many preemptions, without and with points inside of locks. The first two and
// all, if it does not say.
var crashes = map[string]struct {
	victims             uint64
	preemptions, inside int
	size                shmlab.Size // the lab's, if zero
}{
	"robust/permits":          {victims: 7, preemptions: 3, inside: 1, size: shmlab.Size{Actors: 3, Ops: 1}},
	"robust/rwlock":           {victims: 3, preemptions: all, inside: 3},
	"robust/barrier":          {victims: 3, preemptions: all, inside: 3},
	"robust/waitgroup":        {victims: 3, preemptions: all, inside: 3}, // not the one that waits
	"robust/queue":            {victims: 7, preemptions: all, inside: 2},
	"robustcond/kit":          {victims: 7, preemptions: all, inside: 1},
	"robustcond/inconsistent": {victims: 7, preemptions: all, inside: 1},
	"lastwords/by-hand":       {victims: 3, preemptions: 2, inside: 1},
	"lastwords/kit":           {victims: 3, preemptions: all, inside: 3},
	"poisoned/handshake":      {victims: 7, preemptions: 1, inside: 1},
	"poisoned/sequence":       {victims: 7, preemptions: 2, inside: 1},
	"robustcond/takers":       {victims: 3, preemptions: 3, inside: 1}, // not the one that signals
}

const all = inject.Unbounded

// Each mortal lab survives a kill of each actor at each point, in all schedules
// or in those within the bound; each wrong one is found wrong, and only with a kill.
func TestCrashes(t *testing.T) {
	for _, lab := range append(slices.Clone(workload.Catalog), shmlab.AnyLab(workload.RobustCondTakers)) {
		d := lab.Describe()
		if !d.Mortal {
			continue
		}
		t.Run(d.Name, func(t *testing.T) {
			how, found := crashes[d.Name]
			if !found {
				how.victims, how.preemptions, how.inside = 3, all, all
			}
			if d.Why != "" {
				if runs, bad := every(t, lab, shmlab.Setting{Host: shmlab.Coroutines}, inject.NewDPOR()); bad.Bad() {
					t.Errorf("without a kill the verdict is %v after %d schedules", bad, runs)
				}
			}
			for _, inside := range []bool{false, true} {
				if testing.Short() && inside && d.Why != "" {
					continue // it was found wrong without, in fewer schedules
				}
				bound := how.preemptions
				if inside {
					bound = how.inside
				}
				if testing.Short() && (bound == all || bound > 1) {
					bound = 1
				}
				faults := inject.Kills
				faults.Victims = how.victims
				s := inject.NewSweep(faults, within(bound))
				runs, bad := every(t, lab, shmlab.Setting{Host: shmlab.Coroutines, InsideLocks: inside, Size: how.size}, s)
				t.Logf("inside %v, at most %d preemptions: %d schedules, %v", inside, bound, runs, bad)
				if wrong := d.Why != ""; wrong != bad.Bad() {
					t.Errorf("inside %v: after %d schedules the verdict is %v, and the lab is wrong: %v", inside, runs, bad, wrong)
				}
			}
		})
	}
}

// The kernel wakes whoever a death leaves waiting for a RobustMutex: no nap has to
// end for that.
func TestRobustMutexNeedsNoNap(t *testing.T) {
	b, err := shmlab.Open(workload.RobustMutexKit, shmlab.Setting{Host: shmlab.Coroutines, InsideLocks: true, Size: shmlab.Size{Actors: 3, Ops: 1}})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	s := inject.NewSweep(inject.Kills, within(1))
	kills := 0
	for s.Begin() {
		run, err := b.Run(s)
		if slices.ContainsFunc(run.Decisions, func(d trace.Decision) bool { return d.Fault == trace.Kill }) {
			kills++
		}
		if err != nil || run.Verdict.Bad() {
			t.Fatalf("%v: %v %v", b.Schedule(run), run.Reason, err)
		}
		if slices.ContainsFunc(run.Decisions, func(d trace.Decision) bool { return d.Fault == trace.Spurious }) {
			t.Fatalf("%v: a nap had to end", b.Schedule(run))
		}
	}
	t.Logf("%d schedules with a kill", kills)
}

// within returns what begins a search of all schedules within a bound.
func within(bound int) func() shmlab.Strategy {
	return func() shmlab.Strategy {
		if bound == all {
			return inject.NewDPOR()
		}
		return inject.NewBoundedDPOR(bound)
	}
}

// Where one producer may be killed there are two, or nothing is left to wait for:
// the smallest size of these labs, at which all schedules hold, says so.
func TestASoleProducerIsRefused(t *testing.T) {
	for _, lab := range []shmlab.AnyLab{workload.RobustQueue, workload.RobustCondKit} {
		name := lab.Describe().Name
		_, err := shmlab.Open(lab, shmlab.Setting{Host: shmlab.Coroutines, Size: shmlab.Size{Actors: 2, Ops: 1}})
		if want := "lab " + name + " has 3 actors and cannot have 2"; err == nil || err.Error() != want {
			t.Errorf("%s: %v, expected %q", name, err, want)
		}
		runs, verdict := every(t, lab, shmlab.Setting{Host: shmlab.Coroutines}, inject.NewSweep(inject.Kills, within(all)))
		if verdict != trace.Holds {
			t.Errorf("%s: %v after %d schedules", name, verdict, runs)
		}
	}
}
