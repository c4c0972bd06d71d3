package property

import (
	"context"
	"fmt"
	"slices"
	"time"

	"shmrace/inject"
	"shmrace/property/race"
	"shmrace/property/waiting"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// Options are how a lab is explored. Zero fields are the defaults.
type Options struct {
	shmlab.Setting
	Strategy  string         // by name; the first of inject.Strategies
	Inject    inject.Options // what the strategy is given
	Schedules int            // most schedules, of all shards together: 10,000
	Time      time.Duration  // most time: without limit
	Jobs      int            // shards that are searched side by side, instead of Inject.Shard: 1
	Whole     bool           // go on after the first failure, to count outcomes
	NoRace    bool           // look for no data races
	Progress  func(r *Report)

	budget *budget // that the jobs share; nil if there is one
}

// DefaultSchedules is how many schedules are tried when nothing else is said.
const DefaultSchedules = 10_000

// A Report is what an exploration found.
type Report struct {
	Lab          string
	Hash         string // of the lab: its state's layout, and the points met in one and the same schedule
	Strategy     string
	Setting      shmlab.Setting
	Inject       inject.Options // what the strategy was given
	Shards       Shards         // that are in this report
	Schedules    int            // schedules tried
	Passed       int            // runs besides that were begun and found to be other shards'
	Complete     int            // of these, how many came to an end of their own
	Blocked      int            // of these, how many were cut off as redundant
	Estimate     float64        // how many there are in all, as the strategy guesses; 0 if it does not
	Outcomes     map[string]int // final states and verdicts, and how often
	Expected     []shmlab.Outcome
	Why          string         // what the lab says of itself
	Exhaustive   bool           // each schedule has been tried to its end, of these shards
	Whole        bool           // it went on after the first failure
	Bound        int            // most preemptions, if the search was bounded; else -1
	Failures     int            // schedules that failed
	FirstFailure int            // the first that did, from 1; 0 if none
	FirstShard   inject.Shard   // whose schedules FirstFailure counts; zero: those of the whole
	Failure      *Failure       // the first, shrunk and explained; nil if none
	Race         *race.Race     // without a failure: a data race that did no harm; nil if none was seen
	Raced        *trace.Trace   // the run that Race was seen in
	Sample       *trace.Trace   // without a failure: one of the runs; nil if there was none
	Order        []waiting.Edge // without a failure: locks taken in a circle; nil if none was seen
	Busy         string         // without a failure: busy waiting in one of the runs, in a line or two; "" if none was seen
	Unreached    []string       // states of the lab's Reach that no schedule comes to; known only if all were tried
	Undecided    error          // why nothing can be said of some schedule; nil if all is
	Elapsed      time.Duration
	landed       landings
}

// Verdict sums the report up: Violated, Holds, or Budget if no schedule failed
// but not all came to an end.
func (r *Report) Verdict() trace.Verdict {
	switch {
	case r.Failure != nil:
		return r.Failure.Trace.Verdict
	case len(r.Unreached) > 0 && r.Shards.Whole():
		return trace.Violated
	case r.Undecided != nil:
		return trace.Budget
	}
	return trace.Holds
}

// Shown returns the run to look at: the failure, or else a sample; nil if none
// came to an end.
func (r *Report) Shown() *trace.Trace {
	if r.Failure != nil {
		return r.Failure.Trace
	}
	return r.Sample
}

// Explore searches lab for a schedule that fails. It ends early, with what is
// known by then, when ctx does. The error is of the wish or of the environment.
func Explore(ctx context.Context, lab shmlab.AnyLab, o Options) (*Report, error) {
	if o.Jobs > 1 {
		return together(ctx, lab, o)
	}
	return watch(lab, o.Setting, func(alive func()) (*Report, error) { return explore(ctx, lab, o, alive) })
}

func explore(ctx context.Context, lab shmlab.AnyLab, o Options, alive func()) (*Report, error) {
	strategy, err := inject.New(o.Strategy, o.Inject)
	if err != nil {
		return nil, err
	}
	if o.Setting, err = Judged(lab, o.Setting); err != nil {
		return nil, err
	}
	bench, err := shmlab.Open(lab, o.Setting)
	if err != nil {
		return nil, err
	}
	defer bench.Close()
	if o.Schedules == 0 {
		o.Schedules = DefaultSchedules
	}
	if _, uneven := strategy.(interface{ Foreign() bool }); !uneven || o.budget == nil {
		o.Schedules, o.budget = o.Inject.Shard.Share(o.Schedules), nil
	}
	if o.Strategy == "" {
		o.Strategy = inject.Strategies[0].Name
	}
	s := &search{
		bench: bench, options: o, states: map[state]string{}, alive: alive,
		report: &Report{
			Lab: lab.Describe().Name, Strategy: o.Strategy, Setting: bench.Setting(), Inject: o.Inject, Shards: shardsOf(o.Inject.Shard), Whole: o.Whole,
			Outcomes: map[string]int{}, Expected: lab.Describe().Outcomes, Why: lab.Describe().Why, Bound: -1,
		},
	}
	if o.Inject.Bounded {
		s.report.Bound = o.Inject.Preemptions
	}
	if s.report.Hash, err = deterministic(bench); err != nil {
		return nil, err
	}
	if !o.NoRace {
		s.lookout.look(bench)
	}
	first, err := s.run(ctx, strategy)
	s.lookout.stop()
	if err != nil {
		return nil, err
	}
	if first != nil {
		if s.report.Failure, err = explain(lab, bench, failing{first.Decisions, first.Verdict, o.Inject.Faults}, alive); o.NoRace && err == nil {
			s.report.Failure.Race = nil
		}
		return s.report, err
	}
	s.unreached()
	if s.report.Race, s.report.Raced, err = s.lookout.tell(); err != nil {
		return nil, err
	}
	s.report.Order, err = s.lockOrder()
	return s.report, err
}

// A state is a way a run ended.
type state struct {
	verdict trace.Verdict
	hash    uint64
}

// A search is an exploration under way.
type search struct {
	bench   *shmlab.Bench
	options Options
	report  *Report
	lookout lookout
	states  map[state]string // their text, for the outcomes
	alive   func()           // called now and then
}

// run tries schedules and returns the first that failed.
func (s *search) run(ctx context.Context, strategy shmlab.Strategy) (first *shmlab.Run, err error) {
	start := time.Now()
	told := start
	r := s.report
	for r.Schedules < s.options.Schedules {
		if (r.Schedules+r.Passed)&63 == 0 {
			s.estimate(strategy)
			if s.over(ctx, start, &told) {
				break
			}
		}
		if !s.options.budget.take() {
			break
		}
		if !strategy.Begin() {
			r.Exhaustive = r.Cut() == 0
			s.options.budget.settle(false)
			break
		}
		s.lookout.begin()
		run, err := s.bench.Run(strategy)
		theirs := err == nil && foreign(strategy)
		s.options.budget.settle(!theirs)
		if err != nil {
			return nil, err
		}
		s.alive()
		if theirs {
			r.Passed++
			continue
		}
		s.lookout.end(run)
		var busy *busyLoop
		if busy, err = impolite(s.bench, run); err != nil {
			return nil, err
		}
		if s.count(run, strategy) && first == nil {
			run.Decisions = slices.Clone(run.Decisions)
			first = &run
			if !s.options.Whole {
				break
			}
		}
		if busy != nil {
			r.Undecided = busy
			break
		}
	}
	s.estimate(strategy)
	r.Elapsed = time.Since(start)
	switch {
	case r.Schedules > 0 || r.Exhaustive || r.Undecided != nil:
	case s.options.Schedules == 0 || s.options.budget.empty():
		r.Undecided = errEmpty
	default:
		r.Undecided = fmt.Errorf("no time for a single schedule")
	}
	return first, nil
}

// Cut returns how many schedules came to no end within the step budget: what they
// would have come to is not known.
func (r *Report) Cut() int { return r.Schedules - r.Complete - r.Blocked }

// foreign reports whether the last run was another shard's.
func foreign(s shmlab.Strategy) bool {
	p, ok := s.(interface{ Foreign() bool })
	return ok && p.Foreign()
}

// estimate asks the strategy how large the search is.
func (s *search) estimate(strategy shmlab.Strategy) {
	r := s.report
	switch e, ok := strategy.(interface{ Estimate() float64 }); {
	case r.Exhaustive:
		r.Estimate = float64(r.Schedules)
	case ok:
		r.Estimate = e.Estimate()
	}
}

// over shows the progress of a search and says whether its time is up.
func (s *search) over(ctx context.Context, start time.Time, told *time.Time) bool {
	r := s.report
	s.alive()
	r.Elapsed = time.Since(start)
	if ctx.Err() != nil {
		r.Undecided = interrupted(r.Schedules)
		return true
	}
	if r.Complete == 0 && r.Undecided != nil && r.Schedules >= hopeless {
		return true // Undecided says why
	}
	if s.options.Progress != nil && time.Since(*told) > progressEvery {
		*told = time.Now()
		s.options.Progress(r)
	}
	return s.options.Time > 0 && r.Elapsed > s.options.Time
}

// hopeless is after how many schedules of which none came to an end a search is
// given up: the step budget is too small for the lab.
const hopeless = 64

// progressEvery is how often a long search says how far it is.
const progressEvery = time.Second

// count adds a run to the report and says whether it failed.
func (s *search) count(run shmlab.Run, strategy shmlab.Strategy) (failed bool) {
	r := s.report
	r.Schedules++
	r.landed.note(run.Decisions, s.options.Inject.Faults)
	if run.Verdict == trace.Undecided {
		r.Blocked++ // the strategy gave it up
		return false
	}
	key := state{run.Verdict, s.bench.StateHash()}
	text, known := s.states[key]
	if !known {
		text = s.bench.State()
		if run.Verdict != trace.Holds && run.Verdict != trace.Violated {
			text = fmt.Sprintf("%v: %s", run.Verdict, text)
		}
		s.states[key] = text
	}
	r.Outcomes[text]++
	switch {
	case run.Verdict.Bad():
		r.Failures++
		if r.FirstFailure == 0 {
			r.FirstFailure, r.FirstShard = r.Schedules, r.Inject.Shard
			if all, ok := strategy.(interface{ Position(n int) int }); ok {
				r.FirstFailure, r.FirstShard = all.Position(r.Schedules), inject.Shard{}
			}
		}
	case run.Verdict != trace.Holds:
		r.Undecided = run.Reason
		return false
	}
	r.Complete++
	return run.Verdict.Bad()
}
