package shmlab

import (
	"fmt"
	"unsafe"

	"shmrace/shmlab/trace"
)

// list stands at a change of the actor's own list.
func (p *Proc) list(at unsafe.Pointer) {
	if !p.within {
		p.at.point = Point{Kind: trace.List}
		p.arrive()
	}
}

//go:noinline
func (r *Robust) step(p *Proc, k trace.Kind, from, to uint64) uint64 {
	return p.access(k, word{unsafe.Pointer(r), 8}, from, to)
}

// Thread returns p's bits in the words of the locks that it owns. Begin comes
// before it.
func (p *Proc) Thread() uint64 { return uint64(p.tid) }

// Take is Begin, an exchange of 0 for p's bits, Link and End in one, for an actor
// that is not stepped: a primitive's uncontended way. False: all is left to do.
func (r *Robust) Take(p *Proc) bool {
	h := p.robust
	if p.stepped || h == nil || p.id == 0 {
		return false
	}
	h.pending = r.link()
	if !r.word.CompareAndSwap(0, uint64(p.tid)) {
		return false
	}
	r.before, r.last = r.last, p.id
	self, next := h.self(), h.list
	r.prev, r.next = self, next
	if next != self {
		*at(next, -8) = r.link()
	}
	h.list = r.link()
	h.pending = 0
	return true
}

// Give is Begin, Unlink, Free, a Wake if OwnerWaits was set, and End in one, for
// an actor that is not stepped and owns r, whose last owner did not die. False:
// all is left to do.
func (r *Robust) Give(p *Proc) bool {
	h := p.robust
	if p.stepped || h == nil || uint32(r.word.Load())&^OwnerWaits != p.tid {
		return false
	}
	h.pending = r.link()
	*at(r.prev, 0) = r.next
	if r.next != h.self() {
		*at(r.next, -8) = r.prev
	}
	r.prev, r.next, r.last = 0, 0, 0
	if r.low().Swap(0)&OwnerWaits != 0 {
		futexWake(r.low(), 1)
	}
	h.pending = 0
	return true
}

// Load reads the word.
func (r *Robust) Load(p *Proc) uint64 {
	if p.stepped {
		return r.step(p, trace.Load, 0, 0)
	}
	return r.word.Load()
}

// CompareAndSwap writes to if the word holds from, and reports whether it did.
func (r *Robust) CompareAndSwap(p *Proc, from, to uint64) bool {
	if p.stepped {
		return r.step(p, trace.CompareAndSwap, from, to) == from
	}
	return r.word.CompareAndSwap(from, to)
}

// Free clears the half that the kernel knows and returns what it was.
func (r *Robust) Free(p *Proc) (before uint32) {
	if p.stepped {
		return uint32(p.access(trace.Swap, word{unsafe.Pointer(r), 4}, 0, 0))
	}
	return r.low().Swap(0)
}

// Low is the guard of a step that can be taken while the low n bits are want.
func (r *Robust) Low(n uint8, want uint64) Guard {
	return Guard{first: clause{addrOf(r), want, 8, n, equals}}
}

// Peek reads the word without a point: for Always, Final and Lost.
func (r *Robust) Peek() uint64 { return r.word.Load() }

// Before returns who owned r when it died, as [Proc.ID] says it, to the owner
// that came next; 0 if r was not linked at its death. The kernel wipes a dead
// owner out of the word itself.
func (r *Robust) Before() uint64 { return r.before }

// Nap is [Uint32.Nap] on the half that the kernel knows.
func (r *Robust) Nap(p *Proc, want uint32, deadline Deadline, try int) error {
	return (*Uint32)(unsafe.Pointer(r)).Nap(p, want, deadline, try)
}

// Wake is [Uint32.Wake].
func (r *Robust) Wake(p *Proc, n int) int { return (*Uint32)(unsafe.Pointer(r)).Wake(p, n) }

// format prints the word of a robust lock: the actor that owns it, how many wait
// and whether an owner died. It names no thread, which differs from run to run.
func (o owner) format(s *scheduler) string {
	name := "free"
	if tid := uint32(o) & OwnerBits; tid != 0 {
		name = "somebody"
		for i := range s.actors {
			if s.actors[i].at.robust.tid == tid {
				name = trace.Actor(i).String()
			}
		}
	}
	if o&OwnerDied != 0 {
		name += ",died"
	}
	if n := o >> 32; n != 0 {
		name += fmt.Sprintf(",%#x", uint64(n))
	}
	return name
}
