package shmlab

import (
	"errors"
	"fmt"
	"strings"

	"shmrace/shmlab/trace"
)

// A status is what an actor is to the scheduler:
//
//	idle     has not started            -> running (let go)
//	running  is between two points      -> ready (arrives), asleep (a wait), over
//	ready    stands at a point          -> running (let go), over (killed)
//	asleep   waits on a futex word      -> running (woken, timeout, EINTR), over
//	over     has finished or was killed
type status uint8

const (
	idle status = iota
	running
	ready
	asleep
	over
)

// An actor is what the scheduler knows of one participant.
type actor struct {
	at      *standing
	status  status
	live    bool        // its code has begun and not ended
	stopped bool        // by SIGSTOP
	cause   trace.Fault // of its death, if a fault was
	signals signals
	since   int   // decisions taken when it arrived
	looked  int   // decisions taken when its nap ended last
	taken   Point // what it was let go for; kept only for a recorder or a watch
	missed  bool  // what it was let go for is a compare-and-swap that fails
}

// A scheduler is the state of one run. It knows nothing of the host: the host
// tells it who has arrived and asks it who is next.
type scheduler struct {
	n       int     // actors
	budget  int     // most decisions
	barrier bool    // all begin together
	memory  *memory // the supervisor's own mapping of the state
	always  func() error
	hurt    func(a trace.Actor, f trace.Fault, fatal bool) error // does a fault to the actor itself

	strategy    Strategy
	observer    Observer // strategy, if it is one
	choice      Choice
	actors      []actor
	decisions   []trace.Decision
	preemptions int
	started     int    // actors let go from the barrier
	left        int    // actors that are not over
	plain       uint64 // actors at a point that can be taken whatever there is
	special     uint64 // actors at a point that depends: a guard, a yield
	killed      int    // decisions taken when an actor was killed last; 0: none was
	due         uint64 // the actor whose next step is the appointed fault, as a set
	lapsed      uint64 // the actor that came to its end instead, as a set
	appointed   appointed
	notes       int // come to since notedAt decisions were taken
	notedAt     int
	spins       busy
	onward      []int        // who goes on without a decision, first in first out
	sleepers    []int        // who is asleep, first in first out
	roused      []int        // whom the last wake woke
	under       []underneath // the handlers that actors are in
	lived       []byte       // the state before somebody was killed, for an observer
	recorder    *recorder
	watch       *watch        // nil: nobody wants to know
	kept        bool          // what actors are let go for is kept: there is a recorder or a watch
	attended    bool          // somebody looks at each step, see attend
	judged      bool          // somebody judges the operations
	history     []trace.Event // calls, returns and deaths, for who judges
	ended       bool          // the strategy gave up, or was told that the run is over
	verdict     trace.Verdict
	panicked    any   // what the strategy panicked with
	reason      error // why the verdict is not Holds
}

// begin makes ready for a run.
func (s *scheduler) begin(strategy Strategy) {
	s.strategy = strategy
	s.observer, _ = strategy.(Observer)
	s.choice.forget()
	s.decisions = s.decisions[:0]
	s.onward, s.sleepers, s.under = s.onward[:0], s.sleepers[:0], s.under[:0]
	s.preemptions, s.started, s.left = 0, 0, s.n
	s.notes, s.notedAt = 0, 0
	s.history = s.history[:0]
	s.kept = s.recorder != nil || s.watch != nil
	s.attended = s.kept || s.observer != nil || s.always != nil || s.spins.who != 0
	s.killed, s.ended, s.verdict, s.reason = 0, false, trace.Undecided, nil
	s.choice.Last = -1
	s.plain, s.special, s.due, s.lapsed = 0, 0, 0, 0
	s.appointed.again(!s.spins.quiet)
	s.beginSpins()
	for i := range s.actors {
		a := &s.actors[i]
		*a = actor{at: a.at}
		a.at.effect, a.at.robust.pending, a.at.handles = effect{}, 0, 0 // nothing of the run before
		if !s.barrier {
			a.status, a.at.point = ready, Point{Kind: trace.Start}
			s.stand(i)
			s.started = s.n
			if s.appointed.is {
				s.place(i)
			}
		}
	}
}

