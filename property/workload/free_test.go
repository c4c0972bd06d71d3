package workload_test

import (
	"runtime"
	"testing"
	"time"

	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// At full speed the right counters lose nothing and the standard library's lock
// between processes ends with somebody asleep for ever.
func TestFree(t *testing.T) {
	for _, test := range []struct {
		lab     shmlab.AnyLab
		ops     int
		verdict trace.Verdict
	}{
		{workload.CounterMutex, 100_000, trace.Holds},
		{workload.CounterAtomic, 1_000_000, trace.Holds},
		{workload.TransferOneLock, 20_000, trace.Holds},
		{workload.TransferOrdered, 20_000, trace.Holds},
		{workload.TornMutex, 20_000, trace.Holds},
		{workload.StdMutexShared, 1_000_000, trace.Stuck},
	} {
		t.Run(test.lab.Describe().Name, func(t *testing.T) {
			if test.verdict != trace.Holds && runtime.NumCPU() < 2 {
				t.Skip("one processor: two processes seldom meet")
			}
			bench := open(t, test.lab, shmlab.Setting{Size: shmlab.Size{Ops: test.ops}}, shmlab.Processes)
			run, err := bench.Free(20 * time.Second)
			for range 50 { // on a busy machine the two may not meet
				if test.verdict == trace.Holds || run.Verdict != trace.Holds || err != nil {
					break
				}
				run, err = bench.Free(20 * time.Second)
			}
			if err != nil || run.Verdict != test.verdict || run.Verdict == trace.Holds && run.Lost != 0 {
				t.Errorf("%v: %v, %d lost in %v, %v; expected %v", run.Verdict, run.Reason, run.Lost, run.Elapsed, err, test.verdict)
			}
			if run.Elapsed > 10*time.Second {
				t.Errorf("it takes %v", run.Elapsed)
			}
		})
	}
}
