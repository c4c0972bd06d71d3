package shmlab

import (
	"sync/atomic"
	"unsafe"

	"shmrace/shmlab/trace"
)

// direct is access for an actor beside which others run: what is one operation
// to the lab is one to the hardware.
func (p *Proc) direct(k trace.Kind, w word, from, to uint64) (before uint64) {
	if k == trace.Get {
		copyWord(word{unsafe.Pointer(&before), w.size}, w)
		return before
	}
	if k == trace.Set {
		copyWord(w, word{unsafe.Pointer(&to), w.size})
		return 0
	}
	recorded := p.roamer != nil && len(p.steps) == 0
	if recorded {
		p.roamer.begin(p, k, p.offset(w.at), w.size)
	}
	before = w.operate(k, from, to)
	if recorded {
		p.roamer.end(k == trace.CompareAndSwap && before != from)
	}
	return before
}

// An atomicWord is a word of which there are two sizes.
type atomicWord[U uint32 | uint64] interface {
	Load() U
	Store(U)
	Swap(U) U
	Add(U) U
	CompareAndSwap(from, to U) bool
}

// operate does one atomic operation on a word of 4 or 8 bytes and returns what
// it held before.
func (w word) operate(k trace.Kind, from, to uint64) (before uint64) {
	if w.size == 4 {
		return uint64(operate(k, (*atomic.Uint32)(w.at), uint32(from), uint32(to)))
	}
	return operate(k, (*atomic.Uint64)(w.at), from, to)
}

func operate[U uint32 | uint64, A atomicWord[U]](k trace.Kind, w A, from, to U) (before U) {
	switch k {
	case trace.Load:
		return w.Load()
	case trace.Store:
		w.Store(to)
		return 0
	case trace.Swap:
		return w.Swap(to)
	case trace.Add:
		return w.Add(to) - to
	}
	for !w.CompareAndSwap(from, to) {
		if before = w.Load(); before != from {
			return before
		}
	}
	return from
}
