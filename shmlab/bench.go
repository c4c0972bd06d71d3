package shmlab

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"shmrace/shmlab/trace"
)

// A Host is where actors live.
type Host uint8

// The hosts.
const (
	Processes  Host = iota // each actor is an operating-system process
	Coroutines             // each actor is a coroutine of this process
)

// String returns the host's name.
func (h Host) String() string { return [...]string{"processes", "coroutines"}[h&1] }

// ParseHost is the inverse of [Host.String].
func ParseHost(name string) (Host, error) {
	for h := range Coroutines + 1 {
		if h.String() == name {
			return h, nil
		}
	}
	return 0, fmt.Errorf("no host is called %.40q: expected processes or coroutines", name)
}

// A Setting is how a lab is run. Zero fields are the defaults.
type Setting struct {
	Host        Host // processes
	Size        Size // the lab's
	InsideLocks bool // accesses within primitives are points of their own
	Staggered   bool // an actor's start is a step; else all begin together
	Steps       int  // a run's budget of decisions: 10,000
	// Judge, if there is one, is asked about a run that holds otherwise: what its
	// operations, see [Proc.Op], were called with and returned, as a trace of
	// their calls, their returns and who was killed. The error says why it does
	// not hold. Of a free run it is asked only if that is recorded.
	Judge func(t *trace.Trace) (trace.Verdict, error)
	Guard time.Duration // how long an actor may stay away from any point: 10 s
}

// The defaults of a [Setting].
const (
	DefaultSteps = 10_000
	DefaultGuard = 10 * time.Second
)

// MaxOps is the largest number of operations of an actor.
const MaxOps = 1_000_000_000

// A Bench is a lab set up on a host, to be run as often as wanted. Open, its
// methods and Close belong to one goroutine, which it locks to its thread if
// the actors are processes. Of two benches of one goroutine the one on processes
// is opened first and closed last: a coroutine ends the program when it is
// resumed with another locking of the thread than it was made with.
type Bench struct {
	program *program
	setting Setting
	memory  *memory
	initial []byte
	grades  map[uint64]error // of the final states seen, by their hash
	reached uint64           // which states of the lab's Reach were come to
	sched   scheduler
	host    host
}

// A host is what differs between the two ways to run actors.
type host interface {
	// replace sees to it that every actor is there and has not begun.
	replace() error
	// play lets the actors run as the scheduler says, until the run is over, and
	// unwinds those that are left.
	play(s *scheduler, recorded bool) error
	// standing is where the host keeps what the scheduler knows of actor i.
	standing(i int) *standing
	// hurt does a fault to an actor, who dies of it if it is fatal.
	hurt(a trace.Actor, f trace.Fault, fatal bool) error
	close() error
}

// A Run is how one run ended.
type Run struct {
	Verdict     trace.Verdict
	Reason      error            // why; nil if it holds
	Decisions   []trace.Decision // valid until the next run
	Preemptions int              // decisions that left an actor which could have gone on
}

// Open sets lab up. Close must be called in the end.
func Open(lab AnyLab, setting Setting) (*Bench, error) {
	g, err := lab.erase()
	if err != nil {
		return nil, err
	}
	b := &Bench{program: g, setting: setting}
	if err := b.defaults(); err != nil {
		return nil, err
	}
	region, err := newRegion(g.layout)
	if err != nil {
		return nil, err
	}
	defer region.close()
	if b.memory, err = region.mapAt(g.layout, 0); err != nil {
		return nil, err
	}
	g.setup(b.memory.state(), b.setting.Size)
	b.initial = append(b.initial, b.memory.bytes...)
	if b.setting.Host == Coroutines {
		b.host, err = newCoroutines(g, b.setting, region)
	} else {
		b.host, err = newProcesses(g, b.setting, region)
	}
	if err != nil {
		unmap(b.memory.bytes)
		return nil, err
	}
	b.schedule()
	return b, nil
}

// defaults fills in and checks the setting.
func (b *Bench) defaults() error {
	s, d := &b.setting, b.program.Description
	if d.FreeOnly && s.Host == Coroutines {
		return fmt.Errorf("lab %s blocks outside of points: expected a free run between processes, as of \"shmrace run\"", d.Name)
	}
	if s.Size.Actors == 0 {
		s.Size.Actors = d.Size.Actors
	}
	if s.Size.Ops == 0 {
		s.Size.Ops = d.Size.Ops
	}
	if n := s.Size.Actors; n < 1 || n > trace.MaxActors {
		return fmt.Errorf("%d actors: expected 1 to %d", n, trace.MaxActors)
	}
	if n := s.Size.Ops; n < 1 || n > MaxOps {
		return fmt.Errorf("%d operations of each actor: expected 1 to %d", n, MaxOps)
	}
	if s.Steps == 0 {
		s.Steps = DefaultSteps
	}
	if s.Guard == 0 {
		s.Guard = DefaultGuard
	}
	if n := s.Steps; n < 1 || n > trace.MaxDecisions {
		return fmt.Errorf("a budget of %d steps: expected 1 to %d", n, trace.MaxDecisions)
	}
	if n := len(b.program.actors(s.Size)); n != s.Size.Actors {
		return fmt.Errorf("lab %s has %d actors and cannot have %d", d.Name, n, s.Size.Actors)
	}
	return nil
}

