package property_test

import (
	"testing"

	"shmrace/inject"
	"shmrace/property/race"
	"shmrace/property/workload"
	"shmrace/shmlab"
)

// BenchmarkLookedAt is what a schedule costs alone, written down, and looked at
// for data races, on both hosts.
func BenchmarkLookedAt(b *testing.B) {
	for _, host := range []shmlab.Host{shmlab.Processes, shmlab.Coroutines} {
		bench, err := shmlab.Open(workload.CounterMutex, shmlab.Setting{Host: host, Size: shmlab.Size{Actors: 2, Ops: 5}})
		if err != nil {
			b.Fatal(err)
		}
		strategy := inject.NewRandom(1)
		for _, c := range []struct {
			name string
			run  func() error
		}{
			{"run", func() error { _, err := bench.Run(strategy); return err }},
			{"trace", func() error { _, err := bench.Trace(strategy); return err }},
			{"race", func() error {
				t, err := bench.Trace(strategy)
				if err == nil {
					race.Find(t)
				}
				return err
			}},
		} {
			b.Run(host.String()+"/"+c.name, func(b *testing.B) {
				for b.Loop() {
					strategy.Begin()
					if err := c.run(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		if err := bench.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
