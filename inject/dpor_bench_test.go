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

// What a search takes from the heap does not grow with the classes that it meets: for
// ten times as many, with schedules a third longer, it is hardly more.
func TestDPORMemory(t *testing.T) {
	few, fewer := taken(t, lastzero(9))
	many, more := taken(t, lastzero(12))
	t.Logf("%d bytes for %d classes, %d for %d", few, fewer, many, more)
	if more < 9*fewer || many > 2*few {
		t.Errorf("%d bytes for %d classes and %d for %d, expected at most twice as many", few, fewer, many, more)
	}
}

// taken returns how many bytes a search takes from the heap in all.
func taken(t *testing.T, bodies []body) (bytes, explored int) {
	bench, d := open(t, program(bodies...)), inject.NewDPOR()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for d.Begin() {
		if _, err := bench.Run(d); err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	return int(after.TotalAlloc - before.TotalAlloc), d.Explored()
}
