package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/ipc"
)

// TestMain is main for the processes that shmrace starts, which are this same
// binary under another name; for a command called shmrace it is main; else it
// runs the tests.
func TestMain(m *testing.M) {
	ipc.Serve()
	shmlab.Serve(workload.Catalog...)
	testscript.Main(m, map[string]func(){"shmrace": main})
}

// TestScript runs the scripts of testdata/script, each of which is a story:
// what a person types and what is seen.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Condition: func(name string) (bool, error) {
			if name != "root" {
				return false, fmt.Errorf("no condition is called %s", name)
			}
			return os.Getuid() == 0, nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"ends": ends, "fails": fails, "object": object, "screen": screen,
			"interrupted": interrupted, "repeat": repeat, "terminal": terminal,
		},
	})
}

// ends STATUS COMMAND... runs a command that ends with exactly this status.
func ends(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: ends STATUS COMMAND...")
	}
	err := ts.Exec(args[1], args[2:]...)
	if got := exitStatus(err); got != args[0] {
		ts.Fatalf("exit status %s, expected %s", got, args[0])
	}
}

func exitStatus(err error) string {
	exit, ok := err.(*exec.ExitError)
	switch {
	case err == nil:
		return "0"
	case !ok:
		return err.Error()
	}
	return strconv.Itoa(exit.ExitCode())
}

// fails STATUS LINE COMMAND... runs a command that prints nothing but this one
// line of shmrace on stderr.
func fails(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: fails STATUS LINE COMMAND...")
	}
	ends(ts, false, append([]string{args[0]}, args[2:]...))
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("stdout is %q, expected nothing", out)
	}
	if got, want := ts.ReadFile("stderr"), "shmrace: "+args[1]+"\n"; got != want {
		ts.Fatalf("stderr is %q, expected %q", got, want)
	}
}

// object [FIELD VALUE]... checks that stdout is one JSON object on one line, and
// fields of it, each as a path with dots and its JSON text.
func object(ts *testscript.TestScript, neg bool, args []string) {
	out := ts.ReadFile("stdout")
	var all map[string]any
	if err := json.Unmarshal([]byte(out), &all); err != nil || strings.Count(out, "\n") != 1 {
		ts.Fatalf("stdout is not one JSON object on one line: %v: %q", err, out)
	}
	for ; len(args) > 1; args = args[2:] {
		var value any = all
		for key := range strings.SplitSeq(args[0], ".") {
			fields, _ := value.(map[string]any)
			var ok bool
			if value, ok = fields[key]; !ok {
				ts.Fatalf("there is no %s", args[0])
			}
		}
		if text, _ := json.Marshal(value); string(text) != args[1] {
			ts.Fatalf("%s is %s, expected %s", args[0], text, args[1])
		}
	}
}

// screen [ROWS] checks that stdout is plain text of at most 80 columns, but for
// a line to be copied, and so many rows of a terminal, 24 if nothing is said.
func screen(ts *testscript.TestScript, neg bool, args []string) {
	most, rows := 24, 1 // one for what is typed next
	if len(args) == 1 {
		most, _ = strconv.Atoi(args[0])
	}
	for line := range strings.Lines(ts.ReadFile("stdout")) {
		line = strings.TrimSuffix(line, "\n")
		n := len([]rune(line))
		if rows += max(1, (n+screenWidth-1)/screenWidth); n > screenWidth && !strings.Contains(line, "shmrace/1 ") && !strings.Contains(line, " --plan ") { // to be copied
			ts.Fatalf("%d columns: %q", n, line)
		}
		if i := strings.IndexFunc(line, func(c rune) bool { return c < ' ' || c == 0x7f }); i >= 0 {
			ts.Fatalf("not plain text: %q", line)
		}
	}
	if rows > most {
		ts.Fatalf("%d rows, expected at most %d", rows, most)
	}
}

// interrupted SIGNAL[,SIGNAL] STATUS COMMAND... sends a signal as soon as the command
// has started workers, another a moment later, and expects it to end with this
// status, and neither a worker nor a name to be left.
func interrupted(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: interrupted SIGNAL STATUS COMMAND...")
	}
	path, err := exec.LookPath(args[2])
	ts.Check(err)
	c := exec.Command(path, args[3:]...)
	c.Args[0], c.Dir = args[2], ts.MkAbs(".")
	out, err := os.Create(ts.MkAbs("interrupted.stdout"))
	ts.Check(err)
	defer out.Close()
	c.Stdout = out
	ts.Check(c.Start())
	workers := children(c.Process.Pid)
	for deadline := time.Now().Add(20 * time.Second); len(workers) < 2 && time.Now().Before(deadline); workers = children(c.Process.Pid) {
		time.Sleep(time.Millisecond)
	}
	signals := map[string]os.Signal{"INT": os.Interrupt, "TERM": syscall.SIGTERM, "KILL": os.Kill}
	for i, name := range strings.Split(args[0], ",") {
		if i > 0 {
			time.Sleep(500 * time.Microsecond)
		}
		if err := c.Process.Signal(signals[name]); i == 0 {
			ts.Check(err)
		}
	}
	guard := time.AfterFunc(20*time.Second, func() { c.Process.Kill() })
	err = c.Wait()
	if !guard.Stop() {
		ts.Fatalf("it goes on")
	}
	if got := exitStatus(err); got != args[1] {
		ts.Fatalf("exit status %s, expected %s", got, args[1])
	}
	for _, pid := range workers {
		gone(ts, pid)
	}
	if left := namedBy(c.Process.Pid); len(left) > 0 && args[0] != "KILL" {
		ts.Fatalf("left behind: %s", left)
	}
}

// namedBy returns the files that are left of a process that is gone: its number is
// in their names.
func namedBy(pid int) (left []string) {
	all, _ := ipc.Leftovers()
	for _, l := range all {
		if strings.Contains(l.Name, fmt.Sprintf("-%d-", pid)) {
			left = append(left, l.Kind+" "+l.Name)
		}
	}
	return left
}

// children returns the processes that pid has started and not waited for.
func children(pid int) []string {
	var all []string
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid)) // the pattern is well formed
	for _, path := range tasks {
		b, _ := os.ReadFile(path)
		all = append(all, strings.Fields(string(b))...)
	}
	return all
}

// gone waits until no worker is called pid any more.
func gone(ts *testscript.TestScript, pid string) {
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		b, err := os.ReadFile("/proc/" + pid + "/cmdline")
		if err != nil || !strings.HasPrefix(string(b), "shmrace-worker\x00") {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("worker process %s is left", pid)
		}
	}
}

// repeat N TEXT FILE writes text so many times to a file.
func repeat(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: repeat N TEXT FILE")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	text := strings.NewReplacer(`\n`, "\n", `\0`, "\x00").Replace(args[1])
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(strings.Repeat(text, n)), 0o644))
}
