package property

import (
	"fmt"

	"shmrace/inject"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A Mismatch says that a schedule is not one of the lab as it is.
type Mismatch struct{ Reason string }

// Error returns the reason.
func (m *Mismatch) Error() string { return m.Reason }

// Replay takes the steps of known again, on the given host, and returns what
// happened. If the lab was edited since, or is not deterministic, the error is a
// [Mismatch] that says so and names the first step that differs, if the events
// are known. A nil hold is not called; else it is before each decision.
func Replay(lab shmlab.AnyLab, known *trace.Trace, host shmlab.Host, hold func(step int)) (*Failure, error) {
	setting, err := Judged(lab, SettingOf(&known.Schedule, host))
	if err != nil {
		return nil, err
	}
	return watch(lab, setting, func(alive func()) (*Failure, error) {
		bench, err := shmlab.Open(lab, setting)
		if err != nil {
			return nil, err
		}
		defer bench.Close()
		t, err := again(bench, known, nil)
		if err != nil {
			return nil, err
		}
		if hold != nil {
			if t, err = again(bench, known, patient(alive, hold)); err != nil {
				return nil, err
			}
		}
		f := &Failure{Trace: t}
		if t.Verdict.Bad() {
			f.Why = lab.Describe().Why
			return f, f.because(bench, alive)
		}
		f.Race = raceOf(t, nil)
		return f, nil
	})
}

// SettingOf returns the setting in which s is replayed.
func SettingOf(s *trace.Schedule, host shmlab.Host) shmlab.Setting {
	return shmlab.Setting{
		Host: host, Size: shmlab.Size{Actors: s.Actors, Ops: s.Ops},
		InsideLocks: s.InsideLocks, Staggered: s.Staggered, Steps: max(shmlab.DefaultSteps, min(2*len(s.Decisions), trace.MaxDecisions)),
	}
}

// again runs known's schedule and compares what happens with what is known.
func again(bench *shmlab.Bench, known *trace.Trace, hold func(step int)) (*trace.Trace, error) {
	replay := inject.NewReplay(known.Schedule.Decisions)
	replay.Begin()
	t, err := bench.Trace(&holding{replay, hold})
	if err != nil {
		return nil, err
	}
	switch {
	case t.Verdict == trace.Diverged:
		return nil, differs(bench, known, t, t.Message)
	case replay.Left() > 0:
		return nil, differs(bench, known, t, fmt.Sprintf("the run is over after step %d", len(t.Schedule.Decisions)))
	case known.Schedule.Hash != "" && known.Schedule.Hash != t.Schedule.Hash:
		return nil, differs(bench, known, t, "other points")
	}
	if len(known.Events) > 0 {
		if _, _, same := known.Differs(t); !same {
			return nil, differs(bench, known, t, "not the same happens")
		}
	}
	return t, nil
}

// differs says why a replay is not what was recorded: of a lab that gives the
// same run twice it says that it was edited, or the schedule was: which of the two
// nobody can know.
func differs(bench *shmlab.Bench, known, t *trace.Trace, what string) error {
	s := &known.Schedule
	twice, err := bench.Trace(inject.Begun(inject.NewReplay(s.Decisions)))
	if err != nil {
		return err
	}
	why := ""
	switch {
	case twice.Hash() != t.Hash():
		why = "it is not deterministic: "
	case s.Hash != "" && s.Hash != t.Schedule.Hash:
		why = fmt.Sprintf("the schedule or the lab was edited since, #%s is #%s: ", s.Hash, t.Schedule.Hash)
	}
	text := fmt.Sprintf("%s: %s%s", s.Lab, why, what)
	if want, got, same := known.Differs(t); !same && len(known.Events) > 0 {
		text += fmt.Sprintf("; expected %q, found %q", want, got)
	}
	return &Mismatch{text}
}

// holding is a strategy that waits before each decision.
type holding struct {
	shmlab.Strategy
	hold func(step int)
}

// Rescues asks the strategy.
func (h *holding) Rescues(c *shmlab.Choice) bool {
	r, ok := h.Strategy.(shmlab.Rescuer)
	return ok && r.Rescues(c)
}

// Next calls hold, then asks the strategy.
func (h *holding) Next(c *shmlab.Choice) trace.Decision {
	if h.hold != nil {
		h.hold(c.Step + 1)
	}
	return h.Strategy.Next(c)
}
