package workload_test

import (
	"testing"

	"shmrace/inject"
	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// blows is a search of all schedules in which one actor, the victim, suffers one
// fault, once, at any step at which it can: as inject.Deaths.
type blows struct {
	*inject.DFS
	fault   trace.Fault
	victims int
	victim  int
	at      int
	longest int // steps of a schedule
	faults  int // schedules with one
}

func newBlows(fault trace.Fault, victims int) *blows {
	return &blows{DFS: everything(), fault: fault, victims: victims}
}

func everything() *inject.DFS {
	return inject.NewDFS(inject.Bound{Preemptions: inject.Unbounded, Delays: inject.Unbounded})
}

func (s *blows) Begin() bool {
	for !s.DFS.Begin() {
		if s.victim++; s.victim == s.victims {
			if s.at > s.longest {
				return false // no schedule has so many steps
			}
			s.victim = 0
			s.at++
		}
		s.DFS = everything()
	}
	return true
}

func (s *blows) Next(c *shmlab.Choice) trace.Decision {
	s.longest = max(s.longest, c.Step)
	blow := trace.Decision{Actor: trace.Actor(s.victim), Fault: s.fault}
	if c.Step == s.at && c.Takes(blow) {
		s.faults++
		return blow
	}
	return s.DFS.Next(c)
}

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
				s := newBlows(fault, d.Size.Actors)
				runs, bad := every(t, lab, set, s)
				t.Logf("%d schedules, %d with a fault, %v", runs, s.faults, bad)
				if wrong := d.Why != ""; wrong != bad.Bad() {
					t.Errorf("after %d schedules the verdict is %v, and the lab is wrong: %v", runs, bad, wrong)
				}
				if s.faults == 0 {
					t.Error("the fault never came")
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
