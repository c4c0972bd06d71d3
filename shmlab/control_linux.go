package shmlab

import (
	"fmt"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"

	"shmrace/shmlab/trace"
)

// A control is the words that the supervisor shares with one worker, in a
// mapping apart from the state's. Whose turn it is says who may write the rest:
//
//	turn         supervisor -> worker     the order and the reply are given
//	             worker -> supervisor     the worker has arrived and says where
//
// The supervisor believes nothing of it unchecked.
type control struct {
	turn     atomic.Uint32
	free     atomic.Uint32 // a free run's start signal
	order    order
	recorded bool
	observed bool
	cpu      int32 // to be pinned to
	rules    rules // of a free run
	start    Deadline
	storm    Storm
	reply    uint64
	summons  summons
	deaths   uint64 // which actors of the run have been killed
	arrivals uint64 // how often the worker has arrived; counts up by one
	point    Point
	effect   effect
	touched  touches
	robust   robust
	handles  uint32
	text     [textSize]byte
	textLen  uint32
	lineLen  uint32
	lines    [stackDepth]uint64 // relative to lineBase
}

const textSize = 1024

// Whose turn it is.
const (
	supervisors uint32 = iota
	workers
)

// An order is what a worker is let go for.
type order uint32

const (
	goOn    order = iota // from the point it stands at
	perform              // its code, stepped
	runFree              // its code, in a free run
	giveUp               // unwind
	lighten              // nothing but what there is to be done once before a free run
)

// newControl makes a control and returns its file and mapping.
func newControl() (fd int, c *control, err error) {
	fd, err = sealedFile("shmrace-control", int64(unsafe.Sizeof(control{})))
	if err != nil {
		return -1, nil, err
	}
	if c, err = mapControl(fd); err != nil {
		unix.Close(fd)
	}
	return fd, c, err
}

func mapControl(fd int) (*control, error) {
	b, err := mapShared(fd, 0, unsafe.Sizeof(control{}), trace.MaxActors+1)
	if err != nil {
		return nil, err
	}
	return (*control)(unsafe.Pointer(unsafe.SliceData(b))), nil
}

func (c *control) unmap() error {
	return unmap(unsafe.Slice((*byte)(unsafe.Pointer(c)), unsafe.Sizeof(*c)))
}

// pass gives the turn to the other side.
func (c *control) pass(to uint32) {
	c.turn.Store(to) // publishes what was written before; pairs with the load in await
	futexWake(&c.turn, 1)
}

// await returns true when it is my turn, false when the deadline has passed.
func (c *control) await(mine uint32, deadline Deadline) bool {
	for {
		turn := c.turn.Load()
		if turn == mine {
			return true
		}
		if deadline != 0 && monotonic() >= int64(deadline) {
			return false
		}
		futexWait(&c.turn, turn, deadline) // returns at once if the turn was passed since the load
	}
}

// tell writes where p stands.
func (c *control) tell(p *Proc) {
	c.point, c.effect, c.touched, c.robust = p.at.point, p.at.effect, p.at.touched, p.at.robust
	c.handles = p.at.handles
	c.textLen = uint32(copy(c.text[:], p.at.text))
	c.lineLen = uint32(len(p.at.lines))
	for i, pc := range p.at.lines {
		c.lines[i] = uint64(pc - lineBase)
	}
	c.arrivals++
}

// aWord reports whether a state can have a word there, if it is one of the state.
func aWord(off uint32, bytes uint8, state uintptr) bool {
	switch bytes {
	case 0:
		return off == 0
	case 1, 2, 4, 8:
		return off == outside || off%uint32(bytes) == 0 && uintptr(off)+uintptr(bytes) <= state
	}
	return false
}

// read copies where the worker stands into at, and says what in it cannot be.
func (c *control) read(at *standing, arrivals uint64, size uintptr) error {
	point := c.point
	at.touched = c.touched
	if err := at.touched.check(size); err != nil {
		at.touched.n = 0
		return err
	}
	n, lines := c.textLen, c.lineLen
	switch {
	case c.arrivals != arrivals:
		return fmt.Errorf("it has arrived %d times, expected %d", c.arrivals, arrivals)
	case !point.Kind.Valid():
		return fmt.Errorf("it stands at %v", point.Kind)
	case point.Kind == trace.Died || point.Kind == trace.Blocked || point.Kind == trace.Injected:
		return fmt.Errorf("it stands at %v, which is for others to say", point.Kind)
	case !aWord(point.Off, point.Size, size):
		return fmt.Errorf("its word of %d bytes at %d is none of the state", point.Size, point.Off)
	case !aWord(point.or.off, point.or.size, size):
		return fmt.Errorf("its guard's word of %d bytes at %d is none of the state", point.or.size, point.or.off)
	case point.or.size == 0 && point.or.test != nothing:
		return fmt.Errorf("its guard's second clause has no word")
	case point.Size == 0 && (point.Guarded() || point.Kind == trace.Wait || point.Kind.Access()):
		return fmt.Errorf("its %v has no word", point.Kind)
	case n > textSize || lines > stackDepth:
		return fmt.Errorf("its text has %d bytes and its call stack %d lines", n, lines)
	}
	point.round = 0 // is for the scheduler to say
	at.point, at.effect, at.robust, at.handles = point, c.effect, c.robust, c.handles
	at.text = ""
	if n > 0 {
		at.text = string(c.text[:n])
	}
	at.lines = at.lines[:0]
	for _, line := range c.lines[:lines] {
		at.lines = append(at.lines, uintptr(line)+lineBase)
	}
	return nil
}
