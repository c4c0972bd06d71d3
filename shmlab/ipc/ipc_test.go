package ipc

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	Serve()
	os.Exit(m.Run())
}

// TestDemonstrations runs each demonstration twice in a row: what the first run
// left would change the second.
func TestDemonstrations(t *testing.T) {
	for _, d := range All() {
		t.Run(d.Name, func(t *testing.T) {
			for i := range 2 {
				if testing.Short() && i > 0 && d.Name == "table" {
					break // it measures, which takes long
				}
				r := d.Run(t.Context(), Watcher{})
				if err := d.Check(r); err != nil {
					t.Errorf("demonstration %d: %v", d.Number, err)
					for _, step := range r.Steps {
						t.Logf("%s: %s = %s", step.Who, step.Call, step.Result)
					}
					t.Logf("%v", r.Facts)
				}
				if i := d.Answer(r); r.Err == nil && (i < 0 || i >= len(d.Choices)) {
					t.Errorf("demonstration %d: no choice came true: %d", d.Number, i)
				}
				for _, l := range r.Lacking {
					t.Logf("left out: %s: %s", l.Part, l.Why)
				}
			}
		})
	}
}
