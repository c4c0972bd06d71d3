package race_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"shmrace/inject"
	"shmrace/property/race"
	"shmrace/property/workload"
	"shmrace/shmlab"
)

// looked runs a lab n times, with a detector if there is one, and returns how
// many steps that were.
func looked(tb testing.TB, bench *shmlab.Bench, d *race.Detector, walk shmlab.Strategy, n int) (steps int) {
	setting := bench.Setting()
	bench.Watch(nil)
	if d != nil {
		bench.Watch(d)
	}
	for range n {
		walk.Begin()
		if d != nil {
			d.Begin(setting.Size.Actors, setting.InsideLocks)
		}
		run, err := bench.Run(walk)
		if err != nil {
			tb.Fatal(err)
		}
		if d != nil {
			d.End()
		}
		steps += len(run.Decisions)
	}
	return steps
}

// BenchmarkDetector is what a step costs with a detector and without, by turns,
// so that a machine that is busy for a while is so for both.
func BenchmarkDetector(b *testing.B) {
	for _, c := range []struct {
		lab     shmlab.AnyLab
		setting shmlab.Setting
		turn    int // runs
	}{
		{workload.CounterUnlocked, shmlab.Setting{Host: shmlab.Coroutines, Size: shmlab.Size{Actors: 2, Ops: 1}}, 1000},
		{workload.CounterUnlocked, shmlab.Setting{Host: shmlab.Coroutines, Size: shmlab.Size{Actors: 3, Ops: 3}}, 1000},
		{workload.CounterMutex, shmlab.Setting{Host: shmlab.Coroutines, Size: shmlab.Size{Actors: 3, Ops: 3}}, 1000},
		{workload.CounterMutex, shmlab.Setting{Host: shmlab.Coroutines, Size: shmlab.Size{Actors: 3, Ops: 3}, InsideLocks: true}, 1000},
		{workload.CounterUnlocked, shmlab.Setting{Host: shmlab.Processes, Size: shmlab.Size{Actors: 2, Ops: 1}}, 50},
	} {
		name := fmt.Sprintf("%v/%s/%dx%d", c.setting.Host, c.lab.Describe().Name, c.setting.Size.Actors, c.setting.Size.Ops)
		if c.setting.InsideLocks {
			name += "/inside-locks"
		}
		b.Run(name, func(b *testing.B) {
			bench, err := shmlab.Open(c.lab, c.setting)
			if err != nil {
				b.Fatal(err)
			}
			defer bench.Close()
			var d race.Detector
			walk := inject.NewRandom(1)
			var with, without []float64 // ns of a step
			turn := func(d *race.Detector) float64 {
				begun := time.Now()
				steps := looked(b, bench, d, walk, c.turn)
				return float64(time.Since(begun).Nanoseconds()) / float64(steps)
			}
			b.ReportAllocs()
			for b.Loop() {
				without = append(without, turn(nil))
				with = append(with, turn(&d))
			}
			slices.Sort(with)
			slices.Sort(without)
			x, y := with[len(with)/2], without[len(without)/2]
			b.ReportMetric(y, "bare-ns/step")
			b.ReportMetric(x, "watched-ns/step")
			b.ReportMetric(x/y, "ratio")
		})
	}
}

// TestDetectorTakesNoMemory: a run like one before it needs none.
func TestDetectorTakesNoMemory(t *testing.T) {
	for _, lab := range []shmlab.AnyLab{workload.CounterUnlocked, workload.CounterMutex} {
		bench, err := shmlab.Open(lab, shmlab.Setting{Host: shmlab.Coroutines, Size: shmlab.Size{Actors: 3, Ops: 3}})
		if err != nil {
			t.Fatal(err)
		}
		var d race.Detector
		walk := inject.NewRandom(1)
		looked(t, bench, &d, walk, 100)
		without := testing.AllocsPerRun(20, func() { looked(t, bench, nil, walk, 100) })
		with := testing.AllocsPerRun(20, func() { looked(t, bench, &d, walk, 100) })
		if with-without > 2 { // Watch itself
			t.Errorf("%s: %v allocations in 100 runs, %v without a detector", lab.Describe().Name, with, without)
		}
		bench.Close()
	}
}
