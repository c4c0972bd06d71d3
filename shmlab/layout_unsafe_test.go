package shmlab

import (
	"math"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"
)

// An embedder is no cell, though it has the methods of one.
type embedder struct {
	Uint32
	Evil *int
}

// A latch is what a lock is to a lab: a word of its own.
type latch struct {
	state Uint32 //lint:ignore U1000 reflection finds it
}

type account struct {
	Mu      latch
	Balance Var[int32]
	note    Var[bool]
}

type pair struct{ Hi, Lo int64 }

type ledger struct {
	Accounts [3]account
	Pair     Record[pair]
	Odd      Record[[3]int16]
	Flag     Bool
	Mu       latch
	plain    int64
}

type inner[T any] struct{ Deep struct{ Field T } }

// Whatever holds an address or works within one process only is refused, and the
// error names the field.
func TestStateRefused(t *testing.T) {
	for _, test := range []struct {
		err  error
		want string
	}{
		{refused[struct{ P *int }](), "state field P is a *int: shared memory holds no addresses, expected numbers, arrays or structs of them"},
		{refused[struct{ P unsafe.Pointer }](), "state field P is a unsafe.Pointer: shared memory holds no addresses"},
		{refused[struct{ U uintptr }](), "state field U is a uintptr: shared memory holds no addresses"},
		{refused[struct{ S string }](), "state field S is a string: shared memory holds no addresses"},
		{refused[struct{ S []int }](), "state field S is a []int: shared memory holds no addresses"},
		{refused[struct{ M map[int]int }](), "state field M is a map[int]int: shared memory holds no addresses"},
		{refused[struct{ C chan int }](), "state field C is a chan int: shared memory holds no addresses"},
		{refused[struct{ F func() }](), "state field F is a func(): shared memory holds no addresses"},
		{refused[struct{ E error }](), "state field E is a error: shared memory holds no addresses"},
		{refused[struct{ A any }](), "state field A is a interface {}: shared memory holds no addresses"},
		{refused[struct{ Mu sync.Mutex }](), "state field Mu is a sync.Mutex: it works within one process only, expected a lock of shmrace/sync"},
		{refused[struct{ Mu sync.RWMutex }](), "state field Mu is a sync.RWMutex: it works within one process only"},
		{refused[struct{ O sync.Once }](), "state field O is a sync.Once: it works within one process only"},
		{refused[struct{ W sync.WaitGroup }](), "state field W is a sync.WaitGroup: it works within one process only"},
		{refused[struct{ N atomic.Int64 }](), "state field N is a atomic.Int64: no scheduler sees it, expected shmlab.Uint32, Int64, Uint64 or Bool"},
		{refused[struct{ B atomic.Bool }](), "state field B is a atomic.Bool: no scheduler sees it"},
		{refused[struct{ V atomic.Value }](), "state field V is a atomic.Value: no scheduler sees it"},
		{refused[struct{ T time.Time }](), "state field T.loc is a *time.Location: shared memory holds no addresses"},
		{refused[struct{ A [4]*int }](), "state field A[] is a *int: shared memory holds no addresses"},
		{refused[struct{ In [2]inner[string] }](), "state field In[].Deep.Field is a string: shared memory holds no addresses"},
		{refused[struct{ In inner[sync.Mutex] }](), "state field In.Deep.Field is a sync.Mutex: it works within one process only"},
		{refused[struct{ R Record[struct{ P *int }] }](), "state field R.P is a *int: shared memory holds no addresses"},
		{refused[struct{ R Record[[2]string] }](), "state field R[] is a string: shared memory holds no addresses"},
		{refused[struct{ R Record[inner[atomic.Int32]] }](), "state field R.Deep.Field is a atomic.Int32: no scheduler sees it"},
		{refused[struct{ E embedder }](), "state field E.Evil is a *int: shared memory holds no addresses"},
		{refused[embedder](), "state field Evil is a *int: shared memory holds no addresses"},
		{refused[int](), "the state is a int: expected a struct"},
		{refused[struct{}](), "the state struct {} has 0 bytes: expected 1 to 1073741824"},
		{refused[struct{ Huge [1<<30 + 1]byte }](), "the state struct { Huge [1073741825]uint8 } has 1073741825 bytes: expected 1 to 1073741824"},
	} {
		if test.err == nil || !strings.HasPrefix(test.err.Error(), "lab a/b: "+test.want) || strings.Contains(test.err.Error(), "\n") {
			t.Errorf("%v\nexpected lab a/b: %s", test.err, test.want)
		}
	}
}

