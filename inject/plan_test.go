package inject_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"shmrace/inject"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

func ExampleParsePlan() {
	plan, err := inject.ParsePlan("label=p3 actor=B  occurrence=2:kill;:10%3*delay(50us) -> yield")
	fmt.Println(plan, err)
	_, err = inject.ParsePlan("label=p3 : 3*dely(50us)->kill")
	fmt.Println(err)
	// Output:
	// label=p3 actor=B occurrence=2 : kill; any : 10%3*delay(50us)->yield <nil>
	// column 14: found "dely(50us)->kill", expected off, yield, delay, sleep, stop, kill or a signal as usr1
}

// What is wrong with a plan is said in one line, with its column.
func TestPlanErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "column 1: found the end, expected label=, actor=, kind=, word= or occurrence=, each once, or : and an action",
		"any : kill\v":            `column 11: found "\v", expected -> and another action, ; and another clause, or the end`,
		"kill":                    `column 1: found "kill", expected label=, actor=, kind=, word= or occurrence=, each once, or : and an action`,
		"actor=B actor=A : kill":  `column 9: found "actor=A", expected label=, actor=, kind=, word= or occurrence=, each once, or : and an action`,
		"any actor=B : kill":      `column 5: found "actor=B", expected : and an action`,
		"actor=ZZ : kill":         `column 7: found "ZZ", expected an actor, A to BL`,
		"kind=Finish : kill":      `column 6: found "Finish", expected a kind of point as Get, Lock or Wake`,
		"occurrence=0 : kill":     `column 12: found "0", expected a number from 1 to 1000000000`,
		"occurrence=01 : kill":    `column 12: found "01", expected a number from 1 to 1000000000`,
		"label= : kill":           `column 7: found ":", expected a name of 1 to 63 bytes, in quotes if it has blanks or any of ;:=`,
		`label="" : kill`:         `column 7: found "\"\"", expected a name of 1 to 63 bytes, in quotes if it has blanks or any of ;:=`,
		"label=x kind=Get : kill": "column 1: a label has no kind and no word: expected a label, or a kind and a word",
		"any : ":                  "column 7: found the end, expected off, yield, delay, sleep, stop, kill or a signal as usr1",
		"any : kill 3":            `column 12: found "3", expected -> and another action, ; and another clause, or the end`,
		"any : 3kill":             `column 7: found "3kill", expected % or * after a number`,
		"any : 0*kill":            `column 7: found "0*kill", expected a count of 1 to 1000000000`,
		"any : 0%kill":            `column 7: found "0%kill", expected a probability of 1e-06% to 100%`,
		"any : 101%kill":          `column 7: found "101%kill", expected a probability of 1e-06% to 100%`,
		"any : 3*2%kill":          `column 9: found "2%kill", expected off, yield, delay, sleep, stop, kill or a signal as usr1`,
		"any : eintr":             `column 7: found "eintr", expected off, yield, delay, sleep, stop, kill or a signal as usr1`,
		"any : stop":              "column 11: found the end, expected a time in parentheses as (50us), at most 5s",
		"any : delay(50)":         `column 12: found "(50)", expected a time in parentheses as (50us), at most 5s`,
		"any : sleep(1h)":         `column 12: found "(1h)", expected a time in parentheses as (50us), at most 5s`,
		"any : kill(1ms)":         `column 11: found "(1ms)", expected -> and another action, ; and another clause, or the end`,
		"any : kill;":             "column 12: found the end, expected label=, actor=, kind=, word= or occurrence=, each once, or : and an action",
		"any : " + strings.Repeat("off->", 8) + "kill": "column 1: a chain of 9 actions: expected 1 to 8",
		strings.Repeat("any:off;", 256) + "any:off":    `column 2049: found "any:off", expected the end of the plan, after 256 clauses`,
	} {
		if _, err := inject.ParsePlan(text); err == nil || err.Error() != want {
			t.Errorf("%.60q:\n%v\nexpected\n%s", text, err, want)
		}
	}
}

// durations are those whose text is exact.
var durations = rapid.Custom(func(t *rapid.T) time.Duration {
	return time.Duration(rapid.Int64Range(1, int64(shmlab.MaxHolding)).Draw(t, "ns"))
})

var terms = rapid.Custom(func(t *rapid.T) (a shmlab.Action) {
	if rapid.Bool().Draw(t, "likely") {
		a.Percent = rapid.Float64Range(shmlab.LeastPercent, 100).Draw(t, "percent")
	}
	a.Count = rapid.IntRange(0, shmlab.MaxCount).Draw(t, "count")
	a.Deed = rapid.SampledFrom([]shmlab.Deed{shmlab.Off, shmlab.StepBack, shmlab.Delay, shmlab.Sleep, shmlab.Hurt}).Draw(t, "deed")
	if a.Deed == shmlab.Hurt {
		a.Fault = rapid.SampledFrom([]trace.Fault{trace.Kill, trace.Stop, trace.Hup, trace.Usr1, trace.Winch}).Draw(t, "fault")
	}
	if a.Lasts() {
		a.For = durations.Draw(t, "time")
	}
	return a
})

var clauses = rapid.Custom(func(t *rapid.T) shmlab.Trap {
	trap := shmlab.Trap{
		Actor:      trace.Actor(rapid.IntRange(-1, trace.MaxActors-1).Draw(t, "actor")),
		Occurrence: rapid.IntRange(0, shmlab.MaxCount).Draw(t, "occurrence"),
		Chain:      rapid.SliceOfN(terms, 1, shmlab.MaxChain).Draw(t, "chain"),
	}
	name := rapid.StringN(0, 15, shmlab.MaxLabel).Filter(func(s string) bool { return !strings.ContainsRune(s, 0) })
	if trap.Label = name.Draw(t, "label"); trap.Label == "" {
		trap.Kind = trace.Kind(rapid.IntRange(int(trace.Get), int(trace.Yield)).Draw(t, "kind"))
		trap.Word = name.Draw(t, "word")
	}
	return trap
})

// A plan's text is read as the same plan.
func TestPlanRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan := inject.Plan(rapid.SliceOfN(clauses, 1, 5).Draw(t, "plan"))
		text := plan.String()
		got, err := inject.ParsePlan(text)
		if err != nil {
			t.Fatalf("%s\n%v", text, err)
		}
		if !reflect.DeepEqual(got, plan) {
			t.Fatalf("%s\nis read as\n%s", text, got)
		}
	})
}

// Whatever is read as a plan can be run, and its text is stable.
func FuzzParsePlan(f *testing.F) {
	for _, seed := range []string{
		"label=p3 actor=B occurrence=2 : kill", "any : 3*delay(50us)->kill", ": 10%yield; kind=Lock word=Mu : stop(1ms)",
		`label="a b" : 0.5%2*usr1->off`, "word=Accounts[2].Balance kind=Set : sleep(1.5ms)", "label=\"\\x00\":kill", "any:1e3%kill",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		plan, err := inject.ParsePlan(text)
		if err != nil {
			if len(err.Error()) > 300 || strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Fatalf("the error of %q: %q", text, err)
			}
			return
		}
		for i := range plan {
			if err := plan[i].Check(); err != nil {
				t.Fatalf("%q: clause %d: %v", text, i+1, err)
			}
		}
		again, err := inject.ParsePlan(plan.String())
		if err != nil || !reflect.DeepEqual(again, plan) {
			t.Fatalf("%q is written as %q: %v", text, plan, err)
		}
	})
}
