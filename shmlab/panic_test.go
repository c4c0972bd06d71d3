package shmlab_test

import (
	"testing"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A check that panics does not hold, on either host, and is not the actor's fault.
func TestCheckPanics(t *testing.T) {
	always, final := twoSet, twoSet
	wrong := func(s *board) error {
		none := []int{}
		none[s.X.Peek()] = 1
		return nil
	}
	always.Always, final.Final = wrong, wrong
	for _, test := range []struct {
		lab    shmlab.Lab[board]
		reason string
		steps  int
	}{
		{always, "the check panicked: runtime error: index out of range [0] with length 0", 0},
		{final, "the check panicked: runtime error: index out of range [2] with length 0", 2},
	} {
		onBoth(t, test.lab, shmlab.Setting{}, func(t *testing.T, bench *shmlab.Bench) {
			run, err := bench.Run(script(t, "A B"))
			if err != nil || run.Verdict != trace.Violated || run.Reason.Error() != test.reason || len(run.Decisions) != test.steps {
				t.Errorf("%v: %v after %d steps, %v\nexpected %v: %s", run.Verdict, run.Reason, len(run.Decisions), err, trace.Violated, test.reason)
			}
		})
	}
}

// tired is the strategy that panics at its third decision.
type tired struct{}

func (tired) Begin() bool { return true }
func (tired) Next(c *shmlab.Choice) trace.Decision {
	if c.Step == 2 {
		panic("enough")
	}
	return trace.Decision{Actor: c.Enabled[len(c.Enabled)-1]}
}

// A panic of the strategy is the caller's, as rapid's are, and not an actor's:
// on either host it comes out of Run, and the next run is as good as any.
func TestStrategyPanics(t *testing.T) {
	onBoth(t, tidies, shmlab.Setting{}, func(t *testing.T, bench *shmlab.Bench) {
		for range 2 {
			func() {
				defer func() {
					if r := recover(); r != "enough" {
						t.Errorf("%v comes out of Run, expected the strategy's panic", r)
					}
				}()
				run, err := bench.Run(tired{})
				t.Errorf("Run returns %v: %v, %v", run.Verdict, run.Reason, err)
			}()
			if state := bench.State(); state != "X=1 Y=0 Word=0 Other=0" && state != "X=0 Y=0 Word=0 Other=0" {
				t.Errorf("the actors went on: %s", state)
			}
			if run, err := bench.Run(first{}); err != nil || run.Verdict != trace.Holds {
				t.Errorf("the next run: %v: %v, %v", run.Verdict, run.Reason, err)
			}
		}
	})
}
