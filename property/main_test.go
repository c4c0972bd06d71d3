package property_test

import (
	"context"
	"os"
	"slices"
	"testing"

	"shmrace/inject"
	"shmrace/property"
	"shmrace/property/workload"
	"shmrace/shmlab"
)

func TestMain(m *testing.M) {
	shmlab.Serve(append(slices.Clone(workload.Catalog), blocker, dier, handsOver, overlaps, overlapsLate, longNamed, readsAgain, readsWithin, polite, looksOnly, takesAway, yields, working(nil))...)
	os.Exit(m.Run())
}

var hosts = []shmlab.Host{shmlab.Coroutines, shmlab.Processes}

// eachLab calls f for every lab of the catalog that can be stepped and is wrong,
// or is right: a wrong one says why. Those that fail in no schedule are not among
// them. A short test has every eighth.
func eachLab(t *testing.T, wrong bool, f func(t *testing.T, lab shmlab.AnyLab)) {
	for i, lab := range workload.Catalog {
		if testing.Short() && i%8 != 0 {
			continue
		}
		if d := lab.Describe(); !d.FreeOnly && (d.Why != "") == wrong && !(wrong && len(d.Reach) > 0) {
			t.Run(d.Name, func(t *testing.T) { f(t, lab) })
		}
	}
}

// judged is setting with a judge of the lab's operations.
func judged(t *testing.T, lab shmlab.AnyLab, setting shmlab.Setting) shmlab.Setting {
	t.Helper()
	setting, err := property.Judged(lab, setting)
	if err != nil {
		t.Fatal(err)
	}
	return setting
}

// explored is what the default search finds on a host, with the faults that a
// wrong lab is about.
func explored(t *testing.T, lab shmlab.AnyLab, host shmlab.Host, seed uint64) *property.Report {
	t.Helper()
	d := lab.Describe()
	var o inject.Options
	if d.Why != "" { // then it is wrong when something happens
		o.Faults = property.FaultsOf(d)
	}
	o.Seed = seed
	r, err := property.Explore(context.Background(), lab, property.Options{
		Setting: shmlab.Setting{Host: host}, Inject: o,
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// failed is explored for a lab that is wrong.
func failed(t *testing.T, lab shmlab.AnyLab, host shmlab.Host) *property.Failure {
	t.Helper()
	r := explored(t, lab, host, 1)
	if r.Failure == nil {
		t.Fatalf("no schedule of %d fails", r.Schedules)
	}
	return r.Failure
}
