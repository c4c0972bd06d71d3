package property_test

import (
	"strings"
	"testing"

	"shmrace/inject"
	"shmrace/property"
	"shmrace/property/workload"
	"shmrace/shmlab"
)

// TestLockOrder: a circle of locks is told though nobody has met in it: as a
// danger if not all schedules were tried, as kept apart if they were. Where
// there is none, none is told.
func TestLockOrder(t *testing.T) {
	bounded := property.Options{
		Setting: shmlab.Setting{Host: shmlab.Coroutines}, Strategy: "dfs", Inject: inject.Options{Bounded: true},
	}
	for _, c := range []struct {
		lab     shmlab.AnyLab
		options property.Options
		want    string
	}{
		{workload.TransferArgumentOrder, bounded, `Lock order: Accounts[0].Mu -> Accounts[1].Mu -> Accounts[0].Mu is a cycle. A
  deadlock is possible.
  A takes Accounts[1].Mu while it holds Accounts[0].Mu (transfer.go:`},
		{workload.PhilosophersWaiter, property.Options{Setting: bounded.Setting, Strategy: "dpor"}, `Lock order: Forks[0] -> Forks[1] -> Forks[2] -> Forks[0] is a cycle. No
  schedule of this size deadlocks: something else keeps them apart.
  A takes Forks[1] while it holds Forks[0] (philosophers.go:`},
		{workload.TransferOrdered, bounded, ""},
		{workload.PhilosophersOrdered, bounded, ""},
	} {
		r := explore(t, c.lab, c.options)
		if text := r.LockOrder(); r.Failure != nil || !strings.HasPrefix(text, c.want) || c.want == "" && text != "" {
			t.Errorf("%s: told %q, expected %q", r.Lab, text, c.want)
		}
	}
}

// TestDeadlockInACircle: a failure says who waits for whom.
func TestDeadlockInACircle(t *testing.T) {
	const want = "\nDeadlock: A -> B -> A, each waits for what the next one holds.\n"
	if text := failed(t, workload.TransferArgumentOrder, shmlab.Coroutines).String(); !strings.Contains(text, want) {
		t.Errorf("expected %q in\n%s", want, text)
	}
	if text := failed(t, workload.MutexNeverWakes, shmlab.Coroutines).String(); strings.Contains(text, "Deadlock: ") {
		t.Errorf("nobody holds anything, and yet\n%s", text)
	}
}
