package shmlab

import (
	"reflect"
	"sync/atomic"
	"unsafe"

	"shmrace/shmlab/trace"
)

// A Uint32 is an atomic word, sequentially consistent, on which an actor
// can wait. Its zero value is 0.
type Uint32 struct{ v atomic.Uint32 }

func (u *Uint32) value() (reflect.Type, bool) { return reflect.TypeFor[uint32](), false }

//go:noinline
func (u *Uint32) step(p *Proc, k trace.Kind, from, to uint32) uint32 {
	w := word{unsafe.Pointer(u), 4}
	if !p.within {
		p.at.point = Point{Kind: k, Size: w.size, Off: p.offset(w.at), want: uint64(from)}
		if s := p.port.arrive(p); s != nil {
			s.swap()
			p.back()
		}
	}
	return uint32(p.do(k, w, uint64(from), uint64(to)))
}

// Load reads the word.
func (u *Uint32) Load(p *Proc) uint32 {
	if p.stepped {
		return u.step(p, trace.Load, 0, 0)
	}
	return u.v.Load()
}

// Store writes the word.
func (u *Uint32) Store(p *Proc, to uint32) {
	if p.stepped {
		u.step(p, trace.Store, 0, to)
		return
	}
	u.v.Store(to)
}

// Add adds delta and returns the new value; add ^uint32(0) to subtract 1.
func (u *Uint32) Add(p *Proc, delta uint32) uint32 {
	if p.stepped {
		return u.step(p, trace.Add, 0, delta) + delta
	}
	return u.v.Add(delta)
}

// Swap writes the word and returns what it held.
func (u *Uint32) Swap(p *Proc, to uint32) uint32 {
	if p.stepped {
		return u.step(p, trace.Swap, 0, to)
	}
	return u.v.Swap(to)
}

// CompareAndSwap writes to if the word holds from, and reports whether it did.
func (u *Uint32) CompareAndSwap(p *Proc, from, to uint32) bool {
	if p.stepped {
		return u.step(p, trace.CompareAndSwap, from, to) == from
	}
	return u.v.CompareAndSwap(from, to)
}

// Claim makes a word that holds 0 hold p's index plus 1, and reports whether it
// did. For an actor that is stepped it does nothing and returns false. It is a
// primitive's uncontended way, small enough that Lock is inlined: a call stores its
// return address, and a locked instruction waits for the stores before it, which
// takes a nanosecond.
func (u *Uint32) Claim(p *Proc) bool {
	return !p.stepped && atomic.CompareAndSwapUint32((*uint32)(unsafe.Pointer(u)), 0, uint32(p.index)+1)
}

// Is is the guard of a step that can be taken while the word holds want.
func (u *Uint32) Is(want uint32) Guard {
	return Guard{first: clause{addrOf(u), uint64(want), 4, 0, equals}}
}

// Low is the guard of a step that can be taken while the low n bits are want.
func (u *Uint32) Low(n uint8, want uint32) Guard {
	return Guard{first: clause{addrOf(u), uint64(want), 4, n, equals}}
}

// Peek reads the word without a point: for Always, Final and Lost.
func (u *Uint32) Peek() uint32 { return u.v.Load() }

// Init writes the word without a point: for Setup.
func (u *Uint32) Init(to uint32) { u.v.Store(to) }

// A Uint64 is an atomic word, sequentially consistent. Its zero value is 0.
type Uint64 struct{ v atomic.Uint64 }

func (u *Uint64) value() (reflect.Type, bool) { return reflect.TypeFor[uint64](), false }

//go:noinline
func (u *Uint64) step(p *Proc, k trace.Kind, from, to uint64) uint64 {
	w := word{unsafe.Pointer(u), 8}
	if !p.within {
		p.at.point = Point{Kind: k, Size: w.size, Off: p.offset(w.at), want: uint64(from)}
		if s := p.port.arrive(p); s != nil {
			s.swap()
			p.back()
		}
	}
	return uint64(p.do(k, w, uint64(from), uint64(to)))
}

// Load reads the word.
func (u *Uint64) Load(p *Proc) uint64 {
	if p.stepped {
		return u.step(p, trace.Load, 0, 0)
	}
	return u.v.Load()
}

// Store writes the word.
func (u *Uint64) Store(p *Proc, to uint64) {
	if p.stepped {
		u.step(p, trace.Store, 0, to)
		return
	}
	u.v.Store(to)
}

// Add adds delta and returns the new value; add ^uint64(0) to subtract 1.
func (u *Uint64) Add(p *Proc, delta uint64) uint64 {
	if p.stepped {
		return u.step(p, trace.Add, 0, delta) + delta
	}
	return u.v.Add(delta)
}

