package main

import "shmrace/property"

// A jsonReport is what explore prints with --json.
type jsonReport struct {
	Lab          string         `json:"lab"`
	Strategy     string         `json:"strategy"`
	Host         string         `json:"host"`
	Seed         uint64         `json:"seed"`
	Actors       int            `json:"actors"`
	Ops          int            `json:"ops"`
	InsideLocks  bool           `json:"inside_locks"`
	Staggered    bool           `json:"staggered"`
	Faults       string         `json:"faults"`   // with commas between; "" for none
	Shard        string         `json:"shard"`    // "1/1" for the whole; "1+3/4" for some of four
	Searched     bool           `json:"searched"` // nothing is left of the shards that are there
	Passed       int            `json:"passed"`   // runs begun that were other shards', no schedules of this one
	Schedules    int            `json:"schedules"`
	Complete     int            `json:"complete"`
	Blocked      int            `json:"blocked"`
	Outcomes     map[string]int `json:"outcomes"`
	Exhaustive   bool           `json:"exhaustive"`
	Bound        *int           `json:"bound"`    // most preemptions; null without a bound
	Estimate     *float64       `json:"estimate"` // schedules there are in all; null if unknown
	Failures     int            `json:"failures"`
	FirstFailure int            `json:"first_failure"`
	Failure      *jsonFailure   `json:"failure"`
	Unreached    []string       `json:"unreached,omitempty"` // declared states that no schedule comes to
	Undecided    string         `json:"undecided,omitempty"` // why nothing can be said of some schedule
	ElapsedNS    int64          `json:"elapsed_ns"`
	PerSecond    float64        `json:"schedules_per_second"`
}

type jsonFailure struct {
	Property    string   `json:"property"` // the verdict: violated, deadlock, livelock, stuck, tampered
	Message     string   `json:"message"`
	Schedule    string   `json:"schedule"`
	Steps       int      `json:"steps"`
	Preemptions int      `json:"preemptions"`
	Events      []string `json:"events"` // a line of the trace each
}

func exploreJSON(r *property.Report) jsonReport {
	j := jsonReport{
		Lab: r.Lab, Strategy: r.Strategy, Host: r.Setting.Host.String(), Seed: r.Inject.Seed,
		Actors: r.Setting.Size.Actors, Ops: r.Setting.Size.Ops, InsideLocks: r.Setting.InsideLocks,
		Staggered: r.Setting.Staggered, Faults: r.Inject.Faults.String(), Shard: r.Inject.Shard.String(), Searched: r.Exhaustive, Passed: r.Passed,
		Schedules: r.Schedules, Complete: r.Complete, Blocked: r.Blocked, Outcomes: r.Outcomes,
		Exhaustive: r.Exhaustive && r.Inject.Shard.Of < 2, Failures: r.Failures, FirstFailure: r.FirstFailure, Unreached: r.Unreached, ElapsedNS: r.Elapsed.Nanoseconds(),
	}
	if r.Undecided != nil {
		j.Undecided = r.Undecided.Error()
	}
	if r.Bound >= 0 {
		j.Bound = &r.Bound
	}
	if r.Estimate > 0 {
		j.Estimate = &r.Estimate
	}
	if s := r.Elapsed.Seconds(); s > 0 {
		j.PerSecond = float64(r.Schedules) / s
	}
	if r.Failure != nil {
		j.Failure = failureJSON(r.Failure)
	}
	return j
}

func failureJSON(f *property.Failure) *jsonFailure {
	t := f.Trace
	j := &jsonFailure{
		Property: t.Verdict.String(), Message: t.Message, Schedule: t.Schedule.String(),
		Steps: len(t.Schedule.Decisions), Preemptions: t.Preemptions, Events: []string{},
	}
	for i := range t.Events {
		j.Events = append(j.Events, t.Events[i].String())
	}
	return j
}
