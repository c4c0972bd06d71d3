package shmsync

import (
	"errors"

	"shmrace/shmlab"
)

// What an operation returns when it is not simply done.
var (
	// ErrOwnerDied is returned by whoever gets a lock whose holder has died: it
	// holds the lock, and what the lock guards may be half changed.
	ErrOwnerDied = errors.New("the owner died")
	// ErrNotRecoverable is returned once a lock was released with what it guards
	// still half changed.
	ErrNotRecoverable = errors.New("what the lock guards was given up")
	// ErrLocked is returned by a TryLock that found the lock held.
	ErrLocked = errors.New("the lock is held")
	// ErrBroken is returned when somebody who has to come has died.
	ErrBroken = errors.New("a participant died")
	// ErrTimeout is returned when the deadline passed first.
	ErrTimeout = shmlab.ErrTimeout
)
