package shmlab

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"shmrace/shmlab/trace"
)

// A Freedom is how a free run is disturbed and what is kept of it. The zero
// Freedom is a run that is left alone.
type Freedom struct {
	Limit time.Duration // a run that is not over by then ends undecided; 0: never
	Plan  []Trap        // what happens to whom at which points; nil: nobody meets a point
	Seed  uint64        // of what is drawn in the plan
	Chaos *Turbulence   // what else happens to the actors; nil: nothing

	Record bool // what the actors do is written down
	Lines  bool // and where in the code they do it, which takes longer
}

// A FreeRun is how one free run ended: the hardware decided who went when.
type FreeRun struct {
	Verdict trace.Verdict
	Reason  error // why; nil if it holds
	Lost    int64 // operations that left no effect, if the lab counts them
	Elapsed time.Duration
	Killed  int        // actors that the plan killed: then Final is not asked
	Fired   []Fired    // what the plan did, actor by actor; of each actor the first 256
	Fires   int        // how much that was in all
	Denied  []string   // what of the turbulence this machine did not allow
	Record  *Recording // nil: none was asked for
}

// quiet is how long the actors that are left may use no processor before a free
// run is stuck: whoever sleeps by then is waiting for somebody who will not come.
const quiet = time.Second

// killCheck is deathCheck where deaths are to be expected.
const killCheck = 2 * time.Millisecond

// Free runs the lab once at full speed, each actor on a processor of its own
// as far as there are enough. A run that is not over after the limit ends
// undecided; a limit of 0 is none.
func (b *Bench) Free(limit time.Duration) (FreeRun, error) {
	return b.FreeAs(Freedom{Limit: limit})
}

// FreeAs is Free with the run disturbed. A death that the plan wants is no
// violation; that others then wait for ever is.
func (b *Bench) FreeAs(f Freedom) (FreeRun, error) {
	h, ok := b.host.(*processes)
	if !ok {
		return FreeRun{}, fmt.Errorf("a free run needs actors that run at the same time: expected host processes")
	}
	copy(b.memory.bytes, b.initial)
	if err := h.replace(); err != nil {
		return FreeRun{}, err
	}
	rules := f.rules()
	if rules != 0 {
		if err := h.journal.begin(len(h.workers), f.Plan, f.Seed, b.program.layout); err != nil {
			return FreeRun{}, err
		}
	}
	if err := h.lighten(rules); err != nil {
		return FreeRun{}, err
	}
	if f.Chaos != nil {
		unix.SchedSetaffinity(0, &h.before) // not where an actor before everybody else may be
		defer pin(h.home())
	}
	h.begin(f.Chaos)
	start := time.Now()
	h.release(rules, f.Chaos)
	run := h.finish(start, f)
	run.Elapsed = time.Since(start)
	b.weigh(&run)
	if f.Record && run.Verdict != trace.Tampered {
		var err error
		if run.Record, err = h.journal.recording(b); err != nil {
			run.Verdict, run.Reason = trace.Tampered, err
		}
	}
	b.judgeFree(&run)
	return run, nil
}

// Fits says why no free run can have the plan: it is not fit for any, or names an
// actor or a word that there is not.
func (b *Bench) Fits(plan []Trap) error {
	h, ok := b.host.(*processes)
	if !ok {
		return nil
	}
	return h.journal.begin(len(h.workers), plan, 0, b.program.layout)
}

func (f *Freedom) rules() (r rules) {
	if f.Plan != nil {
		r |= meets
	}
	if f.Record {
		r |= records
	}
	if f.Record && f.Lines {
		r |= stacks
	}
	return r
}

// weigh looks at the state that a free run has left. Of one in which an actor
// was killed only what holds at every point is asked, as of a stepped one.
func (b *Bench) weigh(run *FreeRun) {
	s := b.memory.state()
	if run.Verdict == trace.Holds {
		var err error
		if run.Killed == 0 {
			err = b.judge()
		} else if b.program.always != nil {
			err = b.program.always(s)
		}
		if err != nil {
			run.Verdict, run.Reason = trace.Violated, err
		}
	}
	if b.program.lost != nil && run.Verdict != trace.Stuck && run.Killed == 0 {
		run.Lost = b.program.lost(s)
	}
}

