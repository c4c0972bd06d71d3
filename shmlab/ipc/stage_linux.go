package ipc

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// A Step is one thing that a process did in a run.
type Step struct {
	Who    string `json:"who"`
	Call   string `json:"call"`
	Result string `json:"result"`
}

// A Watcher follows a run as it goes. Nil functions are not called.
type Watcher struct {
	Before func(who, call string) // a call is about to be made; the run waits until it returns
	After  func(Step)             // a call has returned, or blocks
}

// A Stage is where a script is run: the processes, the names that are in use,
// and what was observed.
type Stage struct {
	ctx     context.Context
	stop    int // an eventfd, readable when ctx is done
	watch   Watcher
	parent  *Actor // this process
	actors  []*Actor
	private private
	undo    []func() // last first
	quiet   int
	guard   time.Duration
	report  Report
}

// guard is how long anything is waited for that must come; patience, how long
// the end of a measurement, which gets its share of a busy machine and no more.
const (
	guard    = 10 * time.Second
	patience = 60 * time.Second
)

// Run runs the demonstration once. It leaves no process, no name and no file
// behind, also when ctx ends it early.
func (d Demonstration) Run(ctx context.Context, watch Watcher) *Report {
	runtime.LockOSThread() // processes die with the thread that starts them
	defer runtime.UnlockOSThread()
	s := &Stage{ctx: ctx, watch: watch, guard: guard}
	s.parent = &Actor{Name: "parent", Pid: unix.Getpid(), stage: s, control: -1, tid: unix.Gettid()}
	var err error
	if s.stop, err = unix.Eventfd(0, unix.EFD_CLOEXEC); err != nil {
		return &Report{Err: fmt.Errorf("cannot run a demonstration: eventfd: %w", err)}
	}
	told := make(chan struct{})
	release := context.AfterFunc(ctx, func() {
		unix.Write(s.stop, []byte{1, 0, 0, 0, 0, 0, 0, 0})
		close(told)
	})
	defer func() {
		if !release() {
			<-told // else it might write to what has the number next
		}
		unix.Close(s.stop)
	}()
	defer s.clear()
	s.part("", func() { d.script(s) })
	return &s.report
}

// aborted is what unwinds a script that cannot go on.
type aborted struct{ why error }

// absent unwinds a part of a script that needs what this system lacks.
type absent struct{ why string }

func (s *Stage) abort(why error) { panic(aborted{why}) }

// missing leaves this part of the script out.
func (s *Stage) missing(format string, args ...any) { panic(absent{fmt.Sprintf(format, args...)}) }

// part runs a part of a script that can be missing while the rest goes on.
func (s *Stage) part(name string, script func()) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case absent:
			s.report.Lacking = append(s.report.Lacking, Lack{name, r.why})
		case aborted:
			if name != "" {
				panic(r)
			}
			s.report.Err = r.why
		default:
			panic(r)
		}
	}()
	script()
}

// clear ends the processes and removes what the run made.
func (s *Stage) clear() {
	for _, a := range s.actors {
		a.end()
	}
	for _, undo := range slices.Backward(s.undo) {
		undo()
	}
	s.private.remove()
}

// after has f called when the run is over, whatever comes.
func (s *Stage) after(f func()) { s.undo = append(s.undo, f) }

// fact writes down what was observed.
func (s *Stage) fact(name string, value any) {
	s.report.Facts = append(s.report.Facts, Fact{name, fmt.Sprint(value)})
}

// rounds runs f n times and shows only the first.
func (s *Stage) rounds(n int, f func(i int)) {
	f(0)
	s.quiet++
	for i := 1; i < n; i++ {
		f(i)
	}
	s.quiet--
	if n > 1 {
		s.record(Step{Who: "", Call: fmt.Sprintf("... the same %d times more", n-1), Result: ""})
	}
}

// silently runs f without showing its steps.
func (s *Stage) silently(f func()) {
	s.quiet++
	defer func() { s.quiet-- }()
	f()
}

