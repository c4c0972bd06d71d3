package property

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"shmrace/inject"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A reportForm is a report as JSON, a contract.
type reportForm struct {
	Lab          string         `json:"lab"`
	Hash         string         `json:"hash"` // of the lab's state and points
	Strategy     string         `json:"strategy"`
	Host         string         `json:"host"`
	Seed         uint64         `json:"seed"`
	Actors       int            `json:"actors"`
	Ops          int            `json:"ops"`
	InsideLocks  bool           `json:"inside_locks"`
	Staggered    bool           `json:"staggered"`
	Faults       string         `json:"faults"`           // with commas between; "" for none
	Places       []string       `json:"places,omitempty"` // where these happened: the fault and the steps that its actor had taken, "kill(A):2"
	All          bool           `json:"all"`              // it went on after the first failure
	Shard        string         `json:"shard"`            // "1/1" for the whole; "1+3/4" for some of four
	Searched     bool           `json:"searched"`         // nothing is left of the shards that are there
	Passed       int            `json:"passed"`           // runs begun that were other shards', no schedules of this one
	Schedules    int            `json:"schedules"`
	Complete     int            `json:"complete"`
	Blocked      int            `json:"blocked"`
	Outcomes     map[string]int `json:"outcomes"`
	Exhaustive   bool           `json:"exhaustive"`
	Bound        *int           `json:"bound"`    // most preemptions; null without a bound
	Estimate     *float64       `json:"estimate"` // schedules there are in all; null if unknown
	Failures     int            `json:"failures"`
	FirstFailure int            `json:"first_failure"`
	FirstShard   string         `json:"first_shard"` // whose schedules first_failure counts; "1/1": those of the whole
	Failure      *Failure       `json:"failure"`
	Race         *raceForm      `json:"race"`                 // without a failure: one that did no harm; null if none was seen
	Order        []edgeForm     `json:"lock_order,omitempty"` // without a failure: locks taken in a circle
	Busy         string         `json:"busy,omitempty"`       // without a failure: who waits busily, and for what
	Unreached    []string       `json:"unreached,omitempty"`  // declared states that no schedule comes to
	Undecided    string         `json:"undecided,omitempty"`  // why nothing can be said of some schedule
	ElapsedNS    int64          `json:"elapsed_ns"`
	PerSecond    float64        `json:"schedules_per_second"`
}

// MarshalJSON returns the report as one JSON object. Left out is what the lab
// says of itself, and the sample.
func (r *Report) MarshalJSON() ([]byte, error) {
	f := reportForm{
		Lab: r.Lab, Hash: r.Hash, Strategy: r.Strategy, Host: r.Setting.Host.String(), Seed: r.Inject.Seed,
		Actors: r.Setting.Size.Actors, Ops: r.Setting.Size.Ops, InsideLocks: r.Setting.InsideLocks, Staggered: r.Setting.Staggered,
		Faults: r.Inject.Faults.String(), Places: r.landed.texts(), All: r.Whole, Shard: r.Shards.String(), Searched: r.Exhaustive, Passed: r.Passed,
		Schedules: r.Schedules, Complete: r.Complete, Blocked: r.Blocked, Outcomes: r.Outcomes,
		Exhaustive: r.Exhaustive && r.Shards.Whole(), Failures: r.Failures, FirstFailure: r.FirstFailure, FirstShard: r.FirstShard.String(),
		Failure: r.Failure, Race: formOf(r.Race), Order: edgeForms(r.Order), Busy: r.Busy, Unreached: r.Unreached, ElapsedNS: r.Elapsed.Nanoseconds(),
	}
	if r.Undecided != nil {
		f.Undecided = r.Undecided.Error()
	}
	if r.Bound >= 0 {
		f.Bound = &r.Bound
	}
	if r.Estimate > 0 {
		f.Estimate = &r.Estimate
	}
	if s := r.Elapsed.Seconds(); s > 0 {
		f.PerSecond = float64(r.Schedules) / s
	}
	return json.Marshal(f)
}

// UnmarshalJSON is the inverse of [Report.MarshalJSON].
func (r *Report) UnmarshalJSON(b []byte) error {
	f := reportForm{Outcomes: map[string]int{}}
	var wrong *json.UnmarshalTypeError
	switch err := json.Unmarshal(b, &f); {
	case errors.As(err, &wrong):
		return fmt.Errorf("its %s is a %s", wrong.Field, wrong.Value)
	case err != nil:
		return err
	case f.Lab == "" || f.Outcomes == nil:
		return errors.New("expected one JSON object with a lab")
	}
	*r = Report{
		Lab: f.Lab, Hash: f.Hash, Strategy: f.Strategy, Whole: f.All, Exhaustive: f.Searched, Bound: -1,
		Setting: shmlab.Setting{Size: shmlab.Size{Actors: f.Actors, Ops: f.Ops}, InsideLocks: f.InsideLocks, Staggered: f.Staggered},
		Inject:  inject.Options{Seed: f.Seed}, Passed: f.Passed,
		Schedules: f.Schedules, Complete: f.Complete, Blocked: f.Blocked, Outcomes: f.Outcomes,
		Failures: f.Failures, FirstFailure: f.FirstFailure, Failure: f.Failure, Busy: f.Busy, Unreached: f.Unreached, Elapsed: time.Duration(f.ElapsedNS),
	}
	if f.Bound != nil {
		r.Bound, r.Inject.Bounded, r.Inject.Preemptions = *f.Bound, true, *f.Bound
	}
	if f.Estimate != nil {
		r.Estimate = *f.Estimate
	}
	return errors.Join(r.parse(&f), r.landed.parse(f.Places), r.told(&f))
}

// parse takes over the fields of f that are texts of something.
func (r *Report) parse(f *reportForm) (err error) {
	if r.Setting.Host, err = shmlab.ParseHost(f.Host); err != nil {
		return err
	}
	if f.Faults != "" {
		if r.Inject.Faults, err = inject.ParseFaults(f.Faults); err != nil {
			return err
		}
	}
	if r.Shards, err = ParseShards(f.Shard); err != nil {
		return err
	}
	first, err := inject.ParseShard(f.FirstShard)
	if first.Of > 1 {
		r.FirstShard = first
	}
	return err
}

// told takes over what was seen, and why something is undecided.
func (r *Report) told(f *reportForm) (err error) {
	if f.Race != nil {
		if r.Race, err = f.Race.race(); err != nil {
			return err
		}
		r.Raced = &trace.Trace{Schedule: r.Race.Schedule}
	}
	if r.Order, err = edgesOf(f.Order); err != nil {
		return err
	}
	switch {
	case f.Undecided == errEmpty.Error():
		r.Undecided = errEmpty
	case strings.HasPrefix(f.Undecided, interrupted(0).Error()[:len("interrupted after ")]):
		r.Undecided = interrupted(f.Schedules)
	case f.Undecided != "":
		r.Undecided = errors.New(f.Undecided)
	case f.Complete+f.Blocked < f.Schedules:
		r.Undecided = fmt.Errorf("not every schedule came to an end: %d of %d", f.Complete+f.Blocked, f.Schedules)
	}
	return nil
}