// next returns the actor to let go, or s.n when the run is over.
func (s *scheduler) next() int {
	if len(s.onward) > 0 && s.verdict == trace.Undecided {
		return s.goesOn()
	}
	if s.started < s.n && s.verdict == trace.Undecided {
		s.actors[s.started].status, s.actors[s.started].live = running, true
		s.started++
		return s.started - 1
	}
	for s.verdict == trace.Undecided && !s.ended {
		c := &s.choice
		c.Step = len(s.decisions)
		if s.enable(); c.mask == 0 && !s.rescued() || c.Step >= s.budget {
			s.exhausted()
		} else if d := s.ask(); d == GiveUp {
			break
		} else if s.verdict == trace.Undecided && s.take(d) {
			return int(d.Actor)
		} else if len(s.onward) > 0 && s.verdict == trace.Undecided {
			return s.goesOn()
		}
	}
	if s.observer != nil && !s.ended {
		s.observer.End(&s.choice)
	}
	s.ended = true
	return s.n
}

// rescued reports whether a fault is to come though nobody can step.
func (s *scheduler) rescued() bool {
	r, ok := s.strategy.(Rescuer)
	return ok && s.left > 0 && r.Rescues(&s.choice)
}

// goesOn takes the first off the list of those who go on without a decision.
func (s *scheduler) goesOn() int {
	i := s.onward[0]
	s.onward = s.onward[:copy(s.onward, s.onward[1:])]
	return i
}

// ask asks the strategy. On coroutines that is done on an actor's stack, where a
// panic would look like the actor's: it is kept until the run is unwound.
func (s *scheduler) ask() trace.Decision {
	defer func() {
		if r := recover(); r != nil {
			s.panicked = r
			s.end(trace.Diverged, errors.New("the strategy panicked"))
		}
	}()
	return s.strategy.Next(&s.choice)
}

// exhausted ends a run that cannot go on.
func (s *scheduler) exhausted() {
	switch {
	case s.left == 0:
		s.verdict = trace.Holds
	case len(s.decisions) >= s.budget:
		s.end(trace.Budget, s.endless())
	case s.parked() != 0 && !s.livelocked():
	case s.parked() != 0:
		s.recorder.blocked(s)
		s.end(trace.Livelock, s.hangs(errLivelock))
	default:
		s.recorder.blocked(s)
		s.end(trace.Deadlock, s.hangs(errDeadlock))
	}
}

var errDeadlock, errLivelock = errors.New("deadlock"), errors.New("livelock")

// endless says that the run has come to no end.
func (s *scheduler) endless() error {
	if i := s.spins.tired; i >= 0 {
		return fmt.Errorf("no end after %d steps; %v yields in a loop that goes on in too many ways to tell whether it spins", s.budget, trace.Actor(i))
	}
	return fmt.Errorf("no end after %d steps", s.budget)
}

// hangs says who waits where, if anybody will read it.
func (s *scheduler) hangs(how error) error {
	if s.recorder == nil {
		return how
	}
	return fmt.Errorf("%w: %s", how, s.waiting())
}

// waiting says who waits where.
func (s *scheduler) waiting() string {
	var waits []string
	for i := range s.actors {
		a := &s.actors[i]
		switch {
		case a.status == over && a.cause == trace.Kill:
			waits = append(waits, fmt.Sprintf("%v was killed", trace.Actor(i)))
		case a.status == over && a.cause != trace.NoFault:
			waits = append(waits, fmt.Sprintf("%v died of %v", trace.Actor(i), numbers[a.cause]))
		case a.status == over:
		case a.stopped:
			waits = append(waits, fmt.Sprintf("%v is stopped", trace.Actor(i)))
		case a.at.point.round != 0:
			waits = append(waits, fmt.Sprintf("%v reads %s again and again", trace.Actor(i), s.reads(&a.at.point)))
		default:
			at := a.at.point.Kind.String()
			if a.at.point.Size > 0 {
				name, _ := s.memory.layout.find(uintptr(a.at.point.Off), a.at.point.Guarded())
				at += " " + name
			}
			waits = append(waits, fmt.Sprintf("%v waits at %s", trace.Actor(i), at))
		}
	}
	return strings.Join(waits, ", ")
}

// take carries out a decision and reports whether its actor is to be let go.
func (s *scheduler) take(d trace.Decision) bool {
	c := &s.choice
	if d.Actor >= 0 && s.due>>uint(d.Actor)&1 != 0 && (d.Fault == trace.NoFault || d.Fault == s.appointed.Fault) {
		return s.keepAppointment()
	}
	if d.Fault != trace.NoFault || !c.Can(d.Actor) && !s.rounds(d.Actor) {
		return s.takeFault(d)
	}
	a := &s.actors[d.Actor]
	if a.stopped || a.status == asleep {
		return s.goOn(d.Actor)
	}
	s.plain &^= 1 << d.Actor
	s.special &^= 1 << d.Actor
	if s.attended {
		s.attendLeaving(int(d.Actor), a)
	}
	s.decisions = append(s.decisions, d)
	if last := c.Last; last != d.Actor {
		c.Last = d.Actor
		if c.Can(last) {
			s.preemptions++
		}
	}
	switch {
	case a.at.point.futexWait():
		return s.wait(int(d.Actor))
	case a.at.point.Kind == trace.Wake:
		s.wake(a)
	}
	a.status, a.live = running, true
	return true
}

