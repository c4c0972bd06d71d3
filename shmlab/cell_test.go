package shmlab_test

import (
	"testing"

	"pgregory.net/rapid"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A zoo has a cell of every kind, close to one another.
type zoo struct {
	I8  shmlab.Var[int8]
	U8  shmlab.Var[uint8]
	R1  shmlab.Record[[1]byte]
	B   shmlab.Var[bool]
	I16 shmlab.Var[int16]
	R3  shmlab.Record[[3]byte]
	U16 shmlab.Var[uint16]
	I32 shmlab.Var[int32]
	R7  shmlab.Record[[7]byte]
	F32 shmlab.Var[float32]
	U32 shmlab.Var[uint32]
	R12 shmlab.Record[[12]byte]
	A32 shmlab.Uint32
	AB  shmlab.Bool
	I64 shmlab.Var[int64]
	U64 shmlab.Var[uint64]
	R24 shmlab.Record[[24]byte]
	I   shmlab.Var[int]
	U   shmlab.Var[uint]
	F64 shmlab.Var[float64]
	A64 shmlab.Uint64
	S64 shmlab.Int64

	Ops [60]operation // what is done
}

// An operation is one on the cell with a number: what, and with which values.
type operation struct {
	Cell, Kind int
	From, To   uint64
}

// What an operation does. A variable and a record have the first two only.
const (
	get = iota
	set
	add
	swap
	compareAndSwap
	operations
)

// A keeper is a cell as the model sees it: do performs an operation, norm is
// what the cell makes of a value, most is how many kinds of operations it has.
type keeper struct {
	name string
	do   func(p *shmlab.Proc, s *zoo, o operation) uint64
	peek func(s *zoo) uint64
	norm func(v uint64) uint64
	most int
}

type number interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~int | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uint | ~float32 | ~float64
}

func variable[T interface {
	number
	shmlab.Word
}](name string, of func(s *zoo) *shmlab.Var[T]) keeper {
	return keeper{name, func(p *shmlab.Proc, s *zoo, o operation) uint64 {
		if o.Kind == get {
			return uint64(of(s).Get(p))
		}
		of(s).Set(p, T(o.To))
		return 0
	}, func(s *zoo) uint64 { return uint64(of(s).Peek()) }, func(v uint64) uint64 { return uint64(T(v)) }, 2}
}

// record is a keeper of n bytes; a value is a digest of them.
func record[T any](name string, of func(s *zoo) *shmlab.Record[T], fill func(v uint64) T, digest func(v T) uint64) keeper {
	return keeper{name, func(p *shmlab.Proc, s *zoo, o operation) uint64 {
		if o.Kind == get {
			return digest(of(s).Get(p))
		}
		of(s).Set(p, fill(o.To))
		return 0
	}, func(s *zoo) uint64 { return digest(of(s).Peek()) }, func(v uint64) uint64 { return digest(fill(v)) }, 2}
}

func filled(b []byte, v uint64) {
	for i := range b {
		b[i] = byte(v>>(i%8*8)) + byte(i/8)
		if v == 0 {
			b[i] = 0
		}
	}
}

func digested(b []byte) (sum uint64) {
	for _, x := range b {
		sum = sum*1000003 + uint64(x)
	}
	return sum
}

// integer is what the atomic cells have in common.
type integer[T any] interface {
	Load(*shmlab.Proc) T
	Store(*shmlab.Proc, T)
	Add(*shmlab.Proc, T) T
	Swap(*shmlab.Proc, T) T
	CompareAndSwap(*shmlab.Proc, T, T) bool
	Peek() T
}

func atomicNumber[T uint32 | uint64 | int64](name string, of func(s *zoo) integer[T]) keeper {
	return keeper{name, func(p *shmlab.Proc, s *zoo, o operation) uint64 {
		c := of(s)
		switch o.Kind {
		case get:
			return uint64(c.Load(p))
		case add:
			return uint64(c.Add(p, T(o.To)))
		case swap:
			return uint64(c.Swap(p, T(o.To)))
		case compareAndSwap:
			return asNumber(c.CompareAndSwap(p, T(o.From), T(o.To)))
		}
		c.Store(p, T(o.To))
		return 0
	}, func(s *zoo) uint64 { return uint64(of(s).Peek()) }, func(v uint64) uint64 { return uint64(T(v)) }, operations}
}

