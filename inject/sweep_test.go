package inject_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"shmrace/inject"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// anything is the dumb search: at every decision each actor that can step and,
// once in a schedule, each fault that can happen.
type anything struct {
	faults   inject.Faults
	branches [][]trace.Decision // the first is taken, the rest are to be tried
	depth    int
	begun    bool
	hurt     bool
}

func (s *anything) Begin() bool {
	for n := len(s.branches); s.begun; n-- {
		if n == 0 {
			return false
		}
		s.branches = s.branches[:n]
		if s.branches[n-1] = s.branches[n-1][1:]; len(s.branches[n-1]) > 0 {
			break
		}
	}
	s.begun, s.depth, s.hurt = true, 0, false
	return true
}

// Rescues takes the end of the run for one more choice.
func (s *anything) Rescues(c *shmlab.Choice) bool {
	if s.depth == len(s.branches) {
		list := []trace.Decision{shmlab.GiveUp}
		if !s.hurt {
			list = s.faults.Append(list, c)
		}
		s.branches = append(s.branches, list)
	}
	if s.branches[s.depth][0] != shmlab.GiveUp {
		return true
	}
	s.depth++
	return false
}

func (s *anything) Next(c *shmlab.Choice) trace.Decision {
	if s.depth == len(s.branches) {
		var list []trace.Decision
		for _, a := range c.Enabled {
			list = append(list, trace.Decision{Actor: a})
		}
		if !s.hurt {
			list = s.faults.Append(list, c)
		}
		s.branches = append(s.branches, list)
	}
	d := s.branches[s.depth][0]
	s.depth++
	s.hurt = s.hurt || d.Fault != trace.NoFault
	return d
}

// everyFault is all that can be tried.
var everyFault = []trace.Fault{trace.Kill, trace.Stop, trace.Wakeup, trace.EINTR, trace.Spurious, trace.Timeout, trace.Usr1, trace.Chld}

// handling is a lab of bodies whose actors handle USR1: they change a word, and
// see what it was.
func handling(bodies [][]op, always func(s *drawn) error) shmlab.Lab[drawn] {
	lab := labOf(bodies, always)
	plain := lab.Actors
	lab.Actors = func(size shmlab.Size) []shmlab.Actor[drawn] {
		actors := plain(size)
		for i, a := range actors {
			actors[i].Body = func(p *shmlab.Proc, s *drawn) {
				p.Handle(trace.Usr1, func() { op{"swap", p.Index() % 3, 7}.run(p, s) })
				a.Body(p, s)
			}
		}
		return actors
	}
	return lab
}

// On generated programs, each search with a fault at each place reaches the final
// states that are reached when anything can happen at any time.
func TestSweepAgainstAnything(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		bodies := draw(r, exactOps)
		if n := len(slices.Concat(bodies...)); n > 4 {
			r.Skip("too large for the dumb search")
		}
		faults := inject.Faults{Each: []trace.Fault{rapid.SampledFrom(everyFault).Draw(r, "fault")}}
		if rapid.Bool().Draw(r, "signals") {
			faults = inject.Faults{Signals: true}
		}
		var always func(s *drawn) error
		if rapid.Bool().Draw(r, "always") {
			always = func(*drawn) error { return nil }
		}
		lab := labOf(bodies, always)
		if rapid.Bool().Draw(r, "handled") {
			lab = handling(bodies, always)
		}
		want := outcomes(t, lab, &anything{faults: faults})
		for name, fresh := range map[string]func() shmlab.Strategy{
			"dfs":     func() shmlab.Strategy { return all() },
			"dpor":    func() shmlab.Strategy { return inject.NewDPOR() },
			"bounded": func() shmlab.Strategy { return inject.NewBoundedDPOR(inject.Unbounded) },
		} {
			got := outcomes(t, lab, inject.NewSweep(faults, fresh))
			for s := range want {
				if !got[s] {
					r.Fatalf("%s, %v: %v: %d of %d states are not found: %s", name, faults, bodies, len(want)-len(got), len(want), s)
				}
			}
			for s := range got {
				if !want[s] {
					r.Fatalf("%s, %v: %v: %s is found, and cannot be: %v", name, faults, bodies, s, want)
				}
			}
		}
	})
}

// A survey counts the schedules of each class in each search of a sweep.
type survey struct {
	watcher
	searches int
	met      map[string]int
}

func (s *survey) End(c *shmlab.Choice) {
	s.watcher.End(c)
	if !s.Strategy.(interface{ Foreign() bool }).Foreign() {
		s.met[fmt.Sprint(s.searches, s.class())]++
	}
}

