package inject_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"shmrace/inject"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A piece is part of a generated program.
type piece interface {
	run(p *shmlab.Proc, s *drawn)
}

// A loop is a piece that does something before and after it yields, until a word
// holds a value, or for so many rounds.
type loop struct {
	word, limit   int // limit 0: no limit
	until         uint32
	before, after piece
}

func (l loop) String() string {
	return fmt.Sprintf("loop(%d,%d,%d: %v yield %v)", l.word, l.until, l.limit, l.before, l.after)
}

func (l loop) run(p *shmlab.Proc, s *drawn) {
	for n := 0; l.limit == 0 || n < l.limit; n++ {
		if l.word >= 0 && s.Word[l.word].Load(p) == l.until {
			return
		}
		l.before.run(p, s)
		p.Yield()
		l.after.run(p, s)
	}
}

// drawLoops draws a program of two or three actors that yield.
func drawLoops(t *rapid.T) [][]piece {
	inner := []string{"nothing", "nothing", "read", "write", "cas", "add", "swap", "locked", "timed"}
	one := func(kinds []string) piece {
		return op{rapid.SampledFrom(kinds).Draw(t, "kind"), rapid.IntRange(0, 2).Draw(t, "word"), rapid.Uint32Range(0, 2).Draw(t, "value")}
	}
	bodies := make([][]piece, rapid.IntRange(2, 3).Draw(t, "actors"))
	for i := range bodies {
		for range rapid.IntRange(1, 2).Draw(t, "pieces") {
			if rapid.Bool().Draw(t, "op") {
				bodies[i] = append(bodies[i], one(exactOps))
				continue
			}
			l := loop{word: rapid.IntRange(-1, 2).Draw(t, "word"), until: rapid.Uint32Range(0, 2).Draw(t, "until"), before: one(inner), after: one(inner)}
			if l.limit = rapid.IntRange(0, 2).Draw(t, "limit"); l.word < 0 {
				l.limit = 1 + l.limit%2
			}
			bodies[i] = append(bodies[i], l)
		}
	}
	return bodies
}

// Whatever loops do before and after they yield, no search diverges, and those
// that leave nothing out reach the same final states; what a bench has learned of
// the loops makes no difference.
func TestLoopsThatYield(t *testing.T) {
	whole := 0
	rapid.Check(t, func(r *rapid.T) {
		bodies := drawLoops(r)
		bench, err := shmlab.Open(labOf(bodies, nil), shmlab.Setting{Host: shmlab.Coroutines, Steps: 60})
		if err != nil {
			r.Fatal(err)
		}
		defer bench.Close()
		first, last := inject.NewDPOR(), inject.NewDPOR()
		want, ended := every(r, bench, first)
		for _, s := range []shmlab.Strategy{inject.NewBoundedDPOR(inject.Unbounded), all(), last} {
			got, also := every(r, bench, s)
			if ended && also {
				compare(r, bodies, got, want)
			}
			ended = ended && also
		}
		if !ended {
			return // the schedules are too many, or do not end
		}
		if whole++; first.Explored() != last.Explored() || first.Blocked() != last.Blocked() {
			r.Fatalf("%v: %d schedules, %d of them blocked; when the loops are known %d and %d",
				bodies, first.Explored(), first.Blocked(), last.Explored(), last.Blocked())
		}
	})
	t.Logf("%d programs were searched to their end", whole)
}

// every returns the final states that a search reaches, and whether it came to
// its end.
func every(r *rapid.T, bench *shmlab.Bench, s shmlab.Strategy) (ends map[string]bool, whole bool) {
	ends = map[string]bool{}
	for n := 0; s.Begin(); n++ {
		run, err := bench.Run(s)
		if err != nil {
			r.Fatal(err)
		}
		switch run.Verdict {
		case trace.Diverged, trace.Stuck:
			r.Fatalf("%T: run %d: %v", s, n, run.Reason)
		case trace.Budget:
			return ends, false
		case trace.Undecided:
		default:
			ends[fmt.Sprint(run.Verdict, bench.StateHash())] = true
		}
		if n == 3000 {
			return ends, false
		}
	}
	return ends, true
}
