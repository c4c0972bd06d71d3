package shmlab

import (
	"reflect"
	"unsafe"

	"shmrace/shmlab/trace"
)

// A Word is a value that the hardware reads and writes in one access.
type Word interface {
	~bool | ~int8 | ~int16 | ~int32 | ~int64 | ~int |
		~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uint | ~float32 | ~float64
}

// A Var is an ordinary variable: not synchronized, one point per access, and
// each access its own instruction: the branch before it keeps the compiler from
// merging it with another. Its zero value is T's.
type Var[T Word] struct {
	_ noCopy
	v T
}

func (v *Var[T]) value() (reflect.Type, bool) { return reflect.TypeFor[T](), false }

// Get reads the variable.
func (v *Var[T]) Get(p *Proc) T {
	if p.stepped {
		return v.get(p)
	}
	return v.v
}

// Set writes the variable.
func (v *Var[T]) Set(p *Proc, to T) {
	if p.stepped {
		v.set(p, to)
		return
	}
	v.v = to
}

//go:noinline
func (v *Var[T]) get(p *Proc) T {
	if !p.within {
		p.at.point = Point{Kind: trace.Get, Size: uint8(unsafe.Sizeof(v.v)), Off: p.offset(unsafe.Pointer(v))}
		if s := p.port.arrive(p); s != nil {
			s.swap()
			p.back()
		}
	}
	x := v.v
	if p.within {
		p.touch(p.offset(unsafe.Pointer(v)), uint8(unsafe.Sizeof(v.v)), false, rawBits(x))
	} else if p.recorded {
		p.at.effect = effect{before: rawBits(x), read: true}
	}
	return x
}

//go:noinline
func (v *Var[T]) set(p *Proc, to T) {
	if !p.within {
		p.at.point = Point{Kind: trace.Set, Size: uint8(unsafe.Sizeof(v.v)), Off: p.offset(unsafe.Pointer(v))}
		if s := p.port.arrive(p); s != nil {
			s.swap()
			p.back()
		}
	}
	if p.within {
		p.touch(p.offset(unsafe.Pointer(v)), uint8(unsafe.Sizeof(v.v)), true, rawBits(v.v))
	}
	v.v = to
	if p.recorded && !p.within {
		p.at.effect = effect{after: rawBits(to), wrote: true}
	}
}

// rawBits returns the memory of v as a number; amd64 and arm64 are little-endian.
func rawBits[T Word](v T) (b uint64) {
	*(*T)(unsafe.Pointer(&b)) = v
	return b
}

// Peek reads the variable without a point: for Always, Final and Lost.
func (v *Var[T]) Peek() T { return v.v }

// Init writes the variable without a point: for Setup.
func (v *Var[T]) Init(to T) { v.v = to }
