package workload_test

import (
	"math/rand/v2"
	"testing"

	"shmrace/inject"
	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// Each lab that is about a fault is found wrong with it, and only then, or holds
// with it at any place.
func TestFaults(t *testing.T) {
	tried := 0
	for _, lab := range workload.Catalog {
		d := lab.Describe()
		for _, fault := range d.Faults {
			tried++
			t.Run(d.Name+"/"+fault.String(), func(t *testing.T) {
				set := shmlab.Setting{Host: shmlab.Coroutines}
				if runs, bad := every(t, lab, set, inject.NewDPOR()); bad.Bad() {
					t.Errorf("without a fault the verdict is %v after %d schedules", bad, runs)
				}
				s := inject.NewSweep(inject.Faults{Each: []trace.Fault{fault}}, within(all))
				runs, bad := every(t, lab, set, s)
				t.Logf("%d schedules, %v", runs, bad)
				if wrong := d.Why != ""; wrong != bad.Bad() {
					t.Errorf("after %d schedules the verdict is %v, and the lab is wrong: %v", runs, bad, wrong)
				}
				processes := open(t, lab, shmlab.Setting{}, shmlab.Processes)
				for before := range 8 {
					scene := inject.Scene{Fault: fault, Before: before, Others: before}
					agree(t, processes, open(t, lab, shmlab.Setting{}, shmlab.Coroutines), begun(inject.NewPlay(scene, 1)))
				}
			})
		}
	}
	if tried < 8 {
		t.Errorf("%d labs are about a fault, expected at least 8", tried)
	}
}

// often does a fault to somebody, if that can be, before every third step or so.
type often struct {
	*inject.Random
	fault trace.Fault
	rng   *rand.Rand
	done  int
}

func (s *often) Next(c *shmlab.Choice) trace.Decision {
	fault := trace.Decision{Actor: trace.Actor(s.rng.IntN(c.Actors())), Fault: s.fault}
	if s.rng.IntN(3) == 0 && c.Takes(fault) {
		s.done++
		return fault
	}
	return s.Random.Next(c)
}

// What holds with a fault holds with many, and in a larger size.
func TestManyFaults(t *testing.T) {
	for _, lab := range workload.Catalog {
		d := lab.Describe()
		if d.Why != "" || len(d.Faults) == 0 {
			continue
		}
		bench := open(t, lab, shmlab.Setting{Size: shmlab.Size{Actors: 3, Ops: 2}}, shmlab.Coroutines)
		s := &often{inject.NewRandom(1), d.Faults[0], rand.New(rand.NewPCG(1, 1)), 0}
		for range 2_000 {
			run, err := bench.Run(begun(s))
			if err != nil {
				t.Fatal(err)
			}
			if run.Verdict != trace.Holds {
				schedule := bench.Schedule(run)
				t.Errorf("%v: %v: %v", &schedule, run.Verdict, run.Reason)
				break
			}
		}
		t.Logf("%s: %d of %v", d.Name, s.done, s.fault)
		if s.done < 200 {
			t.Errorf("%s: %d times %v, expected many", d.Name, s.done, s.fault)
		}
	}
}