func (s *Stage) next(a *Actor, r request) {
	if s.ctx.Err() != nil {
		s.abort(ErrInterrupted)
	}
	if a.waiting != nil {
		s.abort(fmt.Errorf("%s is still in %s and cannot %s", a.Name, a.waiting.request.text, r.text))
	}
	s.announce(a.Name, r.text)
}

func (s *Stage) announce(who, call string) {
	if s.quiet == 0 && s.watch.Before != nil {
		s.watch.Before(who, call)
	}
	if s.ctx.Err() != nil {
		s.abort(ErrInterrupted)
	}
}

func (s *Stage) record(step Step) {
	if s.quiet > 0 {
		return
	}
	s.report.Steps = append(s.report.Steps, step)
	if s.watch.After != nil {
		s.watch.After(step)
	}
}

// poll waits until fd is readable. It aborts the run if that does not come.
func (s *Stage) poll(fd int, what string) {
	fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}, {Fd: int32(s.stop), Events: unix.POLLIN}}
	for deadline := time.Now().Add(s.guard); ; {
		left := time.Until(deadline)
		if left <= 0 {
			s.abort(fmt.Errorf("%w: waited %v for %s", ErrLate, s.guard, what))
		}
		n, err := unix.Poll(fds, int(left.Milliseconds())+1)
		switch {
		case err != nil && err != unix.EINTR:
			s.abort(fmt.Errorf("cannot wait for %s: %w", what, err))
		case n > 0 && fds[1].Revents != 0:
			s.abort(ErrInterrupted)
		case n > 0:
			return
		}
	}
}

// await waits until ok. It aborts the run if that does not come.
func (s *Stage) await(what string, ok func() bool) {
	for begin := time.Now(); !ok(); {
		if readable(s.stop, 0) {
			s.abort(ErrInterrupted)
		}
		if time.Since(begin) > s.guard {
			s.abort(fmt.Errorf("%w: waited %v for %s", ErrLate, s.guard, what))
		}
		time.Sleep(20 * time.Microsecond)
	}
}

// A result is what came of a request.
type result struct {
	answer
	request request
	stage   *Stage
	death   string // how the process ended over it; "" if it lives
}

func (s *Stage) happened(a *Actor, r request, ans answer, death string) result {
	res := result{ans, r, s, death}
	s.record(Step{Who: a.Name, Call: r.text, Result: res.String()})
	return res
}

// ok returns the number that the call returned, which must have succeeded. A
// system without the call lacks this part of the demonstration.
func (r result) ok() int {
	switch {
	case r.death != "":
		r.stage.abort(fmt.Errorf("%s: the process died: %s", r.request.text, r.death))
	case r.Errno == unix.ENOSYS:
		r.stage.missing("%s: this kernel does not have it", r.request.Op)
	case r.Errno != 0:
		r.stage.abort(fmt.Errorf("%s: %w", r.request.text, r.Errno))
	case r.Fault != "":
		r.stage.abort(fmt.Errorf("%s: %s", r.request.text, r.Fault))
	}
	return int(r.N)
}

// data returns the bytes that the call returned; it must have succeeded.
func (r result) data() []byte {
	r.ok()
	return r.Data
}

// outcome is the call's error by name, how the process died of it, or "ok".
func (r result) outcome() string {
	switch {
	case r.death != "":
		return r.death
	case r.Errno != 0:
		return unix.ErrnoName(r.Errno)
	case r.Fault != "":
		return r.Fault
	}
	return "ok"
}

// String is the result as a step shows it.
func (r result) String() string {
	switch {
	case r.outcome() != "ok":
		return r.outcome()
	case r.Data != nil:
		return fmt.Sprintf("%d %s", r.N, quote(r.Data))
	}
	if r.request.Op == "store" || r.request.Op == "global.set" {
		return "" // its text says it all
	}
	return number(r.N)
}
