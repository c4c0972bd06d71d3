package inject_test

import (
	"testing"

	"shmrace/shmlab"
)

// explore runs lab on coroutines under strategy until there is nothing left to
// try, and calls visit after each run.
func explore(t testing.TB, lab shmlab.AnyLab, strategy shmlab.Strategy, visit func(shmlab.Run, *shmlab.Bench)) {
	t.Helper()
	bench := open(t, lab)
	for strategy.Begin() {
		run, err := bench.Run(strategy)
		if err != nil {
			t.Fatal(err)
		}
		visit(run, bench)
	}
}

func open(t testing.TB, lab shmlab.AnyLab) *shmlab.Bench {
	t.Helper()
	bench, err := shmlab.Open(lab, shmlab.Setting{Host: shmlab.Coroutines})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { bench.Close() })
	return bench
}
