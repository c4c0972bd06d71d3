package property

import (
	"context"
	"maps"
	"slices"
	"sync"

	"shmrace/inject"
	"shmrace/shmlab"
)

// together runs the shards of a search side by side, as many as there are jobs,
// and joins what they find. The first that fails ends the others.
func together(ctx context.Context, lab shmlab.AnyLab, o Options) (*Report, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	parts, errs := make([]*Report, o.Jobs), make([]error, o.Jobs)
	t := teller{progress: o.Progress, parts: make([]*Report, o.Jobs)}
	var all sync.WaitGroup
	for i := range o.Jobs {
		all.Go(func() {
			part := o
			part.Jobs, part.Inject.Shard = 1, inject.Shard{Index: i, Of: o.Jobs}
			if o.Progress != nil {
				part.Progress = func(r *Report) { t.tell(i, r) }
			}
			parts[i], errs[i] = Explore(ctx, lab, part)
			if errs[i] != nil || parts[i].Failure != nil && !o.Whole {
				cancel()
			}
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	whole := join(parts)
	whole.Inject.Shard = inject.Shard{}
	whole.joined()
	return whole, nil
}

// A teller joins what the shards say of how far they are.
type teller struct {
	sync.Mutex
	progress func(r *Report)
	parts    []*Report
}

// tell is called by shard i, whose report is its own as soon as tell returns.
func (t *teller) tell(i int, r *Report) {
	t.Lock()
	defer t.Unlock()
	part := *r
	part.Outcomes = maps.Clone(r.Outcomes)
	t.parts[i] = &part
	t.progress(join(t.parts))
}

// join adds the reports of shards up: counts are sums, the failure is the first
// shard's that has one, the time is the longest. Those not yet there are nil.
func join(parts []*Report) *Report {
	var whole *Report
	for _, part := range parts {
		switch {
		case part == nil:
		case whole == nil:
			first := *part
			first.Outcomes = maps.Clone(part.Outcomes)
			whole = &first
		default:
			whole.add(part)
		}
	}
	return whole
}

func (r *Report) add(part *Report) {
	r.Schedules += part.Schedules
	r.Passed += part.Passed
	r.Complete += part.Complete
	r.Blocked += part.Blocked
	r.Estimate += part.Estimate
	for state, n := range part.Outcomes {
		r.Outcomes[state] += n
	}
	r.Exhaustive = r.Exhaustive && part.Exhaustive
	r.Failures += part.Failures
	if r.Failure == nil {
		r.Failure, r.FirstFailure = part.Failure, part.FirstFailure
	}
	if r.Race == nil {
		r.Race, r.Raced = part.Race, part.Raced
	}
	if r.Sample == nil {
		r.Sample = part.Sample
	}
	if r.Order == nil {
		r.Order = part.Order
	}
	r.Unreached = slices.DeleteFunc(slices.Clone(r.Unreached), func(state string) bool { return !slices.Contains(part.Unreached, state) })
	if r.Undecided == nil {
		r.Undecided = part.Undecided
	}
	r.Elapsed = max(r.Elapsed, part.Elapsed)
}
