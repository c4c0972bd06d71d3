package ipc

import (
	"context"
	"errors"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Who waits in vain says that it is late, and not that anything is wrong.
func TestLate(t *testing.T) {
	stop, err := unix.Eventfd(0, unix.EFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(stop)
	s := &Stage{ctx: context.Background(), stop: stop, guard: time.Millisecond}
	for name, wait := range map[string]func(){
		"poll":  func() { s.poll(stop, "nobody") },
		"await": func() { s.await("nobody", func() bool { return false }) },
	} {
		if s.part("", wait); !errors.Is(s.report.Err, ErrLate) {
			t.Errorf("%s: %v, expected %v", name, s.report.Err, ErrLate)
		}
	}
}
