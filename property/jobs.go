package property

import (
	"context"
	"sync"

	"shmrace/inject"
	"shmrace/shmlab"
)

// together runs the shards of a search side by side, as many as there are jobs,
// and joins what they find. The first that fails ends the others.
func together(ctx context.Context, lab shmlab.AnyLab, o Options) (*Report, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if o.Schedules == 0 {
		o.Schedules = DefaultSchedules
	}
	o.budget = newBudget(o.Schedules)
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
	return join(parts)
}

// A budget is how many schedules the shards of a search may still try, all
// together: their trees are not equally large. A nil budget is without limit.
type budget struct {
	sync.Mutex
	settled sync.Cond
	left    int
	held    int // taken, and it is not yet known whether for a schedule of the shard's
}

func newBudget(schedules int) *budget {
	b := &budget{left: schedules}
	b.settled.L = b
	return b
}

// take takes one, which is to be settled; false: none is left. Who finds none waits
// for what others may give back.
func (b *budget) take() bool {
	if b == nil {
		return true
	}
	b.Lock()
	defer b.Unlock()
	for b.left == 0 && b.held > 0 {
		b.settled.Wait()
	}
	if b.left == 0 {
		return false
	}
	b.left--
	b.held++
	return true
}

// settle says whether what was taken is spent, or was for no schedule, or for another
// shard's.
func (b *budget) settle(spent bool) {
	if b == nil {
		return
	}
	b.Lock()
	defer b.Unlock()
	if b.held--; !spent {
		b.left++
	}
	b.settled.Broadcast()
}

func (b *budget) empty() bool {
	if b == nil {
		return false
	}
	b.Lock()
	defer b.Unlock()
	return b.left == 0
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
	part, err := join([]*Report{r})
	if err == nil {
		t.parts[i] = part
		part, err = join(t.parts)
	}
	if err == nil {
		t.progress(part)
	}
}

// join returns all parts in one. Those not yet there are nil.
func join(parts []*Report) (*Report, error) {
	var whole *Report
	for _, part := range parts {
		switch {
		case part == nil:
		case whole == nil:
			whole = part.copy()
		default:
			if err := whole.Add(part); err != nil {
				return nil, err
			}
		}
	}
	return whole, nil
}