// Swap writes the word and returns what it held.
func (u *Uint64) Swap(p *Proc, to uint64) uint64 {
	if p.stepped {
		return u.step(p, trace.Swap, 0, to)
	}
	return u.v.Swap(to)
}

// CompareAndSwap writes to if the word holds from, and reports whether it did.
func (u *Uint64) CompareAndSwap(p *Proc, from, to uint64) bool {
	if p.stepped {
		return u.step(p, trace.CompareAndSwap, from, to) == from
	}
	return u.v.CompareAndSwap(from, to)
}

// Is is the guard of a step that can be taken while the word holds want.
func (u *Uint64) Is(want uint64) Guard { return Guard{first: clause{addrOf(u), want, 8, 0, equals}} }

// Low is the guard of a step that can be taken while the low n bits are want.
func (u *Uint64) Low(n uint8, want uint64) Guard {
	return Guard{first: clause{addrOf(u), want, 8, n, equals}}
}

// Peek reads the word without a point: for Always, Final and Lost.
func (u *Uint64) Peek() uint64 { return u.v.Load() }

// Init writes the word without a point: for Setup.
func (u *Uint64) Init(to uint64) { u.v.Store(to) }

// Exchange is CompareAndSwap without a point: for the uncontended way of a
// primitive, which has made sure that the actor is not stepped.
func (u *Uint64) Exchange(from, to uint64) bool { return u.v.CompareAndSwap(from, to) }

// Raise is Add of 1 without a point, as Exchange.
func (u *Uint64) Raise() uint64 { return u.v.Add(1) }

// Half is the low half of the word: a futex has 32 bits. amd64 and arm64 are
// little-endian.
func (u *Uint64) Half() *Uint32 { return (*Uint32)(unsafe.Pointer(u)) }

// An Int64 is an atomic word, sequentially consistent. Its zero value is 0.
type Int64 struct{ u Uint64 }

func (i *Int64) value() (reflect.Type, bool) { return reflect.TypeFor[int64](), false }

// Load reads the word.
func (i *Int64) Load(p *Proc) int64 { return int64(i.u.Load(p)) }

// Store writes the word.
func (i *Int64) Store(p *Proc, to int64) { i.u.Store(p, uint64(to)) }

// Add adds delta and returns the new value.
func (i *Int64) Add(p *Proc, delta int64) int64 { return int64(i.u.Add(p, uint64(delta))) }

// Swap writes the word and returns what it held.
func (i *Int64) Swap(p *Proc, to int64) int64 { return int64(i.u.Swap(p, uint64(to))) }

// CompareAndSwap writes to if the word holds from, and reports whether it did.
func (i *Int64) CompareAndSwap(p *Proc, from, to int64) bool {
	return i.u.CompareAndSwap(p, uint64(from), uint64(to))
}

// Is is the guard of a step that can be taken while the word holds want.
func (i *Int64) Is(want int64) Guard { return i.u.Is(uint64(want)) }

// Peek reads the word without a point: for Always, Final and Lost.
func (i *Int64) Peek() int64 { return int64(i.u.Peek()) }

// Init writes the word without a point: for Setup.
func (i *Int64) Init(to int64) { i.u.Init(uint64(to)) }

// A Bool is an atomic word, sequentially consistent. Its zero value is false.
type Bool struct{ u Uint32 }

func (b *Bool) value() (reflect.Type, bool) { return reflect.TypeFor[bool](), false }

// Load reads the word.
func (b *Bool) Load(p *Proc) bool { return b.u.Load(p) != 0 }

// Store writes the word.
func (b *Bool) Store(p *Proc, to bool) { b.u.Store(p, bit(to)) }

// Swap writes the word and returns what it held.
func (b *Bool) Swap(p *Proc, to bool) bool { return b.u.Swap(p, bit(to)) != 0 }

// CompareAndSwap writes to if the word holds from, and reports whether it did.
func (b *Bool) CompareAndSwap(p *Proc, from, to bool) bool {
	return b.u.CompareAndSwap(p, bit(from), bit(to))
}

// Is is the guard of a step that can be taken while the word holds want.
func (b *Bool) Is(want bool) Guard { return b.u.Is(bit(want)) }

// Peek reads the word without a point: for Always, Final and Lost.
func (b *Bool) Peek() bool { return b.u.Peek() != 0 }

// Init writes the word without a point: for Setup.
func (b *Bool) Init(to bool) { b.u.Init(bit(to)) }

func bit(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}