// surveyed returns the classes of a sweep whose searches fresh begins.
func surveyed(t *testing.T, lab shmlab.AnyLab, faults inject.Faults, fresh func() shmlab.Strategy) map[string]int {
	s := &survey{met: map[string]int{}}
	s.Strategy = inject.NewSweep(faults, func() shmlab.Strategy { s.searches++; return fresh() })
	outcomes(t, lab, s)
	return s.met
}

// On generated programs with a fault, too, DPOR takes one schedule of each class,
// unless it had to fall back.
func TestSweepClasses(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		bodies := draw(r, exactOps)
		faults := inject.Faults{Each: []trace.Fault{rapid.SampledFrom(everyFault).Draw(r, "fault")}}
		var always func(s *drawn) error
		if rapid.Bool().Draw(r, "always") {
			always = func(*drawn) error { return nil }
		}
		lab := labOf(bodies, always)
		if rapid.Bool().Draw(r, "handled") {
			lab = handling(bodies, always)
		}
		var searches []*inject.DPOR
		got := surveyed(t, lab, faults, func() shmlab.Strategy {
			searches = append(searches, inject.NewDPOR())
			return searches[len(searches)-1]
		})
		exact := !slices.ContainsFunc(searches, func(d *inject.DPOR) bool { return d.Blocked() > 0 })
		want := surveyed(t, lab, faults, func() shmlab.Strategy { return all() })
		if len(got) != len(want) {
			r.Fatalf("%v, %v: %d classes, expected %d", faults, bodies, len(got), len(want))
		}
		for class, n := range got {
			if want[class] == 0 || exact && n > 1 {
				r.Fatalf("%v, %v: %d schedules of %d in %s", faults, bodies, n, want[class], class)
			}
		}
	})
}

// A sweep has each fault at each place of each actor: as many searches as places,
// one without a fault, and for each actor one that finds no place.
func TestSweepPlaces(t *testing.T) {
	for _, c := range []struct {
		faults inject.Faults
		want   string
	}{
		{inject.Faults{}, "1 schedules, []"},
		{inject.Kills, "1+3 schedules, [kill(A) 0 kill(A) 1]"},
		{inject.Faults{Each: []trace.Fault{trace.EINTR}}, "1+1 schedules, []"},
	} {
		s := inject.NewSweep(c.faults, func() shmlab.Strategy { return inject.NewDPOR() })
		var places []string
		plain := 0
		explore(t, program(func(p *shmlab.Proc, s *small) {
			s.X.Store(p, 1)
			s.Y.Store(p, 1)
		}), s, func(run shmlab.Run, _ *shmlab.Bench) {
			steps := 0
			for _, d := range run.Decisions {
				if d.Fault != trace.NoFault {
					places = append(places, fmt.Sprint(d, steps))
				}
				steps++
			}
			plain++
		})
		got := fmt.Sprintf("1+%d schedules, %v", plain-1, places)
		if plain == 1 {
			got = fmt.Sprintf("1 schedules, %v", places)
		}
		if got != c.want {
			t.Errorf("%v: %s, expected %s", c.faults, got, c.want)
		}
	}
}

// The shards of a sweep take its schedules with a fault, each once. That an actor
// comes to no further place each shard has to see for itself.
func TestSweepShards(t *testing.T) {
	faults, err := inject.ParseFaults("kill,stop")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"dpor", "dfs"} {
		for _, bodies := range [][]body{incRW(2), lockinc(3)} {
			whole := swept(t, name, bodies, inject.Options{Faults: faults})
			for _, of := range []int{2, 3, 7} {
				var parts []string
				for i := range of {
					parts = append(parts, swept(t, name, bodies, inject.Options{Faults: faults, Shard: inject.Shard{Index: i, Of: of}})...)
				}
				slices.Sort(parts)
				if !slices.Equal(parts, whole) {
					t.Errorf("%s in %d shards: %d schedules, expected %d", name, of, len(parts), len(whole))
				}
			}
		}
	}
}

// swept returns the schedules with a fault of a search, in order of their text.
func swept(t *testing.T, name string, bodies []body, o inject.Options) (list []string) {
	t.Helper()
	s, err := inject.New(name, o)
	if err != nil {
		t.Fatal(err)
	}
	bench := open(t, program(bodies...))
	for s.Begin() {
		run, err := bench.Run(s)
		if err != nil {
			t.Fatal(err)
		}
		if p, ok := s.(interface{ Foreign() bool }); ok && p.Foreign() {
			continue
		}
		if schedule := bench.Schedule(run); strings.Contains(schedule.String(), "(") {
			list = append(list, schedule.String())
		}
	}
	slices.Sort(list)
	return list
}
