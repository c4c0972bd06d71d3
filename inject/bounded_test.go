package inject_test

import (
	"testing"

	"pgregory.net/rapid"

	"shmrace/inject"
)

// On generated programs, the final states within a bound are those that all
// schedules within it reach.
func TestBoundedDPORAgainstDFS(t *testing.T) {
	fewer, all := 0, 0
	rapid.Check(t, func(r *rapid.T) {
		bodies := draw(r, allOps)
		for bound := -1; bound <= 2; bound++ {
			lab := labOf(bodies, nil)
			dfs := inject.NewDFS(inject.Bound{Preemptions: bound, Delays: inject.Unbounded})
			want := outcomes(t, lab, dfs)
			d := inject.NewBoundedDPOR(bound)
			compare(r, bodies, outcomes(t, lab, d), want)
			if d.Explored() > dfs.Explored() {
				r.Fatalf("%v: %d schedules, expected at most %d", bodies, d.Explored(), dfs.Explored())
			}
			fewer += d.Explored()
			all += dfs.Explored()
		}
	})
	t.Logf("%d schedules instead of %d", fewer, all)
}
