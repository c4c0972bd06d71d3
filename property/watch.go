package property

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"shmrace/shmlab"
)

// ErrAway says that a search could not go on: an actor stays away from its points.
var ErrAway = errors.New("nothing can be said")

// watch runs work, which calls alive now and then. A coroutine that blocks
// outside of any point cannot be ended: when nothing was heard of it for the
// setting's guard, watch returns without it.
func watch[T any](lab shmlab.AnyLab, setting shmlab.Setting, work func(alive func()) (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	var beats atomic.Int64
	done := make(chan result, 1)
	go func() {
		value, err := work(func() { beats.Add(1) })
		done <- result{value, err}
	}()
	guard := setting.Guard
	if guard == 0 {
		guard = shmlab.DefaultGuard
	}
	for last := int64(-1); ; {
		select {
		case r := <-done:
			return r.value, r.err
		case <-time.After(guard):
			now := beats.Load()
			if now == last && setting.Host == shmlab.Coroutines {
				var none T
				return none, fmt.Errorf("lab %s: %w: an actor has not come back to a point for %v: it blocks or loops outside of any", lab.Describe().Name, ErrAway, guard)
			}
			last = now
		}
	}
}

// patient is hold, whose time is not an actor's: alive is called meanwhile.
func patient(alive func(), hold func(step int)) func(step int) {
	return func(step int) {
		over := make(chan struct{})
		defer close(over)
		go func() {
			for tick := time.NewTicker(beat); ; {
				select {
				case <-over:
					tick.Stop()
					return
				case <-tick.C:
					alive()
				}
			}
		}()
		hold(step)
	}
}

// beat is how often alive is called for somebody who waits; any guard is longer.
const beat = 10 * time.Millisecond
