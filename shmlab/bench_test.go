package shmlab_test

import (
	"fmt"
	"testing"

	"shmrace/inject"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// BenchmarkRun is how many schedules a second the random walk gets through, and
// what a step of them costs. No process is started for a schedule.
func BenchmarkRun(b *testing.B) {
	for _, setting := range []shmlab.Setting{
		{Host: shmlab.Coroutines, Size: shmlab.Size{Actors: 2, Ops: 1}},
		{Host: shmlab.Coroutines, Size: shmlab.Size{Actors: 3, Ops: 3}},
		{Host: shmlab.Processes, Size: shmlab.Size{Actors: 2, Ops: 1}},
		{Host: shmlab.Processes, Size: shmlab.Size{Actors: 8, Ops: 1}},
	} {
		b.Run(fmt.Sprintf("%v/%dx%d", setting.Host, setting.Size.Actors, setting.Size.Ops), func(b *testing.B) {
			benchmarkRun(b, setting)
		})
	}
}

func benchmarkRun(b *testing.B, setting shmlab.Setting) {
	bench, err := shmlab.Open(tally, setting)
	if err != nil {
		b.Fatal(err)
	}
	defer bench.Close()
	walk := inject.NewRandom(1)
	steps := 0
	b.ReportAllocs()
	for b.Loop() {
		walk.Begin()
		run, err := bench.Run(walk)
		if err != nil {
			b.Fatal(err)
		}
		if run.Verdict != trace.Holds {
			b.Fatalf("%v: %v", run.Verdict, run.Reason)
		}
		steps += len(run.Decisions)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "schedules/s")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(steps), "ns/step")
}