func asNumber(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// parity is how a bool is kept as a number.
func parity(v uint64) uint64 { return v & 1 }

var keepers = []keeper{
	variable("I8", func(s *zoo) *shmlab.Var[int8] { return &s.I8 }),
	variable("U8", func(s *zoo) *shmlab.Var[uint8] { return &s.U8 }),
	variable("I16", func(s *zoo) *shmlab.Var[int16] { return &s.I16 }),
	variable("U16", func(s *zoo) *shmlab.Var[uint16] { return &s.U16 }),
	variable("I32", func(s *zoo) *shmlab.Var[int32] { return &s.I32 }),
	variable("U32", func(s *zoo) *shmlab.Var[uint32] { return &s.U32 }),
	variable("I64", func(s *zoo) *shmlab.Var[int64] { return &s.I64 }),
	variable("U64", func(s *zoo) *shmlab.Var[uint64] { return &s.U64 }),
	variable("I", func(s *zoo) *shmlab.Var[int] { return &s.I }),
	variable("U", func(s *zoo) *shmlab.Var[uint] { return &s.U }),
	variable("F32", func(s *zoo) *shmlab.Var[float32] { return &s.F32 }),
	variable("F64", func(s *zoo) *shmlab.Var[float64] { return &s.F64 }),
	{"B", func(p *shmlab.Proc, s *zoo, o operation) uint64 {
		if o.Kind == get {
			return asNumber(s.B.Get(p))
		}
		s.B.Set(p, o.To&1 == 1)
		return 0
	}, func(s *zoo) uint64 { return asNumber(s.B.Peek()) }, parity, 2},
	record("R1", func(s *zoo) *shmlab.Record[[1]byte] { return &s.R1 }, func(v uint64) (b [1]byte) { filled(b[:], v); return b }, func(b [1]byte) uint64 { return digested(b[:]) }),
	record("R3", func(s *zoo) *shmlab.Record[[3]byte] { return &s.R3 }, func(v uint64) (b [3]byte) { filled(b[:], v); return b }, func(b [3]byte) uint64 { return digested(b[:]) }),
	record("R7", func(s *zoo) *shmlab.Record[[7]byte] { return &s.R7 }, func(v uint64) (b [7]byte) { filled(b[:], v); return b }, func(b [7]byte) uint64 { return digested(b[:]) }),
	record("R12", func(s *zoo) *shmlab.Record[[12]byte] { return &s.R12 }, func(v uint64) (b [12]byte) { filled(b[:], v); return b }, func(b [12]byte) uint64 { return digested(b[:]) }),
	record("R24", func(s *zoo) *shmlab.Record[[24]byte] { return &s.R24 }, func(v uint64) (b [24]byte) { filled(b[:], v); return b }, func(b [24]byte) uint64 { return digested(b[:]) }),
	atomicNumber("A32", func(s *zoo) integer[uint32] { return &s.A32 }),
	atomicNumber("A64", func(s *zoo) integer[uint64] { return &s.A64 }),
	atomicNumber("S64", func(s *zoo) integer[int64] { return &s.S64 }),
	{"AB", func(p *shmlab.Proc, s *zoo, o operation) uint64 {
		switch o.Kind {
		case get:
			return asNumber(s.AB.Load(p))
		case swap:
			return asNumber(s.AB.Swap(p, o.To&1 == 1))
		case compareAndSwap:
			return asNumber(s.AB.CompareAndSwap(p, o.From&1 == 1, o.To&1 == 1))
		}
		s.AB.Store(p, o.To&1 == 1)
		return 0
	}, func(s *zoo) uint64 { return asNumber(s.AB.Peek()) }, parity, operations},
}

// exercise does what s says and compares with plain values.
func exercise(p *shmlab.Proc, s *zoo) {
	var values [len(zooCells)]uint64
	for i, o := range s.Ops {
		k := keepers[o.Cell]
		v := &values[o.Cell]
		from, to := k.norm(o.From), k.norm(o.To)
		want := uint64(0)
		switch o.Kind {
		case get:
			want = *v
		case set:
			*v = to
		case add:
			*v = k.norm(*v + to)
			want = *v
		case swap:
			want, *v = *v, to
		case compareAndSwap:
			if *v == from {
				want, *v = 1, to
			}
		}
		got := k.do(p, s, o)
		p.Assert(got == want, "operation %d, %d on %s: %#x, expected %#x", i, o.Kind, k.name, got, want)
	}
	for i, k := range keepers {
		got, peeked := k.do(p, s, operation{Cell: i, Kind: get}), k.peek(s)
		p.Assert(got == values[i] && peeked == got, "%s is %#x, at a glance %#x, expected %#x", k.name, got, peeked, values[i])
	}
}

// zooCells are as many as there are keepers.
var zooCells [22]struct{}

var _ = served(zooLab(nil))

func zooLab(setup func(s *zoo, size shmlab.Size)) shmlab.Lab[zoo] {
	return shmlab.Lab[zoo]{
		Name: "cells/model", Size: shmlab.Size{Actors: 1}, Setup: setup,
		Actors: func(size shmlab.Size) []shmlab.Actor[zoo] { return shmlab.Each(size.Actors, "exercises", exercise) },
	}
}

// A cell does what a plain variable does: on coroutines, on processes, and when
// nothing is attached.
func TestCellsAgainstModel(t *testing.T) {
	if len(keepers) != len(zooCells) {
		t.Fatalf("%d keepers of %d cells", len(keepers), len(zooCells))
	}
	value := rapid.OneOf(rapid.Uint64Range(0, 1), rapid.Uint64())
	draw := func(t *rapid.T) (ops [60]operation) {
		for i := range ops {
			o := &ops[i]
			o.Cell = rapid.IntRange(0, len(keepers)-1).Draw(t, "cell")
			o.Kind = rapid.IntRange(0, keepers[o.Cell].most-1).Draw(t, keepers[o.Cell].name)
			if o.Kind == add && keepers[o.Cell].name == "AB" {
				o.Kind = get // a bool is not added to
			}
			o.From, o.To = value.Draw(t, "from"), value.Draw(t, "to")
		}
		return ops
	}
	t.Run("idle", rapid.MakeCheck(func(t *rapid.T) {
		exercise(&shmlab.Proc{}, &zoo{Ops: draw(t)})
	}))
	for _, host := range hosts {
		t.Run(host.String(), func(t *testing.T) {
			n := 0
			rapid.Check(t, func(t *rapid.T) {
				ops := draw(t)
				if n++; host == shmlab.Processes && n > 20 {
					return // a process a case takes its time
				}
				bench, err := shmlab.Open(zooLab(func(s *zoo, _ shmlab.Size) { s.Ops = ops }), shmlab.Setting{Host: host})
				if err != nil {
					t.Fatal(err)
				}
				defer bench.Close()
				if run, err := bench.Run(first{}); err != nil || run.Verdict != trace.Holds {
					t.Fatalf("%v: %v, %v", run.Verdict, run.Reason, err)
				}
			})
		})
	}
}
