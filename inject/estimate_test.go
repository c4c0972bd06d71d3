package inject_test

import (
	"testing"

	"shmrace/inject"
	"shmrace/shmlab"
)

// An estimator is a search that says how much it has to do.
type estimator interface {
	shmlab.Strategy
	Explored() int
	Estimate() float64
}

// After a tenth of the work the estimate is off by a small factor; at the end
// only by what the bound cuts off.
func TestEstimate(t *testing.T) {
	for _, c := range []struct {
		name   string
		lab    shmlab.AnyLab
		s      estimator
		total  int
		factor float64
	}{
		{"dfs", steps(3, 3), all(), 1680, 1.3},
		{"dfs", program(incRW(3)...), all(), 90, 2},
		{"dfs with at most 2 preemptions", steps(3, 3), inject.NewDFS(inject.Bound{Preemptions: 2, Delays: -1}), 0, 4},
		{"dpor", program(readers(10)...), inject.NewDPOR(), 1024, 10},
		{"dpor", program(ainc(6)...), inject.NewDPOR(), 720, 3},
		{"dpor", program(lastzero(8)...), inject.NewDPOR(), 704, 3},
		{"bounded dpor", program(ainc(5)...), inject.NewBoundedDPOR(inject.Unbounded), 0, 3},
	} {
		var estimates []float64
		explore(t, c.lab, c.s, func(shmlab.Run, *shmlab.Bench) { estimates = append(estimates, c.s.Estimate()) })
		total := float64(c.s.Explored())
		if c.total > 0 && c.s.Explored() != c.total {
			t.Errorf("%s: %d schedules, expected %d", c.name, c.s.Explored(), c.total)
		}
		early := estimates[len(estimates)/10]
		t.Logf("%s: %.0f after a tenth, %.0f after the first, of %.0f", c.name, early, estimates[0], total)
		if early < total/c.factor || early > total*c.factor {
			t.Errorf("%s: %.0f schedules after a tenth of the work, expected about %.0f", c.name, early, total)
		}
		if last := estimates[len(estimates)-1]; last < total*0.95 || last > total*1.05 {
			t.Errorf("%s: %.1f schedules at the end, expected %.0f", c.name, last, total)
		}
	}
}
