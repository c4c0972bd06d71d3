package race_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"shmrace/inject"
	"shmrace/property/race"
	"shmrace/property/workload"
	"shmrace/shmlab"
)

// roleEnv is set, to a host, in the program whose output TestGoIsSilent reads.
const roleEnv = "SHMRACE_ROLE"

// onTheHeap is the control: a lab without a race in shared memory, whose actors
// make one on the heap.
var onTheHeap = shmlab.Lab[struct{ Count shmlab.Uint32 }]{
	Name: "test/heap", Size: shmlab.Size{Actors: 2, Ops: 1},
	Actors: func(size shmlab.Size) []shmlab.Actor[struct{ Count shmlab.Uint32 }] {
		return shmlab.Each(size.Actors, "races", func(p *shmlab.Proc, s *struct{ Count shmlab.Uint32 }) {
			s.Count.Add(p, 1)
			count := new(int)
			var both sync.WaitGroup
			for range 2 {
				both.Go(func() { *count++ })
			}
			both.Wait()
		})
	},
}

// TestRole is the program: it runs labs on the host named, stepped and, between
// processes, free, and prints what our detector found.
func TestRole(t *testing.T) {
	host, control := strings.CutSuffix(os.Getenv(roleEnv), " heap")
	if host == "" {
		t.Skip("it is a part of TestGoIsSilent")
	}
	setting := shmlab.Setting{}
	setting.Host, _ = shmlab.ParseHost(host)
	if control {
		ours(t, onTheHeap, setting)
		return
	}
	for _, lab := range workload.Catalog {
		if isRacy(lab.Describe()) {
			ours(t, lab, setting)
		}
	}
}

// ours runs a lab and prints in how many schedules our detector finds a race.
func ours(t *testing.T, lab shmlab.AnyLab, setting shmlab.Setting) {
	bench, err := shmlab.Open(lab, setting)
	if err != nil {
		t.Fatal(err)
	}
	defer bench.Close()
	var d race.Detector
	bench.Watch(&d)
	walk, races := inject.NewRandom(1), 0
	for range 20 {
		walk.Begin()
		d.Begin(bench.Setting().Size.Actors, false)
		if _, err := bench.Run(walk); err != nil {
			t.Fatal(err)
		}
		if len(d.End()) > 0 {
			races++
		}
	}
	if setting.Host == shmlab.Processes {
		if _, err := bench.Free(10 * time.Second); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Printf("%s: a race in %d of 20\n", lab.Describe().Name, races)
}

// raceProgram returns this test as a program that Go's own detector looks at.
func raceProgram(t *testing.T) string {
	t.Helper()
	if underRace {
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		return self
	}
	if testing.Short() {
		t.Skip("a whole program is built")
	}
	goCommand, err := exec.LookPath("go")
	if err != nil {
		t.Skip("no go command to build with")
	}
	text, err := exec.Command(goCommand, "env", "CGO_ENABLED", "CC").Output()
	if words := strings.Fields(string(text)); err != nil || len(words) < 2 || words[0] != "1" {
		t.Skip("Go's race detector needs cgo")
	} else if _, err := exec.LookPath(words[1]); err != nil {
		t.Skipf("Go's race detector needs a C compiler, and there is no %s", words[1])
	}
	program := filepath.Join(t.TempDir(), "race.test")
	if text, err := exec.Command(goCommand, "test", "-race", "-c", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return program
}

// TestGoIsSilent: of the races between processes, and between coroutines with
// mappings of their own, Go's own detector sees none. It is awake: of the same
// program's heap it reports one, in the very processes.
func TestGoIsSilent(t *testing.T) {
	program := raceProgram(t)
	for _, host := range []shmlab.Host{shmlab.Coroutines, shmlab.Processes} {
		text, reports, err := detected(t, program, host.String())
		if err != nil || reports != "" || strings.Contains(text, "DATA RACE") {
			t.Errorf("%v: Go's detector is not silent: %v\n%s%s", host, err, text, reports)
		}
		for _, name := range racy {
			if !strings.Contains(text, name+": a race in ") || strings.Contains(text, name+": a race in 0 of") {
				t.Errorf("%v: our detector found nothing in %s:\n%s", host, name, text)
			}
		}
		text, reports, _ = detected(t, program, host.String()+" heap")
		if !strings.Contains(reports, "WARNING: DATA RACE") || !strings.Contains(reports, "silent_test.go") {
			t.Errorf("control on %v: Go's detector found nothing on the heap:\n%s%s", host, text, reports)
		}
		if !strings.Contains(text, "test/heap: a race in 0 of 20") {
			t.Errorf("control on %v: our detector found something on the heap:\n%s", host, text)
		}
	}
}

// detected runs program in a role and returns what it printed and what Go's
// detector reported, in it and in the processes that it started.
func detected(t *testing.T, program, role string) (text, reports string, err error) {
	t.Helper()
	logs := filepath.Join(t.TempDir(), "go")
	c := exec.Command(program, "-test.run=^TestRole$", "-test.count=1")
	c.Env = append(os.Environ(), roleEnv+"="+role, "GORACE=atexit_sleep_ms=0 log_path="+logs)
	out, err := c.CombinedOutput()
	names, _ := filepath.Glob(logs + ".*")
	for _, name := range names {
		report, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		reports += string(report)
	}
	return string(out), reports, err
}