func (b *Bench) schedule() {
	s := &b.sched
	s.n, s.budget, s.barrier = b.setting.Size.Actors, b.setting.Steps, !b.setting.Staggered
	s.memory, s.hurt, s.judged = b.memory, b.host.hurt, b.setting.Judge != nil
	s.actors = make([]actor, s.n)
	s.choice.sched = s
	for i := range s.actors {
		s.actors[i].at = b.host.standing(i)
	}
	if always := b.program.always; always != nil {
		s.always = func() error { return always(b.memory.state()) }
	}
	if len(b.program.reach) > 0 {
		s.always = b.reaching(s.always)
	}
}

// Setting returns the setting with its defaults filled in.
func (b *Bench) Setting() Setting { return b.setting }

// Lab returns the lab's description.
func (b *Bench) Lab() Description { return b.program.Description }

// Run runs the lab once, from its initial state, as strategy decides. The error
// is of the environment, not of the lab. If the strategy panics, so does Run,
// when the actors are back at their start.
func (b *Bench) Run(strategy Strategy) (Run, error) {
	b.sched.recorder = nil
	return b.run(strategy)
}

func (b *Bench) run(strategy Strategy) (Run, error) {
	s := &b.sched
	if b.program.FreeOnly {
		return Run{}, fmt.Errorf("lab %s blocks outside of points and cannot be stepped: expected a free run, as of \"shmrace run\"", b.program.Name)
	}
	s.spins.prefix, s.appointed = s.spins.prefix[:0], appointed{}
	if s.watch != nil {
		s.watch.told, s.watch.again = 0, 0
	}
	for again := true; again; again = s.spins.doubt.site != 0 {
		if s.spins.doubt.site != 0 {
			if err := b.settle(); err != nil {
				return Run{}, err
			}
			s.recorder.restart()
			s.watch.restart()
		}
		if err := b.play(strategy); err != nil {
			return Run{}, err
		}
	}
	if r := s.panicked; r != nil {
		s.panicked = nil
		panic(r)
	}
	if s.verdict == trace.Holds && s.killed == 0 {
		if err := b.judge(); err != nil {
			s.end(trace.Violated, err)
		}
	}
	b.judgeHistory()
	return Run{s.verdict, s.reason, s.decisions, s.preemptions}, nil
}

// play plays a run from its start to its end, or to where it is broken off.
func (b *Bench) play(strategy Strategy) error {
	if err := b.host.replace(); err != nil {
		return err
	}
	copy(b.memory.bytes, b.initial)
	b.sched.begin(strategy) // after replace: a new worker's first words are no part of the run
	return b.host.play(&b.sched, b.sched.recorder != nil)
}

// judge says what is wrong with the final state.
func (b *Bench) judge() error {
	if b.program.final != nil {
		if err := b.program.final(b.memory.state()); err != nil {
			return err
		}
	}
	if b.program.Outcomes != nil {
		return b.graded()
	}
	return nil
}

// Trace runs the lab once and writes down all that happens, with the lines of
// code it happens at.
func (b *Bench) Trace(strategy Strategy) (*trace.Trace, error) {
	r := newRecorder(b.program, b.setting.Size.Actors)
	b.sched.recorder = r
	run, err := b.run(strategy)
	if err != nil {
		return nil, err
	}
	schedule := b.Schedule(run)
	schedule.Hash = r.hash()
	t := &trace.Trace{Schedule: schedule, Events: r.events, Verdict: run.Verdict, Preemptions: run.Preemptions}
	if run.Reason != nil {
		t.Message = run.Reason.Error()
	}
	return t, nil
}

// Schedule returns the schedule that leads to run, without its hash.
func (b *Bench) Schedule(run Run) trace.Schedule {
	return trace.Schedule{
		Lab: b.program.Name, Actors: b.setting.Size.Actors, Ops: b.setting.Size.Ops,
		InsideLocks: b.setting.InsideLocks, Staggered: b.setting.Staggered,
		Decisions: append([]trace.Decision(nil), run.Decisions...),
	}
}

// State prints the state's cells as the last run left them, a field path and a
// value each. Of a large state only the first that are not zero are shown.
func (b *Bench) State() string {
	var words []string
	m := b.memory
	m.layout.cells("", m.layout.typ, 0, func(name string, off uintptr, t reflect.Type) {
		point := Point{Off: uint32(off), Size: uint8(t.Size())}
		bits := m.load(point.Off, point.Size)
		if len(words) < 4 || len(words) < 8 && bits != 0 {
			words = append(words, name+"="+b.sched.value(&point, bits))
		}
	})
	return strings.Join(words, " ")
}

// StateHash is equal for equal states, within this process.
func (b *Bench) StateHash() uint64 { return b.memory.hash() }

// Close ends the actors and gives back the memory.
func (b *Bench) Close() error {
	err := b.host.close()
	if e := unmap(b.memory.bytes); err == nil {
		err = e
	}
	return err
}
