package inject_test

import (
	"os"
	"testing"

	"shmrace/inject"
	"shmrace/shmlab"
)

// served are the labs of these tests that run on processes.
var served = map[string]struct {
	lab  shmlab.Lab[small]
	want int
}{
	"test/lockinc": {named("test/lockinc", lockinc(3)), 6},
	"test/casrot":  {named("test/casrot", casrot(4)), 14},
	"test/dining":  {named("test/dining", philosophers(3)), 7},
}

func named(name string, bodies []body) shmlab.Lab[small] {
	lab := program(bodies...).(shmlab.Lab[small])
	lab.Name = name
	return lab
}

func TestMain(m *testing.M) {
	var labs []shmlab.AnyLab
	for _, s := range served {
		labs = append(labs, s.lab)
	}
	shmlab.Serve(labs...)
	os.Exit(m.Run())
}

// What a step touched is told by processes as by coroutines.
func TestDPORProcesses(t *testing.T) {
	for name, s := range served {
		bench, err := shmlab.Open(s.lab, shmlab.Setting{Host: shmlab.Processes})
		if err != nil {
			t.Fatal(err)
		}
		d := inject.NewDPOR()
		for d.Begin() {
			if _, err := bench.Run(d); err != nil {
				t.Fatal(err)
			}
		}
		if err := bench.Close(); err != nil {
			t.Error(err)
		}
		if d.Explored() != s.want || d.Blocked() != 0 {
			t.Errorf("%s: %d schedules, %d of them blocked, expected %d and 0", name, d.Explored(), d.Blocked(), s.want)
		}
	}
}
