package ipc

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A ring passes messages from one process to another through memory that both
// map, and lets whoever must wait sleep in a futex. It has one sender and one
// receiver.
//
// The memory is a page of words, ringLines lines of a cache line each, and a
// store for long messages. A short message takes as many lines as it needs, at
// least one; of a long one the line says where in the store it is. The first line
// of a message is written last, and its header last of all:
//
//	bits 0-30   the lap: how often the ring has gone round, from 1. Another
//	            lap than the reader's means: nothing here yet.   invariant
//	bit 31      the message is in the store                      invariant
//	bits 32-63  bytes of the message                             invariant
//
// The header of any other line of a message keeps an older lap, and nobody looks
// at it. So a message says by itself that it is there: no index has to travel
// from the sender to the receiver with it. One of 64 bytes is two cache lines,
// and the receiver looks at both at once.
//
// The way back, how far the receiver has come, is told seldom: when a quarter of
// the lines or of the store has been read.
type ring struct {
	memory []byte
	words  *ringWords
	lines  *[ringLines]ringLine
	store  []byte
	sends  bool          // this end sends
	fence  bool          // no membarrier: each Send needs a fence of its own
	at     position      // what comes next to write or to read
	known  position      // sender: how far the receiver is known to be; receiver: what it has told
	spins  int           // how often a waiter looks before it goes to sleep
	fenced atomic.Uint32 // what the fence is made on
	peer   peer
}

// A position is how far an end has come, counted from the beginning.
type position struct {
	line uint64
	byte uint64 // of the store
}

// ringWords are the words of a ring, each in a cache line of its own.
type ringWords struct {
	line atomic.Uint64 // up to which the receiver has read
	byte atomic.Uint64 // the same of the store
	_    [48]byte
	// attention is what the sender looks at after each message: whether the
	// receiver sleeps (bit 0) or has closed its end (bit 1).
	//
	// The receiver sets bit 0 and looks once more before it sleeps; the sender
	// publishes and then looks here. Both orders need a full barrier. The receiver,
	// who has nothing to do, pays for both with membarrier(2).
	attention atomic.Uint32
	_         [60]byte
	waiting   atomic.Uint32 // the same for a sender that waits for room, and its close
	_         [60]byte
}

type ringLine struct {
	header uint64
	data   [lineData]byte
}

const (
	lineData    = 56 // bytes of a message in a line
	ringLines   = 8192
	ringStore   = 1 << 20       // bytes
	shortest    = 4 * lineData  // a longer message goes to the store
	longest     = ringStore / 4 // so that it fits wherever the last one ended
	linesOffset = 4096
	storeOffset = linesOffset + ringLines*64
	ringSize    = storeOffset + ringStore

	asleepBit = 1
	closedBit = 2

	lapMask   = 1<<31 - 1
	stored    = 1 << 31
	sizeShift = 32
)

// openRing takes an end of the ring in the memory of fd, which is all zeros at first.
func openRing(fd int, sends bool, p peer) (*ring, error) {
	b, err := unix.Mmap(fd, 0, ringSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_POPULATE)
	if err != nil {
		return nil, fmt.Errorf("cannot map a ring: %w", err)
	}
	r := &ring{memory: b, sends: sends, peer: p, store: b[storeOffset:]}
	r.words = (*ringWords)(unsafe.Pointer(&b[0]))
	r.lines = (*[ringLines]ringLine)(unsafe.Pointer(&b[linesOffset]))
	r.fence = membarrier(barrierRegisterGlobalExpedited) != nil
	if runtime.NumCPU() > 1 {
		r.spins = 20_000
	}
	return r, nil
}

func (r *ring) line(at uint64) *ringLine { return &r.lines[at%ringLines] }

func lap(at uint64) uint64 { return at/ringLines&(lapMask>>1) + 1 }