// arrived takes note that actor i stands at a new point.
func (s *scheduler) arrived(i int) {
	a := &s.actors[i]
	if !a.at.point.in(s.memory.layout.size) {
		a.status, a.at.point = over, Point{Kind: trace.Panic} // nobody looks at that word
		s.end(trace.Violated, fmt.Errorf("%v uses a cell that is not part of the lab's state", trace.Actor(i)))
		return
	}
	if s.attended {
		s.attend(i, a)
	}
	back := a.signals.back
	if a.signals.back = false; back {
		s.unlearn(i)
	} else {
		a.since = len(s.decisions)
	}
	if point := &a.at.point; !point.Kind.Point() || point.inner {
		s.noted(i, a)
		return
	}
	a.status = ready
	if a.at.point.Kind == trace.Yield && !a.at.point.awaits() && !back { // whose want is a place in the code
		s.yields(i, &a.at.point)
		s.choice.yielded = s.choice.yielded || a.at.point.round == 0
	}
	s.stand(i)
	if s.appointed.is {
		s.place(i)
	}
}

// attend has all who look at each step see the one that actor i comes from:
// recorder and watch, observer, Always, and who looks for loops.
func (s *scheduler) attend(i int, a *actor) {
	if s.kept {
		s.tell(i, a)
	}
	if s.observer != nil {
		s.choice.touched.join(&a.at.touched)
	}
	if s.always != nil {
		s.check(s.always)
	}
	if s.spins.who>>uint(i)&1 != 0 {
		s.remembered(i)
	}
}

// attendLeaving has them see what actor i is about to do.
func (s *scheduler) attendLeaving(i int, a *actor) {
	if s.spins.who>>uint(i)&1 != 0 {
		s.remember(i, &a.at.point)
	}
	if s.kept {
		s.keep(a)
	}
	if c := &s.choice; s.observer != nil {
		c.before = a.at.point
		c.forget()
		s.touch(&c.touched, &c.before)
	}
}

// noted deals with what needs no decision: notes, and futex calls within a
// primitive's step.
func (s *scheduler) noted(i int, a *actor) {
	s.touchNote(a.at.point.Kind)
	switch a.at.point.Kind {
	case trace.Call, trace.Return:
		s.hear(i, a.at.point.Kind, a.at.text)
	case trace.Wait:
		if !s.wait(i) {
			return
		}
	case trace.Wake:
		a.taken = a.at.point
		s.wake(a)
	case trace.Handled:
		if !s.handled(i) {
			return
		}
	case trace.Finish, trace.Died, trace.Panic, trace.Failed:
		a.status, a.live = over, a.at.point.Kind == trace.Failed
		s.left--
		s.lapsed, s.due = s.lapsed|s.due&(1<<i), s.due&^(1<<i)
		s.judge(i, a)
		return
	}
	if s.loops(i) {
		return
	}
	s.onward = append([]int{i}, s.onward...)
}

// loops ends a run whose actor i comes to notes for ever and to no point.
func (s *scheduler) loops(i int) bool {
	if s.notedAt != len(s.decisions) {
		s.notedAt, s.notes = len(s.decisions), 0
	}
	if s.notes++; s.notes < s.budget {
		return false
	}
	s.end(trace.Budget, fmt.Errorf("%v has come to %d notes and to no point", trace.Actor(i), s.notes))
	return true
}

// judge ends the run if actor i did not come to a good end.
func (s *scheduler) judge(i int, a *actor) {
	switch a.at.point.Kind {
	case trace.Failed:
		s.end(trace.Violated, errors.New(a.at.text))
	case trace.Panic:
		s.end(trace.Violated, fmt.Errorf("%v panicked: %s", trace.Actor(i), a.at.text))
	case trace.Died:
		s.end(trace.Violated, fmt.Errorf("%v died: %s", trace.Actor(i), a.at.text))
	}
}

func (s *scheduler) check(holds func() error) {
	if s.verdict > trace.Holds {
		return
	}
	if err := holds(); err != nil {
		s.end(trace.Violated, err)
	}
}

// end sets the verdict, unless there is one.
func (s *scheduler) end(v trace.Verdict, reason error) {
	if s.verdict == trace.Undecided || s.verdict == trace.Holds {
		s.verdict, s.reason = v, reason
	}
}
