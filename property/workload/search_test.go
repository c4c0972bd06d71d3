package workload_test

import (
	"fmt"
	"maps"
	"testing"

	"shmrace/inject"
	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// mostSchedules is how many schedules a lab may have for all to be tried.
const mostSchedules = 3_000

// DPOR finds what a search of all schedules finds, in every lab that is small
// enough for that, with its locks whole and from the inside.
func TestDPORFindsAll(t *testing.T) {
	compared := 0
	for _, lab := range workload.Catalog {
		if lab.Describe().FreeOnly {
			continue
		}
		for _, inside := range []bool{false, true} {
			name := fmt.Sprintf("%s inside=%t", lab.Describe().Name, inside)
			bench, err := shmlab.Open(lab, shmlab.Setting{Host: shmlab.Coroutines, InsideLocks: inside, Steps: 500})
			if err != nil {
				t.Fatal(err)
			}
			dfs := inject.NewDFS(inject.Bound{Preemptions: inject.Unbounded, Delays: inject.Unbounded})
			want, all := ends(t, bench, dfs)
			dpor := inject.NewDPOR()
			var got map[end]bool
			if all {
				got, _ = ends(t, bench, dpor)
				compared++
			}
			bench.Close()
			t.Logf("%-40s dfs %d, dpor %d, blocked %d", name, dfs.Explored(), dpor.Explored(), dpor.Blocked())
			if all && !maps.Equal(got, want) {
				t.Errorf("%s: %d ends, expected %d", name, len(got), len(want))
			}
		}
	}
	if compared < 50 {
		t.Errorf("%d labs were compared, expected at least 50", compared)
	}
}

// An end is how a run may end: in what state, or why it was cut short. What
// else a failed run has done by then is not the same in equivalent schedules.
type end struct {
	verdict trace.Verdict
	reason  string
	state   uint64
}

// ends runs every schedule that s has, unless they are too many.
func ends(t *testing.T, bench *shmlab.Bench, s shmlab.Strategy) (seen map[end]bool, all bool) {
	t.Helper()
	seen = map[end]bool{}
	for n := 0; s.Begin(); n++ {
		if n == mostSchedules {
			return nil, false
		}
		r, err := bench.Run(s)
		if err != nil {
			t.Fatal(err)
		}
		switch r.Verdict {
		case trace.Undecided:
		case trace.Violated:
			seen[end{r.Verdict, r.Reason.Error(), 0}] = true
		default:
			seen[end{r.Verdict, "", bench.StateHash()}] = true
		}
	}
	return seen, true
}
