package property_test

import (
	"testing"

	"pgregory.net/rapid"

	"shmrace/inject"
	"shmrace/property"
	"shmrace/property/workload"
	"shmrace/shmlab"
)

// TestWithAndWithout: rapid finds a schedule in which each wrong lab of the
// catalog fails, and none in which a right one does. A wrong lab is one that
// says why it is. What is wrong with other faults than kills is not looked for.
func TestWithAndWithout(t *testing.T) {
	failFiles(t, false)
	wrong, right, missed, alarms := 0, 0, 0, 0
	for _, lab := range workload.Catalog {
		d := lab.Describe()
		if d.FreeOnly || len(d.Outcomes) > 0 || d.Why != "" && len(d.Faults)+len(d.Reach) > 0 {
			continue
		}
		bench, err := shmlab.Open(lab, judged(t, lab, shmlab.Setting{Host: shmlab.Coroutines}))
		if err != nil {
			t.Fatal(err)
		}
		// Ten schedules a check: a wrong lab may fail in few of them.
		try := func(faults inject.Faults) (string, bool) {
			return check(t.Name(), func(rt *rapid.T) {
				for range 10 {
					property.RapidOn(rt, bench, inject.Options{Faults: faults})
				}
			})
		}
		text, failed := try(inject.Faults{})
		for again := 0; !failed && d.Why != "" && again < 300; again++ {
			text, failed = try(property.FaultsOf(d)) // wrong only when an actor dies
		}
		bench.Close()
		switch {
		case d.Why == "":
			right++
			if failed {
				alarms++
				t.Errorf("%s is right and fails:\n%s", d.Name, text)
			}
		default:
			wrong++
			if !failed {
				missed++
				t.Errorf("%s is wrong and was not seen to fail", d.Name)
			}
		}
	}
	t.Logf("%d wrong labs, %d missed; %d right labs, %d false alarms", wrong, missed, right, alarms)
}
