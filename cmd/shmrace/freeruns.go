package main

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"shmrace/property"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// freeRuns runs lab freely, as often as asked; it stops at the first run that is
// stuck, for so will the next be, unless a plan may have stuck it. When ctx ends
// it returns what is known by then: the run under way ends with the command.
func freeRuns(ctx context.Context, lab shmlab.AnyLab, setting shmlab.Setting, free freedom) (*tally, error) {
	d := lab.Describe()
	s := &series{lab: lab, setting: setting, free: free, tally: &tally{
		Lab: d.Name, Host: setting.Host.String(), Actors: cmp.Or(setting.Size.Actors, d.Size.Actors), Ops: cmp.Or(setting.Size.Ops, d.Size.Ops),
		Seed: free.seed, Outcomes: map[string]int{}, counts: d.CountsLost, object: d.Object, why: d.Why,
	}}
	s.tally.disturbed.begin(free, setting)
	over := make(chan error, 1)
	go func() { over <- s.run() }()
	m, tick, start := newMeter(), time.NewTicker(time.Second), time.Now()
	defer tick.Stop()
	defer m.clear()
	for {
		select {
		case err := <-over:
			return s.tally, err
		case <-tick.C:
			s.Lock()
			m.show(fmt.Sprintf("%d of %s, %v", s.tally.Runs, property.Count(free.runs, "run"), time.Since(start).Round(time.Second)))
			s.Unlock()
		case <-ctx.Done():
			s.Lock() // for good: nothing is added any more
			s.tally.undecided = fmt.Errorf("interrupted after %s", property.Count(s.tally.Runs, "run"))
			return s.tally, nil
		}
	}
}

// A series is free runs one after another. The lock is that of the tally.
type series struct {
	lab     shmlab.AnyLab
	setting shmlab.Setting
	free    freedom
	sync.Mutex
	tally *tally
}

func (s *series) run() error {
	setting, err := property.Judged(s.lab, s.setting)
	if err != nil {
		return err
	}
	bench, err := shmlab.Open(s.lab, setting)
	if err != nil {
		return err
	}
	defer bench.Close()
	if err := bench.Fits(s.free.plan); err != nil {
		return usage("--plan: %w", err)
	}
	t := s.tally
	draw := s.free.turbulence(t.Actors)
	for n := range s.free.runs {
		run, err := bench.FreeAs(s.free.as(n, draw()))
		if err != nil {
			return err
		}
		s.Lock()
		t.add(run, bench.State())
		t.disturbed.add(t, run)
		t.recorded.add(run, t.Actors)
		s.Unlock()
		if run.Verdict == trace.Budget || run.Verdict == trace.Stuck && s.free.plan == nil {
			break
		}
	}
	return nil
}
