package inject_test

import (
	"runtime"
	"testing"

	"shmrace/inject"
	"shmrace/shmlab"
)

// What a reference model checker takes for the same proofs, in seconds.
var proofs = []struct {
	name      string
	lab       shmlab.AnyLab
	reference float64
}{
	{"readers(13)", program(readers(13)...), 4.8},
	{"lastzero(10)", program(lastzero(10)...), 2.8},
	{"lastzero(15)", program(lastzero(15)...), 0},
	{"casrot(8)", program(casrot(8)...), 0.6},
	{"indexer(15)", indexer(15), 34},
}

// BenchmarkDPOR measures whole proofs.
func BenchmarkDPOR(b *testing.B) {
	for _, proof := range proofs {
		b.Run(proof.name, func(b *testing.B) {
			bench := open(b, proof.lab)
			b.ReportAllocs()
			traces, steps := 0, 0
			for b.Loop() {
				d := inject.NewDPOR()
				for d.Begin() {
					r, err := bench.Run(d)
					if err != nil {
						b.Fatal(err)
					}
					steps += len(r.Decisions)
				}
				traces += d.Explored()
			}
			spent := b.Elapsed().Seconds()
			b.ReportMetric(spent*1e9/float64(traces), "ns/trace")
			b.ReportMetric(spent*1e9/float64(steps), "ns/step")
			if proof.reference > 0 {
				b.ReportMetric(proof.reference*float64(b.N)/spent, "x-reference")
			}
		})
	}
}

// What a search keeps of the schedules to come is little: an optimal one has to
// know nearly as many of them as there are (a wakeup tree holds them all).
func TestDPORMemory(t *testing.T) {
	live := func() int {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int(m.HeapAlloc)
	}
	bench, before, d := open(t, program(lastzero(12)...)), live(), inject.NewDPOR()
	for d.Begin() {
		if _, err := bench.Run(d); err != nil {
			t.Fatal(err)
		}
	}
	kept := live() - before
	t.Logf("%d bytes for %d schedules", kept, d.Explored())
	if kept > 32*d.Explored() {
		t.Errorf("%d bytes are kept for %d schedules, expected 32 each at most", kept, d.Explored())
	}
}
