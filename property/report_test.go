package property_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"shmrace/inject"
	"shmrace/property"
	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

var update = flag.Bool("update", false, "write the golden files")

// A screen is a terminal's, less the lines that the command prints below.
const (
	columns = 80
	rows    = 24 - 5
)

// fits checks that text fits a screen, plainly.
func fits(t *testing.T, text string) {
	t.Helper()
	if n := strings.Count(text, "\n"); n > rows {
		t.Errorf("%d rows, expected at most %d:\n%s", n, rows, text)
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if len(line) > columns || strings.TrimRight(line, " ") != line {
			t.Errorf("%d columns, expected at most %d and no space at the end: %q", len(line), columns, line)
		}
		if i := strings.IndexFunc(line, func(c rune) bool { return c < ' ' || c > '~' }); i >= 0 {
			t.Errorf("not plain text: %q", line)
		}
	}
}

// A failure of each family, word for word. Source lines move; they are written
// as 0 here.
func TestReports(t *testing.T) {
	for _, lab := range []shmlab.AnyLab{
		workload.CounterUnlocked, workload.CounterLoadStore, workload.CounterHalfLocked, workload.CounterTwoLocks,
		workload.TornUnlocked, workload.TransferUnlocked, workload.TransferArgumentOrder,
	} {
		name := lab.Describe().Name
		t.Run(name, func(t *testing.T) {
			got := at.ReplaceAllString(failed(t, lab, shmlab.Coroutines).String(), ".go:0")
			golden := filepath.Join("testdata", strings.ReplaceAll(name, "/", "-")+".report")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("found:\n%s\nexpected:\n%s", got, want)
			}
		})
	}
}

var at = regexp.MustCompile(`\.go:\d+`)

// Every failure that can be found fits the screen, however it was looked for.
func TestReportsFitTheScreen(t *testing.T) {
	for i, lab := range workload.Catalog {
		if lab.Describe().FreeOnly || testing.Short() && i%8 != 1 {
			continue
		}
		t.Run(lab.Describe().Name, func(t *testing.T) {
			for _, o := range []property.Options{
				{},
				{Setting: shmlab.Setting{InsideLocks: true}},
				{Setting: shmlab.Setting{Staggered: true}, Strategy: "random"},
				{Inject: inject.Options{Faults: inject.Kills}},
				{Setting: shmlab.Setting{Size: shmlab.Size{Actors: 5, Ops: 3}}, Strategy: "random"},
			} {
				o.Host, o.Schedules = shmlab.Coroutines, 200
				r, err := property.Explore(context.Background(), lab, o)
				if err != nil {
					continue // the lab has no such size
				}
				if r.Failure != nil {
					fits(t, r.Failure.String())
				}
			}
		})
	}
}

// Runs that nobody made small fit too, with many actors and many steps, and
// what decides is among the rows that are left.
func TestLongReportsFitTheScreen(t *testing.T) {
	for _, line := range []string{
		"shmrace/1 counter/unlocked actors=2 ops=30 : A30 B7 A3 B",
		"shmrace/1 counter/unlocked actors=3 ops=20 : A9 B C3 B A C7",
		"shmrace/1 counter/unlocked actors=64 ops=5 : A B C A D E F A BL7 BK A",
		"shmrace/1 counter/unlocked actors=2 ops=4900 : A2 B A",
		"shmrace/1 counter/unlocked actors=2 ops=1000000 : A B",
		"shmrace/1 transfer/unlocked actors=6 ops=7 : A B C D E F A B C D E F",
		"shmrace/1 transfer/argument-order actors=64 ops=1 : A B",
		"shmrace/1 torn/unlocked actors=9 ops=9 inside-locks=yes start=staggered : A2 B C",
		"shmrace/1 counter/mutex actors=9 ops=9 : A kill(A)",
	} {
		known, err := trace.Parse(line)
		if err != nil {
			t.Fatal(err)
		}
		lab, err := workload.Find(known.Schedule.Lab)
		if err != nil {
			t.Fatal(err)
		}
		f, err := property.Replay(lab, known, shmlab.Coroutines, nil)
		if err != nil {
			t.Fatal(err)
		}
		text := f.String()
		fits(t, text)
		want := 2
		if f.Pair != nil && f.Pair.Late {
			want = 1
		}
		if marked := strings.Count(text, "\n>"); f.Pair != nil && f.Blow == 0 && marked != want {
			t.Errorf("%s: %d rows are marked, expected the %d of the pair:\n%s", line, marked, want, text)
		}
	}
}

// Each step of a replay is told by rows that are those of the whole.
func TestRowsAreThoseOfColumns(t *testing.T) {
	for _, lab := range []shmlab.AnyLab{workload.CounterHalfLocked, workload.TornUnlocked, workload.TransferArgumentOrder} {
		made := failed(t, lab, shmlab.Coroutines).Trace
		text := property.Heading(made)
		for step := range len(made.Schedule.Decisions) + 1 {
			text += property.Rows(made, step)
		}
		if whole := property.Columns(made); text != whole {
			t.Errorf("step by step:\n%s\nat once:\n%s", text, whole)
		}
	}
}

// Words are kept whole, lines within the screen, and nothing is lost.
func TestWrap(t *testing.T) {
	for _, text := range []string{
		"", "word", "  two words", strings.Repeat("four ", 100), strings.Repeat("x", 100) + " y", "   " + strings.Repeat("a bc def ", 40),
	} {
		wrapped := property.Wrap(text, "    ")
		if strings.Join(strings.Fields(wrapped), " ") != strings.Join(strings.Fields(text), " ") {
			t.Errorf("%q becomes %q", text, wrapped)
		}
		for i, line := range strings.Split(wrapped, "\n") {
			indent := len(line) - len(strings.TrimLeft(line, " "))
			if want := len(text) - len(strings.TrimLeft(text, " ")); i == 0 && indent != want || i > 0 && indent != 4 {
				t.Errorf("%q: line %d begins with %d spaces", text, i+1, indent)
			}
			if len(line) > columns && len(strings.Fields(line)) > 1 {
				t.Errorf("%q has %d columns", line, len(line))
			}
		}
	}
}

// Count knows one from many.
func TestCount(t *testing.T) {
	for _, c := range []struct {
		n          int
		noun, want string
	}{{0, "step", "0 steps"}, {1, "step", "1 step"}, {2, "step", "2 steps"}, {1, "process", "1 process"}, {3, "process", "3 processes"}} {
		if got := property.Count(c.n, c.noun); got != c.want {
			t.Errorf("%q, expected %q", got, c.want)
		}
	}
}