// Send puts a message in the ring, at most a quarter of the store long.
func (r *ring) Send(message []byte, deadline time.Time) error {
	if !r.sends {
		return unix.EBADF
	}
	if len(message) > shortest {
		if err := r.sendLong(message, deadline); err != nil {
			return err
		}
	} else {
		if r.at.line+shortest/lineData-r.known.line > ringLines {
			if err := r.awaitRoom(r.at.byte, deadline); err != nil {
				return err
			}
		}
		r.sendShort(message)
	}
	if r.fence {
		r.fenced.Add(1)
	}
	if attention := r.words.attention.Load(); attention != 0 {
		return r.attend(attention)
	}
	return nil
}

// sendShort puts a message in lines, the first of them last.
func (r *ring) sendShort(message []byte) {
	at := r.at.line
	first := r.line(at)
	if len(message) <= lineData {
		copyWords(first.data[:], message)
	} else {
		for left := message[lineData:]; ; left = left[lineData:] {
			r.at.line++
			l := r.line(r.at.line)
			if len(left) <= lineData {
				copyWords(l.data[:], left)
				break
			}
			copyLine(&l.data, (*[lineData]byte)(left))
		}
		copyLine(&first.data, (*[lineData]byte)(message))
	}
	publish(&first.header, lap(at)|uint64(len(message))<<sizeShift) // pairs with the load in Receive
	r.at.line++
}

// copyLine copies in words: a program that has just written a message in words
// would have wider reads wait until its writes have reached the cache.
func copyLine(to, from *[lineData]byte) {
	t, f := (*[lineData / 8]uint64)(unsafe.Pointer(to)), (*[lineData / 8]uint64)(unsafe.Pointer(from))
	t[0], t[1], t[2], t[3] = f[0], f[1], f[2], f[3]
	t[4], t[5], t[6] = f[4], f[5], f[6]
}

// copyWords copies a few bytes, without the call that copy is.
func copyWords(to, from []byte) {
	for len(from) >= 8 && len(to) >= 8 {
		*(*[8]byte)(to) = [8]byte(from)
		to, from = to[8:], from[8:]
	}
	for i := range min(len(from), len(to)) {
		to[i] = from[i]
	}
}

// sendLong puts a message in the store, in one piece, and a line that says where.
func (r *ring) sendLong(message []byte, deadline time.Time) error {
	size := uint64(len(message))
	if size > longest {
		return unix.EMSGSIZE
	}
	from := r.at.byte
	if from%ringStore+size > ringStore {
		from += ringStore - from%ringStore
	}
	if r.at.line+shortest/lineData-r.known.line > ringLines || from+size-r.known.byte > ringStore {
		if err := r.awaitRoom(from+size, deadline); err != nil {
			return err
		}
	}
	copy(r.store[from%ringStore:], message)
	l := r.line(r.at.line)
	*(*uint64)(unsafe.Pointer(&l.data)) = from
	publish(&l.header, lap(r.at.line)|stored|size<<sizeShift) // pairs with the load in Receive
	r.at = position{r.at.line + 1, from + size}
	return nil
}

// attend wakes a receiver that sleeps. The message is in the ring; that the
// receiver has closed it is told nevertheless, as nobody will read it.
func (r *ring) attend(attention uint32) error {
	if attention&asleepBit != 0 && r.words.attention.And(^uint32(asleepBit))&asleepBit != 0 {
		futexWake(&r.words.attention)
	}
	if attention&closedBit != 0 {
		return ErrClosed
	}
	return nil
}

// awaitRoom waits until the receiver has read enough for a short message, and
// for the store to be written up to a byte.
func (r *ring) awaitRoom(upTo uint64, deadline time.Time) error {
	room := func() bool {
		r.known = position{r.words.line.Load(), r.words.byte.Load()} // pairs with the stores in tell
		return r.at.line+shortest/lineData-r.known.line <= ringLines && upTo-r.known.byte <= ringStore
	}
	for spins := r.spins; spins > 0 && deadline != Now; spins-- {
		if room() {
			return nil
		}
	}
	return r.await(&r.words.waiting, deadline, room)
}

