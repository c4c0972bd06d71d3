package shmlab

import (
	"fmt"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"shmrace/shmlab/trace"
)

// A FreeRun is how one free run ended: the hardware decided who went when.
type FreeRun struct {
	Verdict trace.Verdict
	Reason  error // why; nil if it holds
	Lost    int64 // operations that left no effect, if the lab counts them
	Elapsed time.Duration
}

// quiet is how long the actors that are left may use no processor before a free
// run is stuck: whoever sleeps by then is waiting for somebody who will not come.
const quiet = time.Second

// Free runs the lab once at full speed, each actor on a processor of its own
// as far as there are enough. A run that is not over after the limit ends
// undecided; a limit of 0 is none.
func (b *Bench) Free(limit time.Duration) (FreeRun, error) {
	h, ok := b.host.(*processes)
	if !ok {
		return FreeRun{}, fmt.Errorf("a free run needs actors that run at the same time: expected host processes")
	}
	copy(b.memory.bytes, b.initial)
	if err := h.replace(); err != nil {
		return FreeRun{}, err
	}
	start := time.Now()
	h.release()
	run := h.finish(start, limit)
	run.Elapsed = time.Since(start)
	if run.Verdict == trace.Holds {
		if err := b.judge(); err != nil {
			run.Verdict, run.Reason = trace.Violated, err
		}
	}
	if b.program.lost != nil && run.Verdict != trace.Stuck {
		run.Lost = b.program.lost(b.memory.state())
	}
	return run, nil
}

// release lets all workers go together.
func (h *processes) release() {
	for i, w := range h.workers {
		w.control.cpu = int32(h.cpus[i%len(h.cpus)])
		w.control.deaths = 0
		w.control.free.Store(0)
		w.let(runFree)
	}
	for _, w := range h.workers {
		w.control.free.Store(1)
	}
}

// finish waits until every worker is done, and ends those that never will be.
func (h *processes) finish(start time.Time, limit time.Duration) FreeRun {
	run := FreeRun{Verdict: trace.Holds}
	idle := time.Duration(0) // in looks, as in collect
	used := h.processorTime()
	ended := map[int]bool{}
	for left := h.unfinished(); len(left) > 0; left = h.unfinished() {
		h.workers[left[0]].control.await(supervisors, In(deathCheck))
		if now := h.processorTime(); now-used > time.Millisecond || now < used {
			idle, used = -deathCheck, now
		}
		overdue := limit > 0 && time.Since(start) > limit
		if overdue {
			run.Verdict, run.Reason = trace.Budget, fmt.Errorf("%s not finished after %v", names(left), limit)
		} else if idle += deathCheck; idle > quiet {
			run.Verdict = trace.Stuck
			run.Reason = fmt.Errorf("%s asleep for ever: nothing ran for %v and nobody is left to wake them", names(left), quiet)
		} else {
			continue
		}
		for _, i := range left {
			h.workers[i].end()
			ended[i] = true
		}
	}
	told := false
	for i, w := range h.workers {
		if ended[i] {
			continue
		}
		// What an actor came to is why others wait for it, and is told instead.
		if v, reason := w.outcome(i, h.program.layout.size); v != trace.Holds && !told {
			run.Verdict, run.Reason, told = v, reason, true
		}
	}
	return run
}

func names(actors []int) string {
	var list []string
	for _, i := range actors {
		list = append(list, trace.Actor(i).String())
	}
	if len(list) == 1 {
		return list[0] + " is"
	}
	return strings.Join(list, ", ") + " are"
}

// unfinished returns the workers that are alive and have not come back.
func (h *processes) unfinished() (left []int) {
	for i, w := range h.workers {
		switch {
		case !w.alive || w.control.turn.Load() == supervisors:
		case w.dead():
			w.end()
		default:
			left = append(left, i)
		}
	}
	return left
}

// outcome says how a free run ended for worker i.
func (w *process) outcome(i int, size uintptr) (trace.Verdict, error) {
	if !w.alive {
		return trace.Violated, fmt.Errorf("%v died: %s", trace.Actor(i), w.obituary())
	}
	w.arrivals++
	if err := w.control.read(&w.standing, w.arrivals, size); err != nil {
		w.end()
		return trace.Tampered, fmt.Errorf("%v wrote what only the scheduler may write: %w", trace.Actor(i), err)
	}
	switch w.standing.point.Kind {
	case trace.Failed:
		return trace.Violated, fmt.Errorf("%s", w.standing.text)
	case trace.Panic:
		return trace.Violated, fmt.Errorf("%v panicked: %s", trace.Actor(i), w.standing.text)
	}
	return trace.Holds, nil
}

// processorTime returns how much time the workers have used of any processor.
func (h *processes) processorTime() (sum time.Duration) {
	for _, w := range h.workers {
		var t unix.Timespec
		if w.alive && unix.ClockGettime(processClock(w.process.Pid), &t) == nil {
			sum += time.Duration(t.Nano())
		}
	}
	return sum
}

// processClock returns the number of the clock that runs while process pid
// does: clock_getcpuclockid(3) computes it so.
func processClock(pid int) int32 { return int32(^pid)<<3 | 2 }
