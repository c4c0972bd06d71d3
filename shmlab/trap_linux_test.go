package shmlab_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"shmrace/inject"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
	shmsync "shmrace/sync"
)

// A yard is where actors meet traps.
type yard struct {
	Mine   [2]shmlab.Var[int64] // of each actor, and no other's
	Sum    shmlab.Uint64
	Half   shmlab.Uint32
	Mu     shmsync.Mutex
	Robust shmsync.RobustMutex
	Kept   shmlab.Var[int64]
	Twice  shmlab.Record[[2]int64]
}

func walks(name string, size shmlab.Size, walk func(p *shmlab.Proc, s *yard, size shmlab.Size)) shmlab.Lab[yard] {
	return served(shmlab.Lab[yard]{
		Name: "yard/" + name, Size: size,
		Actors: func(size shmlab.Size) []shmlab.Actor[yard] {
			return shmlab.Each(size.Actors, "walks", func(p *shmlab.Proc, s *yard) { walk(p, s, size) })
		},
	})
}

var (
	twoByTen = shmlab.Size{Actors: 2, Ops: 10}
	yardPath = walks("path", twoByTen, func(p *shmlab.Proc, s *yard, size shmlab.Size) {
		defer s.Twice.Set(p, [2]int64{1, 1})
		for i := range size.Ops {
			p.Label("here")
			s.Mine[p.Index()].Set(p, int64(i+1))
		}
	})
	yardSums = walks("sums", shmlab.Size{Actors: 2, Ops: 50_000}, func(p *shmlab.Proc, s *yard, size shmlab.Size) {
		for range size.Ops {
			s.Sum.Add(p, 1)
			for n := s.Half.Load(p); !s.Half.CompareAndSwap(p, n, n+1); n = s.Half.Load(p) {
			}
			s.Mu.Lock(p)
			s.Kept.Set(p, s.Kept.Get(p)+1)
			s.Mu.Unlock(p)
		}
	})
	yardMutex = walks("mutex", twoByTen, func(p *shmlab.Proc, s *yard, size shmlab.Size) {
		for range size.Ops {
			s.Mu.Lock(p)
			s.Kept.Set(p, s.Kept.Get(p)+1)
			s.Mu.Unlock(p)
		}
	})
	yardRobust = walks("robust", twoByTen, func(p *shmlab.Proc, s *yard, size shmlab.Size) {
		for range size.Ops {
			p.Label("before")
			if s.Robust.Lock(p) == shmsync.ErrOwnerDied {
				s.Robust.Consistent(p)
			}
			s.Kept.Set(p, s.Kept.Get(p)+1)
			s.Twice.Set(p, [2]int64{1, 1})
			p.Yield()
			s.Robust.Unlock(p)
		}
	})
	yardHandles = walks("handles", twoByTen, func(p *shmlab.Proc, s *yard, size shmlab.Size) {
		for _, sig := range []trace.Fault{trace.Usr1, trace.Urg} {
			p.Handle(sig, func() {
				s.Mu.Lock(p)
				s.Kept.Set(p, s.Kept.Get(p)+s.Mine[p.Index()].Get(p))
				s.Mu.Unlock(p)
			})
		}
		for i := range size.Ops {
			s.Mine[p.Index()].Set(p, int64(i+1))
		}
	})
	yardRearms = walks("rearms", twoByTen, func(p *shmlab.Proc, s *yard, size shmlab.Size) {
		var count func()
		count = func() {
			s.Kept.Set(p, s.Kept.Get(p)+1)
			p.Handle(trace.Usr1, count)
			p.Label("armed")
		}
		if p.Index() == 1 {
			count = func() {
				p.Label("last")
				p.Handle(trace.Usr1, nil)
			}
		}
		p.Handle(trace.Usr1, count)
		for i := range size.Ops {
			s.Mine[p.Index()].Set(p, int64(i+1))
		}
	})
	yardWaits = walks("waits", shmlab.Size{Actors: 2}, func(p *shmlab.Proc, s *yard, _ shmlab.Size) {
		if p.Index() == 1 {
			p.Label("late")
			s.Half.Store(p, 1)
			s.Half.Wake(p, 1)
			return
		}
		for s.Half.Load(p) == 0 {
			_ = s.Half.Wait(p, 0, 0)
		}
		p.Until(s.Half.Is(1))
		p.Assert(s.Half.Load(p) == 1, "it has waited")
	})
)

