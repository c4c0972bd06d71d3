package property

import (
	"testing"
	"time"

	"shmrace/shmlab"
)

// The time of who holds a step is not an actor's: the guard does not count it.
func TestPatient(t *testing.T) {
	lab := shmlab.Lab[struct{ N shmlab.Uint32 }]{Name: "test/any"}
	setting := shmlab.Setting{Host: shmlab.Coroutines, Guard: 100 * time.Millisecond}
	hold := func(int) { time.Sleep(5 * setting.Guard) }
	if _, err := watch(lab, setting, func(alive func()) (bool, error) { patient(alive, hold)(1); return true, nil }); err != nil {
		t.Error("who holds a step is taken for an actor that does not come back:", err)
	}
	if _, err := watch(lab, setting, func(alive func()) (bool, error) { hold(1); return true, nil }); err == nil {
		t.Error("an actor that does not come back is waited for")
	}
}
