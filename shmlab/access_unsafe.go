package shmlab

import (
	"sync/atomic"
	"unsafe"

	"shmrace/shmlab/trace"
)

// A word is where an access goes: an address in the actor's own mapping.
type word struct {
	at   unsafe.Pointer
	size uint8 // bytes: 1, 2, 4 or 8
}

// addrOf returns the address of a cell as a number: a mapping does not move.
func addrOf[T any](cell *T) uintptr { return uintptr(unsafe.Pointer(cell)) }

// access is a cell's access in a stepped run: it brings the actor to a point and,
// let go, does what k says with from and to. It returns what the word held before.
//
// The cells that are used most have this in their own: when an actor is let go
// after others have run, each return on the way out is mispredicted.
func (p *Proc) access(k trace.Kind, w word, from, to uint64) (before uint64) {
	if !p.within {
		p.at.point = Point{Kind: k, Size: w.size, Off: p.offset(w.at), want: from}
		if s := p.port.arrive(p); s != nil {
			s.swap()
			p.back()
		}
	}
	return p.do(k, w, from, to)
}

// do is the access itself. Nobody else runs between two points, so read and write
// are one step without an instruction that makes them so.
func (p *Proc) do(k trace.Kind, w word, from, to uint64) (before uint64) {
	if p.alone {
		return p.direct(k, w, from, to)
	}
	before = w.load()
	after, writes := to, k.Writes()
	switch k {
	case trace.Add:
		after = before + to
	case trace.CompareAndSwap:
		writes = before == from
	}
	if writes {
		w.store(after)
	}
	if p.within {
		p.touch(p.offset(w.at), w.size, writes, before)
	} else if p.recorded {
		p.at.effect = effect{before: before, after: w.load(), read: k != trace.Set && k != trace.Store, wrote: writes, failed: !writes && k.Writes()}
	}
	return before
}

// holds looks at the words of a guard where they are.
func (g *Guard) holds() bool { return g.first.holds() || g.or.holds() }

func (c *clause) holds() bool {
	if c.test == nothing {
		return false
	}
	at := *(*unsafe.Pointer)(unsafe.Pointer(&c.addr)) // in a mapping: the collector has no part in it
	return c.test.holds(word{at, c.size}.load(), c.want, c.bits)
}

// offset returns where in the state a word is. That it is there at all is for
// the scheduler to check.
func (p *Proc) offset(at unsafe.Pointer) uint32 { return offset(uintptr(at), p.base) }

func (w word) load() uint64 {
	switch w.size {
	case 1:
		return uint64(*(*uint8)(w.at))
	case 2:
		return uint64(*(*uint16)(w.at))
	case 4:
		return uint64(atomic.LoadUint32((*uint32)(w.at)))
	}
	return atomic.LoadUint64((*uint64)(w.at))
}

// store needs no instruction that is atomic, which would wait until the stores
// before it are seen by other processors: whoever runs next is told to by one.
func (w word) store(v uint64) {
	switch w.size {
	case 1:
		*(*uint8)(w.at) = uint8(v)
	case 2:
		*(*uint16)(w.at) = uint16(v)
	case 4:
		*(*uint32)(w.at) = uint32(v)
	default:
		*(*uint64)(w.at) = v
	}
}
