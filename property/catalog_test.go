package property_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"shmrace/inject"
	"shmrace/property"
	"shmrace/property/workload"
	"shmrace/shmlab"
)

// verdicts are what the two tests below have counted, all of them together.
var verdicts struct{ wrong, missed, right, alarms int }

// A trial is one way to look for a failure of a lab; it returns what it found.
type trial func(t *testing.T, lab shmlab.AnyLab) (text string, failed bool)

// drawn lets rapid draw schedules, ten a check: a wrong lab may fail in few.
func drawn(faults inject.Faults) trial {
	return func(t *testing.T, lab shmlab.AnyLab) (string, bool) {
		bench, err := shmlab.Open(lab, judged(t, lab, shmlab.Setting{Host: shmlab.Coroutines}))
		if err != nil {
			t.Fatal(err)
		}
		defer bench.Close()
		return check(t.Name(), func(rt *rapid.T) {
			for range 10 {
				property.RapidOn(rt, bench, inject.Options{Faults: faults})
			}
		})
	}
}

// whole tries all schedules, for what fails in none.
func whole(t *testing.T, lab shmlab.AnyLab) (string, bool) {
	r := explore(t, lab, property.Options{Setting: shmlab.Setting{Host: shmlab.Coroutines}, Strategy: "dpor"})
	return strings.Join(r.Unreached, "; "), r.Verdict().Bad()
}

// trials are the ways in which a lab can show that it is wrong: by itself,
// with the faults that it is about, by what it never comes to.
func trials(d shmlab.Description) []trial {
	list := []trial{drawn(inject.Faults{})}
	if faults := property.FaultsOf(d); !faults.None() {
		list = append(list, drawn(faults))
	}
	if len(d.Reach) > 0 {
		list = append(list, whole)
	}
	return list
}

// variants calls f for each lab of the catalog that claims to be wrong, because it
// has a Why, or right, and can be stepped.
func variants(t *testing.T, wrong bool, f func(t *testing.T, lab shmlab.AnyLab)) {
	failFiles(t, false)
	for _, lab := range workload.Catalog {
		if d := lab.Describe(); !d.FreeOnly && len(d.Outcomes) == 0 && (d.Why != "") == wrong {
			t.Run(d.Name, func(t *testing.T) { f(t, lab) })
		}
	}
}

// TestRaceCatalog: each wrong variant of each family is seen to fail. Some do in
// one schedule of thousands: the seeds are always the same.
func TestRaceCatalog(t *testing.T) {
	variants(t, true, func(t *testing.T, lab shmlab.AnyLab) {
		verdicts.wrong++
		ways := trials(lab.Describe())
		for n := range 300 {
			seeded(t, fmt.Sprint(1+n*10_000))
			for _, try := range ways {
				if _, failed := try(t, lab); failed {
					return
				}
			}
		}
		verdicts.missed++
		t.Error("it is wrong and was not seen to fail")
	})
}

// TestNoRaceCatalog: no right variant is.
func TestNoRaceCatalog(t *testing.T) {
	variants(t, false, func(t *testing.T, lab shmlab.AnyLab) {
		verdicts.right++
		for _, try := range trials(lab.Describe()) {
			if text, failed := try(t, lab); failed {
				verdicts.alarms++
				t.Errorf("it is right and fails:\n%s", text)
				return
			}
		}
	})
}

// TestCatalogMisses is last: what the two tests above counted, and that in every
// family there is something right beside what is wrong.
func TestCatalogMisses(t *testing.T) {
	t.Logf("%d wrong labs, %d missed; %d right labs, %d false alarms", verdicts.wrong, verdicts.missed, verdicts.right, verdicts.alarms)
	for _, family := range workload.Families() {
		sides := map[bool]int{}
		for _, lab := range workload.Catalog {
			if d := lab.Describe(); strings.HasPrefix(d.Name, family+"/") && !d.FreeOnly && len(d.Outcomes) == 0 {
				sides[d.Why != ""]++
			}
		}
		t.Logf("%s: %d wrong, %d right", family, sides[true], sides[false])
		if sides[true] > 0 && sides[false] == 0 {
			t.Errorf("%s: %d wrong, and none right beside them", family, sides[true])
		}
	}
}