// release lets all workers go together.
func (h *processes) release(rules rules, chaos *Turbulence) {
	for i, w := range h.workers {
		w.control.cpu, w.control.rules, w.control.start = int32(h.cpus[i%len(h.cpus)]), rules, 0
		w.control.storm = Storm{}
		if chaos != nil && i < len(chaos.Storms) {
			w.control.storm, w.ruffled = chaos.Storms[i], true
		}
		if chaos != nil && i < len(chaos.Start) && chaos.Start[i].CPU >= 0 {
			w.control.cpu = int32(h.cpus[chaos.Start[i].CPU%len(h.cpus)])
		}
		w.control.deaths = 0
		w.control.free.Store(0)
		w.let(runFree)
	}
	start := In(lead)
	for _, w := range h.workers {
		if chaos != nil && chaos.Storms != nil {
			w.control.start = start // published by the store
		}
		w.control.free.Store(1)
	}
}

// finish waits until every worker is done, and ends those that never will be.
func (h *processes) finish(start time.Time, f Freedom) FreeRun {
	run := FreeRun{Verdict: trace.Holds}
	look, hold := deathCheck, longest(f.Plan)+f.Chaos.longest()
	if f.Plan != nil || f.Chaos != nil {
		look = killCheck
	}
	pusher := newPusher(f.Chaos)
	patience := quiet + hold
	reviver := reviver{hold: hold}
	idle := time.Duration(0) // in looks, as in collect
	used := h.processorTime()
	ended := map[int]bool{}
	for left := h.unfinished(); len(left) > 0; left = h.unfinished() {
		step := pusher.wait(look)
		h.workers[left[0]].control.await(supervisors, In(step))
		pusher.work(h)
		reviver.work(h, left)
		if now := h.processorTime(); now-used > time.Millisecond || now < used || idle > patience/2 && !h.asleep(left) {
			idle, used = -step, now
		}
		overdue := f.Limit > 0 && time.Since(start) > f.Limit
		if overdue {
			run.Verdict, run.Reason = trace.Budget, fmt.Errorf("%s not finished after %v", names(left), f.Limit)
		} else if idle += step; idle > patience {
			run.Verdict = trace.Stuck
			run.Reason = fmt.Errorf("%s asleep for ever: nothing ran for %v and nobody is left to wake them", names(left), patience)
		} else {
			continue
		}
		for _, i := range left {
			h.workers[i].end()
			ended[i] = true
		}
	}
	run.Denied = append(h.denied, pusher.denied...)
	h.tell(&run, f, ended)
	return run
}

// asleep reports whether no thread of the workers left has anything to run: where
// many others want the processors, who uses none may only be waiting for its turn.
func (h *processes) asleep(left []int) bool {
	for _, i := range left {
		if h.workers[i].eachThread(wantsToRun) != nil {
			return false
		}
	}
	return true
}

var errRuns = errors.New("it wants to run")

// wantsToRun returns an error if a thread is on a processor or waits for one, or
// for a disk.
func wantsToRun(tid int) error {
	if s := stateOf(tid); s == 'R' || s == 'D' {
		return errRuns
	}
	return nil
}

// tell adds to run what each actor came to that was not ended by the supervisor:
// that is why others wait for it, and is told instead.
func (h *processes) tell(run *FreeRun, f Freedom, ended map[int]bool) {
	if f.rules() != 0 {
		var err error
		if run.Fired, run.Fires, err = h.journal.fires(len(h.workers), f.Plan); err != nil {
			run.Verdict, run.Reason = trace.Tampered, fmt.Errorf("the journal was written over: %w", err)
			return
		}
	}
	told := false
	for i, w := range h.workers {
		if ended[i] {
			continue
		}
		if !w.alive && f.rules() != 0 && w.killedBy(h.journal.pages[i].last(f.Plan)) {
			run.Killed++
			continue
		}
		if v, reason := w.outcome(i, h.program.layout.size); v != trace.Holds && !told {
			run.Verdict, run.Reason, told = v, reason, true
		}
	}
}

// killedBy reports whether the process died of what it did last because the plan
// said so.
func (w *process) killedBy(a Action, done bool) bool {
	if !done || a.Deed != Hurt || w.state == nil {
		return false
	}
	status, ok := w.state.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == numbers[a.Fault]
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