// Receive takes the oldest message.
func (r *ring) Receive(buffer []byte, deadline time.Time) (int, error) {
	want, at := lap(r.at.line), r.at.line
	l, next := r.line(at), r.line(at+1)
	header := atomic.LoadUint64(&l.header) // pairs with the stores in Send
	// The second line is fetched together with the first: one after the other they
	// would take longer. What its header says is nobody's business.
	spins := r.spins
	if deadline == Now {
		spins = 0
	}
	for ; header&lapMask != want; header = atomic.LoadUint64(&l.header) {
		if spins--; spins < 0 {
			if err := r.await(&r.words.attention, deadline, func() bool { return r.arrived(at) }); err != nil {
				return 0, err
			}
			continue
		}
		_ = atomic.LoadUint64(&next.header)
	}
	size := int(header >> sizeShift)
	if size > len(buffer) {
		return 0, unix.EMSGSIZE
	}
	if header&stored != 0 {
		from := *(*uint64)(unsafe.Pointer(&l.data))
		copy(buffer, r.store[from%ringStore:][:size])
		r.at.byte = from + uint64(size)
	} else {
		r.receiveShort(buffer[:size])
	}
	r.at.line++
	if r.at.line-r.known.line >= ringLines/4 || r.at.byte-r.known.byte >= ringStore/4 {
		r.tell()
	}
	return size, nil
}

// receiveShort copies a message out of the lines; the first is there.
func (r *ring) receiveShort(left []byte) {
	for len(left) > lineData {
		copyLine((*[lineData]byte)(left), &r.line(r.at.line).data)
		left = left[lineData:]
		r.at.line++
	}
	copyWords(left, r.line(r.at.line).data[:len(left)])
}

func (r *ring) arrived(at uint64) bool {
	return atomic.LoadUint64(&r.line(at).header)&lapMask == lap(at)
}

// tell says how far the receiver has come, and wakes a sender that waits for room.
func (r *ring) tell() {
	r.known = r.at
	r.words.byte.Store(r.at.byte)
	r.words.line.Store(r.at.line) // pairs with the loads in awaitRoom
	if r.words.waiting.Load()&asleepBit != 0 && r.words.waiting.And(^uint32(asleepBit))&asleepBit != 0 {
		futexWake(&r.words.waiting)
	}
}

// slice bounds a sleep, after which a sleeper looks whether its peer lives.
const slice = 20 * time.Millisecond

// await sleeps on the word until ok, or until the peer has closed its end or has
// died.
func (r *ring) await(word *atomic.Uint32, deadline time.Time, ok func() bool) error {
	for {
		word.Or(asleepBit)
		membarrier(barrierGlobalExpedited) // pairs with the loads of attention and waiting
		if ok() {
			word.And(^uint32(asleepBit))
			return nil
		}
		// No wake is lost between the look and the sleep: whoever makes it ok after the
		// look sees the bit, clears it and wakes; the futex does not sleep on a word
		// that has changed.
		closed, dead := r.peerClosed(), r.peer.dead()
		switch {
		case ok():
			continue
		case closed:
			return ErrClosed
		case dead:
			return ErrDied
		}
		rest := slice
		if !deadline.IsZero() {
			if rest = min(slice, time.Until(deadline)); rest <= 0 {
				word.And(^uint32(asleepBit))
				return ErrTimeout
			}
		}
		futexSleep(word, word.Load()|asleepBit, rest)
	}
}

func (r *ring) peerClosed() bool {
	if r.sends {
		return r.words.attention.Load()&closedBit != 0
	}
	return r.words.waiting.Load()&closedBit != 0
}

// Close closes this end. What was sent can still be received.
func (r *ring) Close() error {
	mine, other := &r.words.attention, &r.words.waiting
	if r.sends {
		mine, other = other, mine
	}
	mine.Or(closedBit)
	if other.And(^uint32(asleepBit))&asleepBit != 0 {
		futexWake(other)
	}
	r.peer.close()
	return unix.Munmap(r.memory)
}

func futexWake(word *atomic.Uint32) {
	unix.RawSyscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(word)), 1, 1, 0, 0, 0)
}

// futexSleep sleeps while the word holds want, at most so long.
func futexSleep(word *atomic.Uint32, want uint32, most time.Duration) {
	t := unix.NsecToTimespec(int64(most))
	unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(word)), 0, uintptr(want), uintptr(unsafe.Pointer(&t)), 0, 0)
}