func refused[S any]() error { return Check(empty[S]()) }

func empty[S any]() Lab[S] {
	return Lab[S]{Name: "a/b", Actors: func(Size) []Actor[S] { return nil }}
}

func TestStateAccepted(t *testing.T) {
	for name, err := range map[string]error{
		"cells": Check(empty[ledger]()),
		"numbers": Check(empty[struct {
			C complex128
			A [2][3]float32
			D time.Duration
		}]()),
		"unsound": Check(empty[struct {
			Mu sync.Mutex `shmrace:"unsound"`
		}]()),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	err := Check(Lab[ledger]{Name: "a/b"})
	if err == nil || err.Error() != "lab a/b has no actors: expected a function Actors" {
		t.Error(err)
	}
}

// A field that is wrong on purpose makes the lab one for free runs only, and
// excuses no other field.
func TestUnsoundTag(t *testing.T) {
	lab := empty[struct {
		Mu sync.Mutex `shmrace:"unsound"`
	}]()
	if !lab.Describe().FreeOnly || empty[ledger]().Describe().FreeOnly {
		t.Error("not the tag says that a lab is for free runs only")
	}
	_, err := Open(lab, Setting{Host: Coroutines})
	if want := `lab a/b blocks outside of points: expected a free run between processes, as of "shmrace run"`; err == nil || err.Error() != want {
		t.Errorf("%v, expected %s", err, want)
	}
	err = refused[struct {
		Mu sync.Mutex `shmrace:"unsound"`
		P  *int
	}]()
	if err == nil || !strings.Contains(err.Error(), "state field P is a *int") {
		t.Errorf("%v, expected field P refused", err)
	}
}

func TestWordPaths(t *testing.T) {
	l, err := layoutOf(reflect.TypeFor[ledger]())
	if err != nil {
		t.Fatal(err)
	}
	var s ledger
	for _, test := range []struct {
		off         uintptr
		path, whole string
	}{
		{unsafe.Offsetof(s.Accounts) + 2*unsafe.Sizeof(s.Accounts[0]) + unsafe.Offsetof(s.Accounts[0].Balance), "Accounts[2].Balance", "Accounts[2].Balance"},
		{unsafe.Sizeof(s.Accounts[0]) + unsafe.Offsetof(s.Accounts[0].Mu), "Accounts[1].Mu.state", "Accounts[1].Mu"},
		{unsafe.Offsetof(s.Accounts[0].note), "Accounts[0].note", "Accounts[0]"},
		{unsafe.Offsetof(s.Pair), "Pair.Hi", "Pair.Hi"},
		{unsafe.Offsetof(s.Pair) + 8, "Pair.Lo", "Pair.Lo"},
		{unsafe.Offsetof(s.Odd) + 4, "Odd[2]", "Odd[2]"},
		{unsafe.Offsetof(s.Flag), "Flag", "Flag"},
		{unsafe.Offsetof(s.Mu), "Mu.state", "Mu"},
		{unsafe.Offsetof(s.plain), "plain", "plain"},
	} {
		path, _ := l.find(test.off, false)
		whole, _ := l.find(test.off, true)
		if path != test.path || whole != test.whole {
			t.Errorf("offset %d is %s, whole %s; expected %s, whole %s", test.off, path, whole, test.path, test.whole)
		}
	}
}

// A word is printed as its type does, from its memory alone.
func TestWordFormat(t *testing.T) {
	var s formats
	l, err := layoutOf(reflect.TypeFor[formats]())
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		off  uintptr
		size uint8
		bits uint64
		want string
	}{
		{unsafe.Offsetof(s.I8), 1, 0xff, "-1"},
		{unsafe.Offsetof(s.I8), 1, 0x7f, "127"},
		{unsafe.Offsetof(s.I16), 2, 0x8000, "-32768"},
		{unsafe.Offsetof(s.I32), 4, 0xfffffffe, "-2"},
		{unsafe.Offsetof(s.I64), 8, math.MaxUint64, "-1"},
		{unsafe.Offsetof(s.I), 8, math.MaxUint64 - 41, "-42"},
		{unsafe.Offsetof(s.Atomic), 8, math.MaxUint64, "-1"},
		{unsafe.Offsetof(s.U8), 1, 0xff, "255"},
		{unsafe.Offsetof(s.U16), 2, 0xffff, "65535"},
		{unsafe.Offsetof(s.U32), 4, 0xffffffff, "4294967295"},
		{unsafe.Offsetof(s.U64), 8, math.MaxUint64, "18446744073709551615"},
		{unsafe.Offsetof(s.U), 8, 7, "7"},
		{unsafe.Offsetof(s.B), 1, 1, "true"},
		{unsafe.Offsetof(s.B), 1, 0, "false"},
		{unsafe.Offsetof(s.Flag), 4, 1, "true"},
		{unsafe.Offsetof(s.F32), 4, uint64(math.Float32bits(-1.5)), "-1.5"},
		{unsafe.Offsetof(s.F64), 8, math.Float64bits(math.Inf(-1)), "-Inf"},
		{unsafe.Offsetof(s.Bytes), 8, 0x0102, "0x102"}, // a word of several values
		{unsafe.Offsetof(s.Bytes) + 8, 1, 9, "9"},
		{unsafe.Offsetof(s.Level), 1, 0xfe, "-2"},
	} {
		if got := l.format(&Point{Off: uint32(test.off), Size: test.size}, test.bits); got != test.want {
			t.Errorf("%d bytes at %d, %#x: %s, expected %s", test.size, test.off, test.bits, got, test.want)
		}
	}
}