func planOf(t testing.TB, text string) inject.Plan {
	t.Helper()
	plan, err := inject.ParsePlan(text)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// What a plan says happens, where it says so, and what happened is told as a plan.
func TestFreePlans(t *testing.T) {
	for _, test := range []struct {
		lab    shmlab.AnyLab
		plan   string
		fired  string // "": the plan itself
		state  string
		killed int
	}{
		{yardPath, "label=here actor=B occurrence=3 : kill", "", "Mine[0]=10 Mine[1]=2", 1},
		{yardPath, "actor=A kind=Set word=Mine[0] occurrence=10 : kill", "", "Mine[0]=9 Mine[1]=10", 1},
		{yardPath, "actor=B occurrence=1 : term", "", "Mine[0]=10 Mine[1]=0", 1},
		{yardPath, "actor=B occurrence=1 : quit", "", "Mine[0]=10 Mine[1]=0", 1},
		{yardPath, "actor=A occurrence=2 : winch; actor=B occurrence=2 : urg", "", "Mine[0]=10 Mine[1]=10", 0},
		{yardPath, "actor=A occurrence=2 : stop(3ms); actor=B occurrence=2 : delay(3ms)", "", "Mine[0]=10 Mine[1]=10", 0},
		{yardPath, "label=here actor=A : 2*yield->1*sleep(1ms)->off->kill",
			"label=here actor=A occurrence=1 : yield; label=here actor=A occurrence=2 : yield; label=here actor=A occurrence=3 : sleep(1ms)",
			"Mine[0]=10 Mine[1]=10", 0},
		{yardPath, "label=nowhere : kill; kind=Get : kill; label=hereafter : kill; label=her : kill", "none", "Mine[0]=10 Mine[1]=10", 0},
		{yardPath, "word=Mine kind=Set occurrence=4 : yield",
			"actor=A kind=Set word=Mine occurrence=4 : yield; actor=B kind=Set word=Mine occurrence=4 : yield", "Mine[0]=10 Mine[1]=10", 0},
		{yardMutex, "kind=Lock word=Mu occurrence=4 actor=B : kill", "actor=B kind=Lock word=Mu occurrence=4 : kill", "Kept=13", 1},
		{yardRobust, "actor=B kind=Set word=Kept occurrence=4 : kill", "", "Kept=13", 1},
		{yardRobust, "actor=B kind=Yield occurrence=4 : kill", "", "Kept=14", 1},
		{yardHandles, "actor=A kind=Set word=Mine occurrence=3 : usr1", "", "Mine[0]=10 Mine[1]=10 Sum=0 Half=0 Kept=2", 0},
		{yardHandles, "actor=A kind=Set word=Mine occurrence=3 : urg; actor=B kind=Set word=Mine occurrence=9 : usr1; actor=B kind=Get word=Mine occurrence=1 : usr1",
			"", "Mine[0]=10 Mine[1]=10 Sum=0 Half=0 Kept=18", 0}, // the third while its handler runs
		{yardRearms, "actor=A kind=Set word=Mine occurrence=3 : usr1; actor=A kind=Get word=Kept occurrence=1 : usr1", "", "Mine[0]=10 Mine[1]=10 Sum=0 Half=0 Kept=2", 0},
		{yardRearms, "actor=A kind=Set word=Mine occurrence=3 : usr1; label=armed actor=A occurrence=1 : usr1", "", "Mine[0]=10 Mine[1]=10 Sum=0 Half=0 Kept=2", 0},
		{yardRearms, "actor=A kind=Set word=Mine occurrence=3 : usr1; actor=A kind=Get word=Kept occurrence=2 : usr1; label=armed actor=A occurrence=1 : usr1; label=armed actor=A occurrence=2 : usr1",
			"actor=A kind=Set word=Mine occurrence=3 : usr1; label=armed actor=A occurrence=1 : usr1; actor=A kind=Get word=Kept occurrence=2 : usr1; label=armed actor=A occurrence=2 : usr1",
			"Mine[0]=10 Mine[1]=10 Sum=0 Half=0 Kept=3", 0},
		{yardRearms, "actor=B occurrence=2 : usr1; label=last actor=B occurrence=1 : usr1", "", "Mine[0]=10 Mine[1]=1", 1}, // held back until nobody handles it
		{yardWaits, "label=late : sleep(20ms)", "label=late actor=B occurrence=1 : sleep(20ms)", "Half=1", 0},
	} {
		t.Run(test.plan, func(t *testing.T) {
			bench := open(t, test.lab, shmlab.Setting{})
			plan := planOf(t, test.plan)
			run, err := bench.FreeAs(shmlab.Freedom{Limit: time.Minute, Plan: plan})
			if err != nil {
				t.Fatal(err)
			}
			fired := plan.Compile(run.Fired).String()
			want := test.fired
			switch want {
			case "":
				want = test.plan
			case "none":
				want = ""
			}
			if fired != want || run.Fires != len(run.Fired) {
				t.Errorf("fired %s (%d)\nexpected %s", fired, run.Fires, want)
			}
			if run.Verdict != trace.Holds || run.Killed != test.killed {
				t.Errorf("%v: %v, %d killed, expected %d", run.Verdict, run.Reason, run.Killed, test.killed)
			}
			if state := bench.State(); !strings.Contains(state+" ", test.state+" ") {
				t.Errorf("left %s, expected %s", state, test.state)
			}
		})
	}
}

// A killed actor's deferred calls do not run; one that came to its end did.
func TestFreeKillIsFinal(t *testing.T) {
	bench := open(t, yardPath, shmlab.Setting{})
	for plan, ran := range map[string]bool{"label=here occurrence=1 : kill": false, "label=here occurrence=1 : yield": true} {
		if _, err := bench.FreeAs(shmlab.Freedom{Plan: planOf(t, plan)}); err != nil {
			t.Fatal(err)
		}
		if state := bench.State(); strings.Contains(state, "Twice[0]=1") != ran {
			t.Errorf("%s leaves %s", plan, state)
		}
	}
}

// Where a plan is, everything is as without: what is atomic is, and locks lock.
func TestFreePlanChangesNothing(t *testing.T) {
	for _, inside := range []bool{false, true} {
		bench := open(t, yardSums, shmlab.Setting{InsideLocks: inside})
		run, err := bench.FreeAs(shmlab.Freedom{Limit: time.Minute, Plan: planOf(t, "label=nowhere : kill")})
		if err != nil || run.Verdict != trace.Holds || run.Fires != 0 {
			t.Fatalf("%v: %v, %d fired, %v", run.Verdict, run.Reason, run.Fires, err)
		}
		if got, want := bench.State(), "Sum=100000 Half=100000 Kept=100000"; !strings.Contains(got, want) {
			t.Errorf("%s, expected %s", got, want)
		}
	}
}

// With inside-locks the points within a primitive are points of a plan.
func TestFreePlanInsideLocks(t *testing.T) {
	bench := open(t, yardRobust, shmlab.Setting{InsideLocks: true})
	for n := 1; n <= 3; n++ {
		for _, kind := range []string{"CompareAndSwap", "List", "Swap"} {
			plan := planOf(t, fmt.Sprintf("actor=A kind=%s occurrence=%d : kill", kind, n))
			run, err := bench.FreeAs(shmlab.Freedom{Limit: time.Minute, Plan: plan})
			if err != nil || run.Verdict != trace.Holds || run.Killed != 1 {
				t.Errorf("%v: %v: %v, %d killed, %v", plan, run.Verdict, run.Reason, run.Killed, err)
			}
		}
	}
}

// Who stands still because of the plan is not stuck, and who waits for the dead is.
func TestFreePlanStuck(t *testing.T) {
	for _, test := range []struct {
		lab    shmlab.AnyLab
		plan   string
		reason string
	}{
		{yardWaits, "label=late : stop(1500ms)", "<nil>"},
		{yardWaits, "label=late : sleep(1500ms)", "<nil>"},
		{yardMutex, "kind=Set occurrence=1 : kill", " is asleep for ever: nothing ran for 1s and nobody is left to wake them"},
	} {
		t.Run(test.plan, func(t *testing.T) {
			t.Parallel()
			run, err := open(t, test.lab, shmlab.Setting{}).FreeAs(shmlab.Freedom{Limit: time.Minute, Plan: planOf(t, test.plan)})
			if err != nil || !strings.HasSuffix(fmt.Sprint(run.Reason), test.reason) {
				t.Errorf("%v: %v, %v, expected %s", run.Verdict, run.Reason, err, test.reason)
			}
		})
	}
}

// The same seed draws the same, another does not, and what was drawn can be
// done again without drawing.
func TestFreePlanSeeds(t *testing.T) {
	bench := open(t, yardPath, shmlab.Setting{Size: shmlab.Size{Ops: 100}})
	free := func(plan inject.Plan, seed uint64) string {
		run, err := bench.FreeAs(shmlab.Freedom{Plan: plan, Seed: seed})
		if err != nil || run.Verdict != trace.Holds {
			t.Fatalf("%v: %v, %v", run.Verdict, run.Reason, err)
		}
		return plan.Compile(run.Fired).String()
	}
	plan := planOf(t, "kind=Set : 20%yield->10%delay(1us)")
	one, two := free(plan, 1), free(plan, 2)
	if one == two || one != free(plan, 1) {
		t.Errorf("seed 1: %s\nseed 2: %s", one, two)
	}
	yields, delays := strings.Count(one+two, "yield"), strings.Count(one+two, "delay")
	if yields < 50 || yields > 110 || delays < 10 || delays > 60 { // of 400: 80 and 32
		t.Errorf("%d yields and %d delays of 400 draws at 20 %% and then 10 %%", yields, delays)
	}
	if again := free(planOf(t, one), 9); again != one {
		t.Errorf("%s\nis done again as\n%s", one, again)
	}
}

// A plan that does not fit the lab is refused in one line.
func TestFreePlanRefused(t *testing.T) {
	bench := open(t, yardPath, shmlab.Setting{})
	for plan, want := range map[string]string{
		"actor=C : kill":           "clause 1: there is no actor C: expected A to B",
		"any:off;word=Yours: kill": "clause 2: the state has no word Yours: expected one as Mine[0]",
		"word=Mine[2] : kill":      "clause 1: the state has no word Mine[2]: expected one as Mine[0]",
	} {
		_, err := bench.FreeAs(shmlab.Freedom{Plan: planOf(t, plan)})
		if fmt.Sprint(err) != want {
			t.Errorf("%s: %v, expected %s", plan, err, want)
		}
	}
}

// Random plans, thousands of them: no run hangs or is taken for violated, and
// nothing is left behind.
func TestFreeRandomPlans(t *testing.T) {
	plans := 10_000
	if testing.Short() {
		plans = 500
	}
	r := rand.New(rand.NewPCG(1, 2))
	benches := []*shmlab.Bench{open(t, yardPath, shmlab.Setting{}), open(t, yardRobust, shmlab.Setting{}),
		open(t, yardRobust, shmlab.Setting{InsideLocks: true, Size: shmlab.Size{Ops: 2}})}
	before := openFiles(t)
	fires, killed := 0, 0
	for n := range plans {
		text := randomPlan(r)
		run, err := benches[n%len(benches)].FreeAs(shmlab.Freedom{Limit: 20 * time.Second, Plan: planOf(t, text), Seed: uint64(n)})
		if err != nil || run.Verdict != trace.Holds {
			t.Fatalf("%s: %v: %v, %v", text, run.Verdict, run.Reason, err)
		}
		fires, killed = fires+run.Fires, killed+run.Killed
	}
	if fires < plans || killed < plans/50 {
		t.Errorf("%d plans did %d things and killed %d", plans, fires, killed)
	}
	if after := openFiles(t); after > before+4 { // the runtime's own, perhaps
		t.Errorf("%d files are open, %d were before", after, before)
	}
	t.Logf("%d plans did %d things and killed %d", plans, fires, killed)
}

func openFiles(t *testing.T) int {
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

func randomPlan(r *rand.Rand) string {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	var clauses []string
	for range 1 + r.IntN(3) {
		clause := pick("any", "kind=Set", "label=here", "label=before", "kind=Lock", "kind=Set word=Kept", "kind=Swap", "kind=List") + pick("", " actor=A", " actor=B")
		if clause = strings.Replace(clause, "any actor", "actor", 1); clause != "any" || r.IntN(2) == 0 {
			clause = strings.Replace(clause, "any", "", 1) + fmt.Sprintf(" occurrence=%d", 1+r.IntN(12))
		}
		var terms []string
		for range 1 + r.IntN(3) {
			terms = append(terms, pick("", "50%", "10%", "2%")+pick("", "", "3*", "1*")+
				pick("off", "yield", "yield", "delay(5us)", "delay(20us)", "sleep(10us)", "stop(50us)", "usr1", "urg", "winch", "kill"))
		}
		clauses = append(clauses, clause+" : "+strings.Join(terms, "->"))
	}
	return strings.Join(clauses, "; ")
}
