package shmlab

import (
	"reflect"
	"runtime"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A Robust is the word of a lock whose owner the kernel knows: when the owner's
// thread ends, the kernel marks the word and wakes a sleeper (futex(2), "robust
// futexes"; Documentation/locking/robust-futex-ABI.rst). Its zero value is free.
//
//	bits 0-29    the owner's thread, 0 if there is none    invariant
//	bit 30       OwnerDied                                 invariant
//	bit 31       OwnerWaits: the kernel is to wake one     hint
//	bits 32-63   the lock's own, untouched by the kernel
//
// The links are addresses in the owner's mapping and mean nothing to others. They
// are where the C library has them in its mutex, so that both can be on one list.
type Robust struct {
	_      noCopy
	word   atomic.Uint64
	last   uint64 // who owns it, as Proc.ID says it, while it is linked
	before uint64 // what last was when it was linked: who died, if anybody has
	prev   uint64
	next   uint64
}

// The bits of a [Robust] word.
const (
	OwnerWidth = 30
	OwnerBits  = 1<<OwnerWidth - 1
	OwnerDied  = 1 << 30
	OwnerWaits = 1 << 31
)

// robustOffset is what the kernel adds to the address of a link to find the word.
const robustOffset = -32

// A robustHead is where the kernel begins when a thread ends.
type robustHead struct {
	list    uint64 // the first link; the head's own address: none
	offset  int64
	pending uint64 // the link of the lock that is being taken or released
}

// robust is what a scheduler wants to know of an actor's robust locks. It is
// believed only as far as it does not matter.
type robust struct {
	pending uint32 // offset of the word that is being taken or released, plus 1; 0: none
	tid     uint32 // the actor's thread
}

// owner is the type of a word that names a thread.
type owner uint64

func (r *Robust) value() (reflect.Type, bool) { return reflect.TypeFor[owner](), false }

// low is the half that the kernel knows; amd64 and arm64 are little-endian.
func (r *Robust) low() *atomic.Uint32 { return (*atomic.Uint32)(unsafe.Pointer(&r.word)) }

func (r *Robust) link() uint64 { return uint64(uintptr(unsafe.Pointer(&r.next))) }

// Begin announces that p is about to take or release r. From here to End a death
// of p is noticed if the word names p, and a wake is not lost if it is free.
//
// The stores to the list are ordinary ones: only this thread's own exit reads
// them, and the compiler keeps them apart from the atomic operation on the word,
// which is between this and every store that would make this one superfluous.
func (r *Robust) Begin(p *Proc) {
	h := p.robust
	if h == nil {
		h = p.register()
	}
	h.pending = r.link()
	if p.stepped {
		p.at.robust.pending = p.offset(unsafe.Pointer(r)) + 1
	}
}

// Link puts r, whose word names p by now, on the list of what p holds.
func (r *Robust) Link(p *Proc) {
	if p.stepped {
		p.list(unsafe.Pointer(r))
	}
	h := p.robust
	r.before, r.last = r.last, p.ID()
	r.prev, r.next = h.self(), h.list
	if h.list != h.self() {
		*at(h.list, -8) = r.link()
	}
	h.list = r.link()
}

// Unlink takes r off the list of what p holds; between this and the release of
// the word it is still announced.
func (r *Robust) Unlink(p *Proc) {
	if p.stepped {
		p.list(unsafe.Pointer(r))
	}
	*at(r.prev, 0) = r.next
	if r.next != p.robust.self() {
		*at(r.next, -8) = r.prev
	}
	r.prev, r.next, r.last = 0, 0, 0
}

// End takes back what Begin announced. Before it the memory of r must not be
// used for anything else.
func (r *Robust) End(p *Proc) {
	if p.stepped {
		p.list(unsafe.Pointer(r))
		p.at.robust.pending = 0
	}
	p.robust.pending = 0
}

// at returns the word that is off bytes from an address that was stored as a number.
func at(address uint64, off int) *uint64 {
	return (*uint64)(unsafe.Add(unsafe.Pointer(nil), int(address)+off))
}

func (h *robustHead) self() uint64 { return uint64(uintptr(unsafe.Pointer(h))) }

// register finds or makes the list of p's thread, to which p is bound from here
// on. A list that exists and has the links at the same place is shared: with
// cgo the C library has one.
//
//go:noinline
func (p *Proc) register() *robustHead {
	if p.stepped && !p.kernel { // a coroutine; see Proc.die
		p.tid = uint32(p.index) + 1
		p.robust = newRobustHead()
		p.at.robust.tid = p.tid
		return p.robust
	}
	runtime.LockOSThread()
	p.tid = uint32(unix.Gettid())
	p.at.robust.tid = p.tid
	var h *robustHead
	var size uintptr
	_, _, errno := unix.RawSyscall(unix.SYS_GET_ROBUST_LIST, 0, uintptr(unsafe.Pointer(&h)), uintptr(unsafe.Pointer(&size)))
	if errno == 0 && h != nil && h.offset == robustOffset {
		p.robust = h
		return h
	}
	h = newRobustHead()
	_, _, errno = unix.RawSyscall(unix.SYS_SET_ROBUST_LIST, uintptr(unsafe.Pointer(h)), unsafe.Sizeof(*h), 0)
	if errno != 0 {
		panic("shmlab: set_robust_list: " + errno.Error())
	}
	p.robust = h
	return h
}

// headPlace is where in its page a list begins. Not at the start, where locks
// often are: a load that agrees in its last 12 bits with a store before it waits
// for that store, which cost a pair 2 ns of 21.
const headPlace = 0x840

// newRobustHead makes an empty list outside of Go's heap: the kernel reads it
// when the thread is no more.
func newRobustHead() *robustHead {
	page, err := unix.MmapPtr(-1, 0, nil, headPlace+unsafe.Sizeof(robustHead{}), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		panic("shmlab: no memory for a list of robust locks: " + err.Error())
	}
	h := (*robustHead)(unsafe.Add(page, headPlace))
	h.list, h.offset = h.self(), robustOffset
	return h
}

// forget empties the list: the state it leads to is about to begin anew.
func (p *Proc) forget() {
	if h := p.robust; h != nil {
		h.list, h.pending = h.self(), 0
		p.at.robust.pending = 0
	}
}

// release gives back the memory of a coroutine's list.
func (p *Proc) release() {
	if p.robust != nil {
		unix.MunmapPtr(unsafe.Add(unsafe.Pointer(p.robust), -headPlace), headPlace+unsafe.Sizeof(robustHead{}))
		p.robust = nil
	}
}

// die does for a coroutine what the kernel does for a thread that ends
// (futex_exit_release, exit_robust_list). The wakes are the scheduler's to do.
func (p *Proc) die() {
	h := p.robust
	if h == nil {
		return
	}
	mark := func(link uint64) {
		word := (*atomic.Uint32)(unsafe.Pointer(at(link, robustOffset)))
		if v := word.Load(); v&OwnerBits == p.tid {
			word.Store(v&OwnerWaits | OwnerDied)
		}
	}
	for link := h.list; link != h.self(); link = *at(link, 0) {
		if link != h.pending {
			mark(link)
		}
	}
	if h.pending != 0 {
		mark(h.pending)
	}
}
