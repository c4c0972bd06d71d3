package inject_test

import (
	"strings"
	"testing"

	"shmrace/inject"
	"shmrace/shmlab/trace"
)

// A scene comes where it should in every schedule, whatever is drawn: after as
// many steps of its actor, and of each other at most, and a stopped actor goes on
// when the pause is over.
func TestScene(t *testing.T) {
	bench := open(t, program(binc(3)...))
	for _, test := range []struct {
		scene inject.Scene
		begin string // of every schedule
		end   string
	}{
		{inject.Scene{Actor: 1, Fault: trace.Stop, Before: 1, Pause: 1}, "B stop(B) ", ""},
		{inject.Scene{Actor: 1, Fault: trace.Kill, Before: 1}, "B kill(B) ", ""},
		{inject.Scene{Actor: 2, Fault: trace.Cont, Before: 0, Then: 1}, "cont(C) C", ""},
		{inject.Scene{Actor: 0, Fault: trace.Stop, Before: 0, Pause: 4}, "stop(A) ", " cont(A) A2"},
		{inject.Scene{Actor: 0, Fault: trace.Stop, Before: 0}, "stop(A) ", " cont(A) A2"}, // nobody else can
		{inject.Scene{Actor: 0, Fault: trace.EINTR, Before: 0, Others: 9}, "", ""},        // never asleep: never
	} {
		schedules := map[string]bool{}
		for seed := range uint64(50) {
			play := inject.NewPlay(test.scene, seed)
			play.Begin()
			run, err := bench.Run(play)
			if err != nil || run.Verdict != trace.Holds {
				t.Fatal(run.Verdict, run.Reason, err)
			}
			s := bench.Schedule(run)
			_, steps, _ := strings.Cut(s.String(), " : ")
			schedules[steps] = true
			if !strings.HasPrefix(steps, test.begin) || !strings.HasSuffix(steps, test.end) {
				t.Errorf("%+v: %s, expected %s...%s", test.scene, steps, test.begin, test.end)
			}
			if strings.Contains(steps, "eintr") || strings.Count(steps, "(") > 2 {
				t.Errorf("%+v: %s", test.scene, steps)
			}
			if pause := test.scene.Pause; pause == 1 && !strings.Contains(steps, "stop(B) A cont(B) B") && !strings.Contains(steps, "stop(B) C cont(B) B") {
				t.Errorf("%+v: %s, expected a pause of 1 step", test.scene, steps)
			}
		}
		if len(schedules) < 5 {
			t.Errorf("%+v: %d schedules of 50 differ", test.scene, len(schedules))
		}
	}
}

// Each other takes no more steps before the fault than it may, and some take as many.
func TestSceneOthers(t *testing.T) {
	bench := open(t, program(binc(3)...))
	most := 0
	for seed := range uint64(100) {
		play := inject.NewPlay(inject.Scene{Actor: 2, Fault: trace.Kill, Before: 1, Others: 1}, seed)
		play.Begin()
		run, err := bench.Run(play)
		if err != nil {
			t.Fatal(err)
		}
		taken := make([]int, 3)
		for _, d := range run.Decisions {
			if d.Fault == trace.Kill {
				break
			}
			taken[d.Actor]++
		}
		most = max(most, taken[0], taken[1])
		if taken[2] != 1 || taken[0] > 1 || taken[1] > 1 {
			t.Errorf("seed %d: %v steps before the fault, expected at most 1, at most 1 and 1", seed, taken)
		}
	}
	if most != 1 {
		t.Errorf("the others take at most %d steps, expected 1", most)
	}
}
