package property_test

import (
	"context"
	"fmt"
	"maps"
	"testing"
	"time"

	"shmrace/inject"
	"shmrace/property"
	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// sharded is what explore finds, shard by shard, and all together.
func sharded(t *testing.T, lab shmlab.AnyLab, o property.Options, n int) *property.Report {
	t.Helper()
	var whole *property.Report
	for i := range n {
		o.Inject.Shard = inject.Shard{Index: i, Of: n}
		part := explore(t, lab, o)
		if whole == nil {
			whole = part
		} else if err := whole.Add(part); err != nil {
			t.Fatal(err)
		}
	}
	return whole
}

// The number of schedules is that of the whole: jobs share it, shards have a part
// of it each. Where there are more of these than schedules the whole is decided.
func TestScheduleCapIsOfTheWhole(t *testing.T) {
	host := shmlab.Setting{Host: shmlab.Coroutines, Size: shmlab.Size{Actors: 4}}
	for _, c := range []struct {
		strategy       string
		most, n, tried int
		faults         inject.Faults
	}{
		{strategy: "dpor", most: 10, n: 3, tried: 10},
		{strategy: "dfs", most: 10, n: 3, tried: 10},
		{strategy: "dpor", most: 10, n: 2, tried: 10, faults: inject.Kills},
		{strategy: "portfolio", most: 9, n: 2, tried: 9},
		{strategy: "random", most: 10, n: 3, tried: 10},
		{strategy: "random", most: 2, n: 5, tried: 2},
		{strategy: "surw", most: 1, n: 4, tried: 1},
	} {
		o := property.Options{Setting: host, Strategy: c.strategy, Schedules: c.most, Inject: inject.Options{Faults: c.faults}}
		parts := sharded(t, workload.RobustMutexKit, o, c.n)
		o.Jobs = c.n
		jobs := explore(t, workload.RobustMutexKit, o)
		for how, r := range map[string]*property.Report{"shards": parts, "jobs": jobs} {
			if r.Schedules != c.tried || r.Verdict() != trace.Holds || r.Exhaustive {
				t.Errorf("%s, %d %s, at most %d: %d schedules, %v: %v; expected it to hold in %d", c.strategy, c.n, how, c.most, r.Schedules, r.Verdict(), r.Undecided, c.tried)
			}
		}
	}
}

// Jobs are done with a proof if the whole is, though their trees are not equally
// large.
func TestJobsShareTheCap(t *testing.T) {
	o := property.Options{Setting: shmlab.Setting{Host: shmlab.Coroutines, Size: shmlab.Size{Actors: 4}}, Strategy: "dpor", Schedules: 24 + 3, Jobs: 3}
	if r := explore(t, workload.CounterMutex, o); !r.Exhaustive || r.Schedules != 24 || r.Estimate != 24 {
		t.Errorf("%d schedules of about %v, exhaustive %v: expected a proof in 24", r.Schedules, r.Estimate, r.Exhaustive)
	}
}

// The first failure of a sampler's shards has the number that it has in the whole;
// that of a tree's counts one shard's schedules, and says so.
func TestFirstFailureIsOfTheWhole(t *testing.T) {
	for seed := range uint64(20) {
		o := property.Options{Setting: shmlab.Setting{Host: shmlab.Coroutines}, Strategy: "random", Inject: inject.Options{Seed: seed}, Schedules: 30}
		whole := explore(t, workload.CounterUnlocked, o)
		parts := sharded(t, workload.CounterUnlocked, o, 3)
		if whole.FirstFailure != parts.FirstFailure || parts.FirstShard != (inject.Shard{}) {
			t.Errorf("seed %d: the first is %d of %v, expected %d of the whole", seed, parts.FirstFailure, parts.FirstShard, whole.FirstFailure)
		}
	}
	tree := sharded(t, workload.CounterUnlocked, property.Options{Setting: shmlab.Setting{Host: shmlab.Coroutines}, Strategy: "dpor"}, 2)
	if tree.Failure == nil || tree.FirstShard != (inject.Shard{Index: 0, Of: 2}) {
		t.Errorf("the first of a tree is %d of %v, expected it of a shard", tree.FirstFailure, tree.FirstShard)
	}
}

// A shard's sample is a run of its own that came to an end, and there is none if
// it has none.
func TestSampleIsTheShards(t *testing.T) {
	const n = 5
	setting := shmlab.Setting{Host: shmlab.Coroutines, Size: shmlab.Size{Actors: 3}}
	seen := map[string]int{}
	for i := range n {
		o := property.Options{Setting: setting, Strategy: "dpor", Inject: inject.Options{Shard: inject.Shard{Index: i, Of: n}}}
		r := explore(t, workload.CounterMutex, o)
		if (r.Sample == nil) != (r.Complete == 0) {
			t.Errorf("shard %v has %d schedules, and the sample is %v", o.Inject.Shard, r.Complete, r.Sample)
		}
		if r.Sample == nil {
			continue
		}
		if s := r.Sample; s.Verdict != trace.Holds {
			t.Errorf("shard %v: the sample %v is %v", o.Inject.Shard, &s.Schedule, s.Verdict)
		}
		seen[r.Sample.Schedule.String()]++
	}
	for schedule, times := range seen {
		if times > 1 {
			t.Errorf("%d shards have %s", times, schedule)
		}
	}
}

// All that the jobs tell when they are ended is of them all together.
func TestJobsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r, err := property.Explore(ctx, workload.CounterMutex, property.Options{
		Setting: shmlab.Setting{Host: shmlab.Coroutines}, Strategy: "random", Schedules: 1 << 30, Jobs: 2,
		Progress: func(*property.Report) { cancel() }, // after a second
	})
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("interrupted after %d schedules", r.Schedules)
	if r.Undecided == nil || r.Undecided.Error() != want {
		t.Errorf("%v, expected %s", r.Undecided, want)
	}
}

// What one job's failure ends is not undecided.
func TestJobsEndedByAFailure(t *testing.T) {
	r := explore(t, workload.CounterUnlocked, property.Options{
		Setting: shmlab.Setting{Host: shmlab.Coroutines, Size: shmlab.Size{Actors: 6, Ops: 3}}, Strategy: "random", Schedules: 1 << 20, Jobs: 3, Time: time.Minute,
	})
	if r.Failure == nil || r.Undecided != nil {
		t.Errorf("%v, undecided: %v", r.Verdict(), r.Undecided)
	}
}

// A report that does not fit changes nothing.
func TestAddRefuses(t *testing.T) {
	o := property.Options{Setting: shmlab.Setting{Host: shmlab.Coroutines}, Strategy: "random", Schedules: 10}
	o.Inject.Shard = inject.Shard{Index: 0, Of: 2}
	first := explore(t, workload.CounterMutex, o)
	before, outcomes := *first, maps.Clone(first.Outcomes)
	edited := before
	edited.Hash, edited.Shards = "0000", property.Shards{}
	if err := first.Add(&before); err == nil || err.Error() != "shard 1/2 is there twice: expected each once" {
		t.Errorf("%v", err)
	}
	if err := first.Add(&edited); err == nil || err.Error() != "of another version of counter/mutex: hash #0000, expected #"+first.Hash {
		t.Errorf("%v", err)
	}
	if first.Schedules != before.Schedules || !maps.Equal(first.Outcomes, outcomes) {
		t.Errorf("%d schedules, %v: expected %d, %v", first.Schedules, first.Outcomes, before.Schedules, outcomes)
	}
}
