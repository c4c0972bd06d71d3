package property_test

import (
	"slices"
	"testing"

	"shmrace/inject"
	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// overtakes returns how many who had come to the door before somebody took the
// lock after, at most: of a lock that is first come, first served nobody did
// (Lamport 1974). Who comes first touches the door first, a word of the lock's.
func overtakes(t *trace.Trace, door string) (most int) {
	var queue []trace.Actor
	holder := trace.Actor(-1)
	for i := range t.Events {
		switch e := &t.Events[i]; {
		case e.Kind == trace.Lock:
			place := slices.Index(queue, e.Actor)
			most, holder = max(most, place), e.Actor
			queue = slices.Delete(queue, place, place+1)
		case e.Kind == trace.Unlock:
			holder = -1
		case e.Word == door && e.Actor != holder && !slices.Contains(queue, e.Actor):
			queue = append(queue, e.Actor)
		}
	}
	return most
}

// TestFirstComeFirstServed: the kit's TicketLock and MCSLock let nobody be
// overtaken, in any schedule; its SpinLock, which claims nothing, does.
func TestFirstComeFirstServed(t *testing.T) {
	for _, c := range []struct {
		lab  shmlab.AnyLab
		door string
		want int
		size shmlab.Size
	}{
		{workload.TicketKit, "Lock.next", 0, shmlab.Size{Actors: 3, Ops: 1}},
		{workload.TicketKit, "Lock.next", 0, shmlab.Size{Actors: 2, Ops: 3}},
		{workload.MCSKit, "Lock.tail", 0, shmlab.Size{Actors: 2, Ops: 2}},
		{workload.SpinKit, "Lock.held", 1, shmlab.Size{Actors: 2, Ops: 2}},
	} {
		bench, err := shmlab.Open(c.lab, shmlab.Setting{Host: shmlab.Coroutines, Size: c.size, InsideLocks: true})
		if err != nil {
			t.Fatal(err)
		}
		most, taken, all := 0, 0, inject.NewDPOR()
		for all.Begin() {
			made, err := bench.Trace(all)
			if err != nil {
				t.Fatal(err)
			}
			if made.Verdict != trace.Holds {
				t.Fatalf("%v: %v", &made.Schedule, made.Message)
			}
			most, taken = max(most, overtakes(made, c.door)), taken+1
		}
		if err := bench.Close(); err != nil {
			t.Fatal(err)
		}
		if name := c.lab.Describe().Name; most != c.want || taken < 10 {
			t.Errorf("%s, %+v: %d were overtaken in %d schedules, expected %d", name, c.size, most, taken, c.want)
		} else {
			t.Logf("%s, %+v: %d schedules", name, c.size, taken)
		}
	}
}
