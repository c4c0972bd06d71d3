package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"shmrace/property"
	"shmrace/shmlab"
)

// The exit statuses.
const (
	statusHolds     = 0
	statusViolated  = 1
	statusUsage     = 2
	statusUndecided = 3
)

// An exit is an error that says how the command ends. Without a message there
// is nothing more to say.
type exit struct {
	status int
	err    error
}

func (e *exit) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

// usage is a wrong wish of the user.
func usage(format string, args ...any) error { return &exit{statusUsage, fmt.Errorf(format, args...)} }

// undecided is an answer that could not be had.
func undecided(err error) error { return &exit{statusUndecided, err} }

// wish tells a wrong wish from what the environment lacks: a system call that
// failed.
func wish(err error) error {
	var e *exit
	var errno syscall.Errno
	switch {
	case err == nil || errors.As(err, &e):
		return err
	case errors.As(err, &errno), errors.Is(err, property.ErrNondeterministic), errors.Is(err, property.ErrAway), errors.Is(err, shmlab.ErrHost):
		return undecided(err)
	}
	return &exit{statusUsage, err}
}

// tidying is how long a command that was told to end may take to clean up.
const tidying = 2 * time.Second

// interruptible is ctx until the user or the system wants the command to end.
// Who wants it again when it should have cleaned up by then ends it at once.
func interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() { time.AfterFunc(tidying, cancel) })
	return ctx, cancel
}
