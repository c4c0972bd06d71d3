package property_test

import (
	"slices"
	"testing"

	"shmrace/inject"
	"shmrace/property"
	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// TestReach: readers who are never inside together are wrong when all schedules
// were tried, and nothing can be said of them before; those who are at least once
// are right. On both hosts, with locks whole and looked into.
func TestReach(t *testing.T) {
	for _, host := range hosts {
		for _, inside := range []bool{false, true} {
			o := property.Options{Setting: shmlab.Setting{Host: host, InsideLocks: inside}, Strategy: "dpor"}
			r := explore(t, workload.TogetherOneByOne, o)
			if !slices.Equal(r.Unreached, []string{"two readers inside"}) || r.Verdict() != trace.Violated || r.Failure != nil {
				t.Errorf("%v, inside %v: the verdict is %v, never reached %q", host, inside, r.Verdict(), r.Unreached)
			}
			if r := explore(t, workload.TogetherKit, o); r.Verdict() != trace.Holds || r.Unreached != nil {
				t.Errorf("%v, inside %v: the kit's lock: %v, never reached %q", host, inside, r.Verdict(), r.Unreached)
			}
			for name, partial := range map[string]property.Options{
				"some":    {Strategy: "random", Schedules: 50},
				"bounded": {Strategy: "dfs", Inject: inject.Options{Bounded: true, Preemptions: 1}},
			} {
				partial.Setting = o.Setting
				if r := explore(t, workload.TogetherOneByOne, partial); r.Verdict() != trace.Budget || r.Undecided == nil || r.Unreached != nil {
					t.Errorf("%v, inside %v, %s: %v, never reached %q", host, inside, name, r.Verdict(), r.Unreached)
				}
			}
		}
	}
}
