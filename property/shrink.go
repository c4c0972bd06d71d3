package property

import (
	"fmt"

	"shmrace/inject"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// The budgets of a shrink, in runs.
const (
	sizeTries  = 300    // at each smaller size
	orderTries = 20_000 // for each number of preemptions
)

// A shrinker makes a failing schedule smaller, as long as it fails in the same
// way: first the size, then the decisions that matter, then the preemptions.
type shrinker struct {
	bench   *shmlab.Bench
	verdict trace.Verdict
	always  bool          // it fails in the same way when nobody is interrupted
	faults  inject.Faults // that happen in it
	hosts   []shmlab.Host
	alive   func() // called after each run
	best    found
}

// A found is a failing schedule at the size of the shrinker's bench.
type found struct {
	decisions   []trace.Decision
	preemptions int
}

// better reports whether f has less in it than g: fewer faults, then fewer
// preemptions, then fewer steps.
func (f found) better(g found) bool {
	if n, m := hits(f.decisions), hits(g.decisions); n != m {
		return n < m
	}
	if f.preemptions != g.preemptions {
		return f.preemptions < g.preemptions
	}
	return len(f.decisions) < len(g.decisions)
}

// shrink returns a bench, which the caller closes, and the smallest failing
// schedule it found on it.
func shrink(lab shmlab.AnyLab, bench *shmlab.Bench, first failing, alive func()) (*shmlab.Bench, found, error) {
	if slow(first.verdict) {
		small, err := shmlab.Open(lab, bench.Setting())
		return small, found{decisions: first.decisions}, err
	}
	t, err := bench.Trace(inject.Begun(inject.NewReplay(first.decisions)))
	if err != nil {
		return nil, found{}, err
	}
	if !t.Verdict.Bad() {
		return nil, found{}, unrepeated(lab)
	}
	s := &shrinker{verdict: t.Verdict, best: found{first.decisions, t.Preemptions}, hosts: hostsOf(t, bench.Setting().Host), alive: alive}
	s.faults = faultsIn(t, first.asked)
	if s.always, err = s.failsAlone(bench); err != nil {
		return nil, found{}, err
	}
	if err := s.smaller(lab, bench.Setting()); err != nil {
		return nil, found{}, err
	}
	if err := s.fewerDecisions(); err != nil {
		return s.bench, s.best, err
	}
	return s.bench, s.best, s.fewerPreemptions()
}

// slow reports whether a run that ends so takes as long as the guard: it is not
// tried again and again.
func slow(v trace.Verdict) bool { return v == trace.Stuck }

// hostsOf returns where a run that failed as t did on host is tried: first on
// coroutines, which are quick, unless it is no failure that a process of many
// actors would survive.
func hostsOf(t *trace.Trace, host shmlab.Host) []shmlab.Host {
	last := len(t.Events) - 1
	if last >= 0 && t.Events[last].Kind == trace.Died && t.Verdict == trace.Violated || t.Verdict == trace.Stuck || t.Verdict == trace.Tampered {
		return []shmlab.Host{host}
	}
	return []shmlab.Host{shmlab.Coroutines, host}
}

// smaller opens a bench of the smallest size at which lab fails within a few
// tries, on the first host where it does.
func (s *shrinker) smaller(lab shmlab.AnyLab, setting shmlab.Setting) error {
	for _, host := range s.hosts {
		for actors := 1; actors <= setting.Size.Actors; actors++ {
			for ops := 1; ops <= setting.Size.Ops && ops <= 4; ops++ {
				small := setting
				small.Host, small.Size = host, shmlab.Size{Actors: actors, Ops: ops}
				if ok, err := s.failsAt(lab, small); ok || err != nil {
					return err
				}
			}
		}
		whole := setting
		whole.Host = host
		if ok, err := s.failsAgain(lab, whole); ok || err != nil {
			return err
		}
	}
	return unrepeated(lab)
}

// unrepeated says that a schedule which failed does not fail again.
func unrepeated(lab shmlab.AnyLab) error {
	return fmt.Errorf("%s: %w: a schedule that failed does not fail again", lab.Describe().Name, ErrNondeterministic)
}

// failsAt looks for a failure at a smaller size.
func (s *shrinker) failsAt(lab shmlab.AnyLab, setting shmlab.Setting) (bool, error) {
	bench, err := shmlab.Open(lab, setting)
	if err != nil {
		return false, nil // the lab cannot be that small
	}
	// A lab that fails at this size without any interruption expects another size.
	if alone, err := s.failsAlone(bench); err != nil || alone && !s.always {
		bench.Close()
		return false, err
	}
	random, err := inject.New("random", inject.Options{Seed: 1, Faults: s.faults})
	if err != nil {
		bench.Close()
		return false, err
	}
	for range sizeTries {
		random.Begin()
		run, err := bench.Run(random)
		if err != nil {
			bench.Close()
			return false, err
		}
		s.alive()
		if run.Verdict == s.verdict {
			s.bench = bench
			s.best = found{append([]trace.Decision(nil), run.Decisions...), run.Preemptions}
			return true, nil
		}
	}
	return false, bench.Close()
}

// failsAlone says whether the lab fails in the same way when one actor runs
// after the other.
func (s *shrinker) failsAlone(bench *shmlab.Bench) (bool, error) {
	run, err := bench.Run(inject.Begun(inject.NewOrder(nil)))
	return run.Verdict == s.verdict, err
}

// failsAgain tries the schedule that is known.
func (s *shrinker) failsAgain(lab shmlab.AnyLab, setting shmlab.Setting) (bool, error) {
	bench, err := shmlab.Open(lab, setting)
	if err != nil {
		return false, err
	}
	s.bench = bench
	if _, fails, err := s.try(s.best.decisions); fails && err == nil {
		return true, nil
	} else if err != nil {
		bench.Close()
		return false, err
	}
	return false, bench.Close()
}

// try runs the lab in the order of decisions and says whether it fails.
func (s *shrinker) try(decisions []trace.Decision) (found, bool, error) {
	run, err := s.bench.Run(inject.Begun(inject.NewOrder(decisions)))
	s.alive()
	if err != nil || run.Verdict != s.verdict {
		return found{}, false, err
	}
	return found{append([]trace.Decision(nil), run.Decisions...), run.Preemptions}, true, nil
}

// fewerDecisions is ddmin (Zeller and Hildebrandt, "Simplifying and isolating
// failure-inducing input", TSE 2002, figure 5, complements only): what is left
// out is decided by going on with the same actor.
func (s *shrinker) fewerDecisions() error {
	list := s.best.decisions
	for parts := 2; len(list) > 0 && parts <= 2*len(list); {
		size := max(1, (len(list)+parts-1)/parts)
		cut := false
		for at := 0; at < len(list); at += size {
			rest := append(append([]trace.Decision(nil), list[:at]...), list[min(at+size, len(list)):]...)
			f, fails, err := s.try(rest)
			if err != nil {
				return err
			}
			if fails {
				if f.better(s.best) {
					s.best = f
				}
				list, cut = rest, true
				break
			}
		}
		switch {
		case cut:
			parts = max(2, parts-1)
		case size == 1:
			return nil
		default:
			parts *= 2
		}
	}
	return nil
}

// fewerPreemptions tries every schedule with no preemption, then with one, and
// so on, as far as the budget goes: the first that fails has the fewest. Of
// those with as few it keeps one with the fewest steps.
func (s *shrinker) fewerPreemptions() error {
	for bound := 0; bound <= s.best.preemptions; bound++ {
		search, err := inject.New("dfs", inject.Options{Bounded: true, Preemptions: bound, Faults: s.faults})
		if err != nil {
			return err
		}
		for tries := 0; tries < orderTries && search.Begin(); tries++ {
			run, err := s.bench.Run(search)
			s.alive()
			if err != nil {
				return err
			}
			f := found{run.Decisions, run.Preemptions}
			if run.Verdict == s.verdict && f.better(s.best) {
				s.best = found{append([]trace.Decision(nil), run.Decisions...), run.Preemptions}
			}
		}
	}
	return nil
}
