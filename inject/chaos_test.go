package inject_test

import (
	"reflect"
	"testing"
	"time"

	"shmrace/inject"
	"shmrace/shmlab"
)

// What chaos does is determined by the seed, run by run; it disturbs as often as
// it says, and whoever it stops can go on for four fifths of the time.
func TestChaosSeeds(t *testing.T) {
	type drawn struct {
		start  []shmlab.Push
		storms []shmlab.Storm
		after  time.Duration
		push   shmlab.Push
	}
	draw := func(seed uint64, n int) (list []drawn) {
		c := inject.NewChaos(seed, 3)
		for range n {
			t := c.Turbulence()
			after, push := t.Next()
			list = append(list, drawn{t.Start, t.Storms, after, push})
		}
		return list
	}
	if !reflect.DeepEqual(draw(1, 20), draw(1, 20)) || reflect.DeepEqual(draw(1, 20), draw(2, 20)) {
		t.Error("the seed does not say what is drawn")
	}
	stormy, ruffled := 0, 0
	const runs = 2000
	for _, d := range draw(7, runs) {
		if d.after <= 0 || d.after > 200*time.Millisecond+1 || int(d.push.Actor) > 2 {
			t.Fatalf("after %v: %+v", d.after, d.push)
		}
		for i, s := range d.storms {
			if s.Period > 0 {
				stormy++
			}
			if s.Period != 5*s.Hold || s.First < 0 || s.First > max(4*s.Hold, 10*time.Microsecond) {
				t.Fatalf("%+v", s)
			}
			if p := d.start[i]; p.Nice != 0 || p.Policy != shmlab.Other {
				ruffled++
			}
		}
	}
	// of 6000: 0.2 + 0.8*0.3 = 0.44, and 0.3*(1-1/4*2/3) = 0.25; five standard deviations are 0.032
	if share := float64(stormy) / (3 * runs); share < 0.408 || share > 0.472 {
		t.Errorf("%.3f of the actors are in a storm, expected 0.44", share)
	}
	if share := float64(ruffled) / (3 * runs); share < 0.218 || share > 0.282 {
		t.Errorf("%.3f of the actors have another priority, expected 0.25", share)
	}
}
