package ipc

import (
	"errors"
	"time"
)

// A Channel is one end of a way for messages from one process to another. The
// sending end sends, the receiving end receives; an end belongs to one
// goroutine. Whatever the mechanism, a message arrives whole, once, and in order.
type Channel interface {
	// Send sends a message of at most 64 KiB. It waits until there is room,
	// and returns ErrTimeout if there is none by the deadline. ErrClosed and
	// ErrDied say that nobody will receive it; not every mechanism can tell at once.
	Send(message []byte, deadline time.Time) error
	// Receive takes the next message and returns its length. It returns
	// ErrTimeout if none comes by the deadline, ErrClosed when the sender closed
	// its end and all was received, ErrDied when it ended without doing so.
	Receive(buffer []byte, deadline time.Time) (int, error)
	// Close closes this end, in order: the other end is told.
	Close() error
}

// Deadlines of a [Channel]. The zero time is never; any time that has passed
// means to try and not to wait.
var (
	Never time.Time
	Now   = time.Unix(1, 0)
)

// What the two ends of a [Channel] are told.
var (
	ErrTimeout = errors.New("not before the deadline")
	ErrClosed  = errors.New("the other end is closed")
	ErrDied    = errors.New("the process at the other end has died")
)

// MaxMessage is the longest message that every [Channel] carries, in bytes.
const MaxMessage = 1 << 16