// A level prints as the number it is: a lab's own String is not called.
type level int8

func (level) String() string { return "level" }

type formats struct {
	I8     Var[int8]
	I16    Var[int16]
	I32    Var[int32]
	I64    Var[int64]
	I      Var[int]
	Atomic Int64
	U8     Var[uint8]
	U16    Var[uint16]
	U32    Var[uint32]
	U64    Var[uint64]
	U      Var[uint]
	B      Var[bool]
	Flag   Bool
	F32    Var[float32]
	F64    Var[float64]
	Bytes  Record[[9]uint8]
	Level  Var[level]
}

// The hash tells layouts apart that two binaries must agree on.
func TestLayoutHash(t *testing.T) {
	hashes := map[uint32]string{}
	for name, l := range map[string]*layout{
		"int32":   hashed[struct{ A, B Var[int32] }](t),
		"uint32":  hashed[struct{ A, B Var[uint32] }](t),
		"int64":   hashed[struct{ A, B Var[int64] }](t),
		"swapped": hashed[struct{ B, A Var[int32] }](t),
		"array":   hashed[struct{ A [2]Var[int32] }](t),
		"longer":  hashed[struct{ A [3]Var[int32] }](t),
		"record":  hashed[struct{ A Record[[2]int32] }](t),
	} {
		if other, ok := hashes[l.hash]; ok {
			t.Errorf("%s and %s have the same hash", name, other)
		}
		hashes[l.hash] = name
	}
	if a, b := hashed[ledger](t), hashed[ledger](t); a.hash != b.hash {
		t.Error("the hash of one layout changes")
	}
}

func hashed[S any](t *testing.T) *layout {
	l, err := layoutOf(reflect.TypeFor[S]())
	if err != nil {
		t.Fatal(err)
	}
	return l
}
