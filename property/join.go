package property

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"shmrace/inject"
)

// An interrupted search was ended from outside after so many schedules.
type interrupted int

func (n interrupted) Error() string { return "interrupted after " + Count(int(n), "schedule") }

// errEmpty says that others have all of the few schedules that there are to be.
var errEmpty = errors.New("this shard has no schedule")

// Add joins to r the report of another shard of the same search, or of several:
// counts are sums, the time is the longest, as of searches side by side, and all
// schedules were tried if those of each shard were. The error says why part does
// not fit: it is of another search or lab, or its shard is there already. Then r
// is as it was.
func (r *Report) Add(part *Report) error {
	if err := r.differs(part); err != nil {
		return err
	}
	shards, err := r.Shards.with(part.Shards)
	if err != nil {
		return err
	}
	if part.earlier(r) {
		r.Failure, r.FirstFailure, r.FirstShard = part.Failure, part.FirstFailure, part.FirstShard
	}
	r.sum(part)
	r.landed.add(part.landed)
	r.Shards, r.Inject.Shard = shards, inject.Shard{}
	if r.Race == nil {
		r.Race, r.Raced = part.Race, part.Raced
	}
	if r.Sample == nil {
		r.Sample = part.Sample
	}
	if r.Order == nil {
		r.Order = part.Order
	}
	r.Busy = cmp.Or(r.Busy, part.Busy)
	r.Unreached = slices.DeleteFunc(slices.Clone(r.Unreached), func(state string) bool { return !slices.Contains(part.Unreached, state) })
	r.undecided(part)
	return nil
}

// copy returns r with outcomes and landings of its own.
func (r *Report) copy() *Report {
	c := *r
	c.Outcomes, c.landed = maps.Clone(r.Outcomes), maps.Clone(r.landed)
	return &c
}

// differs says why part is not of the same search as r.
func (r *Report) differs(part *Report) error {
	for _, field := range []struct {
		name      string
		got, want any
	}{
		{"lab", part.Lab, r.Lab}, {"strategy", part.Strategy, r.Strategy},
		{"host", part.Setting.Host, r.Setting.Host}, {"seed", part.Inject.Seed, r.Inject.Seed},
		{"actors", part.Setting.Size.Actors, r.Setting.Size.Actors}, {"ops", part.Setting.Size.Ops, r.Setting.Size.Ops},
		{"inside_locks", part.Setting.InsideLocks, r.Setting.InsideLocks},
		{"staggered", part.Setting.Staggered, r.Setting.Staggered},
		{"faults", part.Inject.Faults.String(), r.Inject.Faults.String()},
		{"bound", part.bound(), r.bound()}, {"all", part.Whole, r.Whole},
	} {
		if field.got != field.want {
			return fmt.Errorf("of another search: %s %v, expected %v", field.name, field.got, field.want)
		}
	}
	if part.Hash != r.Hash {
		return fmt.Errorf("of another version of %s: hash #%s, expected #%s", r.Lab, part.Hash, r.Hash)
	}
	return nil
}

func (r *Report) bound() string {
	if r.Bound < 0 {
		return "no bound"
	}
	return fmt.Sprint(r.Bound)
}

// earlier reports whether r's first failure comes before that of s: in the whole,
// if their numbers are of the whole, else by shard.
func (r *Report) earlier(s *Report) bool {
	switch {
	case r.Failure == nil || s.Failure == nil:
		return r.Failure != nil
	case r.FirstShard == s.FirstShard:
		return r.FirstFailure < s.FirstFailure
	}
	return r.FirstShard.Index < s.FirstShard.Index
}

// sum adds the counts.
func (r *Report) sum(part *Report) {
	r.Schedules += part.Schedules
	r.Passed += part.Passed
	r.Complete += part.Complete
	r.Blocked += part.Blocked
	r.Failures += part.Failures
	for state, n := range part.Outcomes {
		r.Outcomes[state] += n
	}
	r.Exhaustive = r.Exhaustive && part.Exhaustive
	switch {
	case r.Exhaustive:
		r.Estimate = float64(r.Schedules)
	case r.Estimate == 0 || part.Estimate == 0:
		r.Estimate = 0
	default:
		r.Estimate += part.Estimate
	}
	r.Elapsed = max(r.Elapsed, part.Elapsed)
}

// undecided judges anew what of r, to which part was added, cannot be said. That
// a shard has no schedule matters if no other has one, and that it was ended does
// not if another's failure has ended the search.
func (r *Report) undecided(part *Report) {
	if r.Undecided == nil || r.Undecided == errEmpty && part.Undecided != nil {
		r.Undecided = part.Undecided
	}
	if r.Undecided == errEmpty && r.Schedules > 0 {
		r.Undecided = nil
	}
	if _, ended := r.Undecided.(interrupted); ended {
		if r.Undecided = interrupted(r.Schedules); r.Failure != nil && !r.Whole {
			r.Undecided = nil
		}
	}
	if len(r.Unreached) > 0 && r.Undecided == nil && r.Shards.Whole() && (!r.Exhaustive || r.Bound >= 0) {
		r.Undecided = fmt.Errorf("in %s none came to: %s", Count(r.Schedules, "schedule"), strings.Join(r.Unreached, "; "))
		r.Unreached = nil
	}
}
