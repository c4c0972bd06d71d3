package shmlab_test

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"shmrace/shmlab"
)

// words is what an idle point is measured on: the same memory, once as cells and
// once bare. There are several, so that a load need not wait for the store before.
type (
	words struct {
		vars [64]shmlab.Var[uint64]
		word shmlab.Uint32
	}
	bareWords struct {
		vars [64]uint64
		word atomic.Uint32
	}
)

const (
	accesses = 1 << 20 // of a round
	rounds   = 9       // at least
)

// BenchmarkIdle is what a point costs when nothing is attached: an access by an
// actor of no run, less the same access without a point.
func BenchmarkIdle(b *testing.B) {
	page, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_ANONYMOUS)
	if err != nil {
		b.Fatal(err)
	}
	defer unix.Munmap(page)
	cells := (*words)(unsafe.Pointer(unsafe.SliceData(page)))
	bare := (*bareWords)(unsafe.Pointer(cells))
	p := &shmlab.Proc{}
	for _, bench := range []struct {
		name       string
		idle, bare func()
	}{
		{"get", func() { idleGet(p, cells) }, func() { bareGet(bare) }},
		{"set", func() { idleSet(p, cells) }, func() { bareSet(bare) }},
		{"add", func() { idleAdd(p, cells) }, func() { bareAdd(bare) }},
	} {
		b.Run(bench.name, func(b *testing.B) {
			var extra, without []float64
			round := func() {
				bare := perAccess(bench.bare)
				extra = append(extra, perAccess(bench.idle)-bare)
				without = append(without, bare)
			}
			for b.Loop() {
				round()
			}
			for len(extra) < rounds {
				round()
			}
			b.ReportMetric(0, "ns/op") // of a round, which says nothing
			b.ReportMetric(median(extra), "ns/point")
			b.ReportMetric(median(without), "ns/bare")
		})
	}
}

func perAccess(f func()) float64 {
	begun := time.Now()
	f()
	return float64(time.Since(begun).Nanoseconds()) / accesses
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}

var sink uint64 // keeps what was read from being left out

//go:noinline
func idleGet(p *shmlab.Proc, w *words) {
	sum := uint64(0)
	for i := range accesses {
		sum += w.vars[i%64].Get(p)
	}
	sink = sum
}

//go:noinline
func bareGet(w *bareWords) {
	sum := uint64(0)
	for i := range accesses {
		sum += w.vars[i%64]
	}
	sink = sum
}

//go:noinline
func idleSet(p *shmlab.Proc, w *words) {
	for i := range accesses {
		w.vars[i%64].Set(p, uint64(i))
	}
}

//go:noinline
func bareSet(w *bareWords) {
	for i := range accesses {
		w.vars[i%64] = uint64(i)
	}
}

//go:noinline
func idleAdd(p *shmlab.Proc, w *words) {
	for range accesses {
		w.word.Add(p, 1)
	}
}

//go:noinline
func bareAdd(w *bareWords) {
	for range accesses {
		w.word.Add(1)
	}
}
