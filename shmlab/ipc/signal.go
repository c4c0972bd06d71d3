package ipc

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// A Signal is what this system and Go's runtime do with one signal; all but
// Meaning was observed.
type Signal struct {
	Number    int    `json:"number"`
	Name      string `json:"name"`
	Meaning   string `json:"meaning"`
	Default   string `json:"default"`   // "ends", "stops", "goes on" (ignored, or continued)
	Core      bool   `json:"core"`      // ends with a core dump, if those are switched on: from signal(7)
	Catchable bool   `json:"catchable"` // a handler can be set
	Go        string `json:"go"`        // what a Go program without signal.Notify does: "ends", "panics", ...
	Handled   bool   `json:"handled"`   // Go's runtime has a handler for it
}

// meanings are from signal(7), with what ends in a core dump marked.
var meanings = map[unix.Signal]string{
	unix.SIGHUP: "terminal hung up", unix.SIGINT: "Ctrl-C", unix.SIGQUIT: "Ctrl-\\ *",
	unix.SIGILL: "illegal instruction *", unix.SIGTRAP: "breakpoint *", unix.SIGABRT: "abort(3) *",
	unix.SIGBUS: "no memory behind an address *", unix.SIGFPE: "division by zero *", unix.SIGKILL: "end, whatever it does",
	unix.SIGUSR1: "for the program's own use", unix.SIGSEGV: "no such address *", unix.SIGUSR2: "for the program's own use",
	unix.SIGPIPE: "write to a pipe nobody reads", unix.SIGALRM: "alarm(2)", unix.SIGTERM: "please end",
	unix.SIGSTKFLT: "unused", unix.SIGCHLD: "a child ended or stopped", unix.SIGCONT: "go on",
	unix.SIGSTOP: "stop, whatever it does", unix.SIGTSTP: "Ctrl-Z", unix.SIGTTIN: "background read of a terminal",
	unix.SIGTTOU: "background write to a terminal", unix.SIGURG: "urgent data on a socket", unix.SIGXCPU: "too much CPU time *",
	unix.SIGXFSZ: "file too large *", unix.SIGVTALRM: "CPU time alarm", unix.SIGPROF: "profiling alarm",
	unix.SIGWINCH: "window resized", unix.SIGIO: "I/O possible", unix.SIGPWR: "power failure", unix.SIGSYS: "bad system call *",
}

// realTimeMin and realTimeMax are the kernel's; the C library keeps the first
// two for itself, so its SIGRTMIN is 34.
const (
	realTimeMin = 32
	realTimeMax = 64
)

// SignalName is the name of a signal, real-time ones included.
func SignalName(n int) string {
	switch {
	case n == 34:
		return "SIGRTMIN"
	case n == realTimeMax:
		return "SIGRTMAX"
	case n == 32 || n == 33:
		return fmt.Sprintf("(C library %d)", n)
	case n > 34 && n < 50:
		return fmt.Sprintf("SIGRTMIN+%d", n-34)
	case n >= 50 && n < realTimeMax:
		return fmt.Sprintf("SIGRTMAX-%d", realTimeMax-n)
	}
	return unix.SignalName(unix.Signal(n))
}

// SignalsOf returns the table that a run of the demonstration "signals" observed.
func SignalsOf(r *Report) (table []Signal) {
	uncatchable := strings.Fields(r.Facts.Get("uncatchable"))
	for _, n := range signalsShown() {
		sig := Signal{Number: n, Name: SignalName(n), Meaning: "real-time: queued, in order"}
		if n < realTimeMin {
			sig.Meaning, sig.Core = strings.CutSuffix(meanings[unix.Signal(n)], " *")
		}
		sig.Default, sig.Go = r.Facts.Get("default."+sig.Name), r.Facts.Get("go."+sig.Name)
		sig.Handled = r.Facts.Get("handler."+sig.Name) == "yes"
		sig.Catchable = !slices.Contains(uncatchable, sig.Name)
		table = append(table, sig)
	}
	return table
}

func defaultAction(sig unix.Signal) request {
	return request{call{Op: "default", N: int64(sig)}, fmt.Sprintf("sigaction(%s, SIG_DFL)", SignalName(int(sig))), 0}
}

// signalsShown are those the table has: all but most of the real-time ones,
// which are alike.
func signalsShown() (all []int) {
	for n := 1; n < realTimeMin; n++ {
		all = append(all, n)
	}
	return append(all, 34, 35, realTimeMax)
}

var signalTable = Demonstration{
	Number: 11, Name: "signals",
	Title:    "Signals: the table of this system",
	Claim:    "Each signal has a default action, tried out here. All can be caught but SIGKILL and SIGSTOP.",
	Question: "Which signals can a process not catch?",
	Choices:  []string{"SIGKILL only", "SIGKILL and SIGSTOP", "SIGKILL, SIGSTOP and SIGSEGV"},
	answer:   picks("uncatchable", "SIGKILL", "SIGKILL SIGSTOP", "SIGKILL SIGSEGV SIGSTOP"),
	script:   playSignalTable,
	expect: []string{"uncatchable=SIGKILL SIGSTOP", "default.SIGTERM=ends", "default.SIGKILL=ends", "default.SIGCHLD=goes on",
		"default.SIGSTOP=stops", "default.SIGTSTP=stops", "default.SIGCONT=goes on", "default.SIGPIPE=ends",
		"default.SIGRTMIN=ends", "go.SIGTERM=ends: terminated", "go.SIGWINCH=goes on", "go.SIGPWR=goes on", "go.SIGURG=goes on"},
	Why: "The kernel must be able to end and to stop any process. Go's runtime installs handlers for nearly all others, " +
		"turns some into panics, uses SIGURG itself, and lets most that nobody asked for pass.",
	Trap:    "The numbers differ by architecture: write names. And a Go program's defaults are not the kernel's.",
	Further: []string{"signal(7)", "sigaction(2)", "kill(1)", "Go: os/signal"},
	code:    []string{"playSignalTable", "tryDefault", "tryGo"},
}

func playSignalTable(s *Stage) {
	var uncatchable []string
	numbers := signalsShown()
	s.rounds(len(numbers), func(i int) {
		n, name := numbers[i], SignalName(numbers[i])
		a := s.start("victim")
		s.fact("handler."+name, yes(caught(a.Pid, n)))
		catch := request{call{Op: "catch", N: int64(n)}, fmt.Sprintf("sigaction(%s, a handler)", name), 0}
		if a.do(catch).Errno != 0 {
			uncatchable = append(uncatchable, name)
		}
		s.fact("default."+name, tryDefault(s, a, n))
		a.end()
		s.fact("go."+name, tryGo(s, n))
	})
	s.fact("uncatchable", strings.Join(uncatchable, " "))
}

// tryDefault observes what a signal does to a process that has no handler.
func tryDefault(s *Stage, a *Actor, n int) string {
	a.do(defaultAction(unix.Signal(n))) // EINVAL for the two: they have no other
	return s.effectOf(a, n)
}

// tryGo observes what a signal does to a Go program that did not ask for it.
func tryGo(s *Stage, n int) string {
	a := s.start("gopher")
	defer a.end()
	effect := s.effectOf(a, n)
	if effect != "ends" {
		return effect
	}
	words := a.lastWords()
	switch status := a.state.String(); {
	case strings.HasPrefix(status, "signal: "):
		return "ends: " + strings.TrimSuffix(strings.TrimPrefix(status, "signal: "), " (core dumped)")
	case strings.Contains(words, "SIG") || strings.Contains(words, "fatal"):
		return "ends: dumps its stacks"
	default:
		return "ends: " + status
	}
}

// effectOf has the process send itself the signal and says what became of it.
func (s *Stage) effectOf(a *Actor, n int) string {
	send := request{call{Op: "tgkill", N: int64(n)}, fmt.Sprintf("tgkill(itself, %s)", SignalName(n)), 0}
	s.next(a, send)
	a.order(send)
	effect := ""
	s.await(a.Name+" to end, stop or go on", func() bool {
		switch {
		case threadState(a.Pid, a.tid) == 'T':
			effect = "stops"
		case readable(a.pidfd, 0):
			effect = "ends"
			a.bury()
		case readable(a.control, 0):
			effect = "goes on"
			// An asynchronous end comes before the next order is answered.
			a.receive(send.text)
			if a.state == nil {
				a.do(request{call{Op: "getpid"}, "getpid()", 0})
			}
			if a.state != nil {
				effect = "ends"
			}
		}
		return effect != ""
	})
	s.record(Step{a.Name, send.text, effect})
	return effect
}

// A SignalSet is a set of signals as /proc shows it: bit n-1 is signal n.
type SignalSet uint64

// Has reports whether signal n is in the set.
func (s SignalSet) Has(n int) bool { return n > 0 && s>>(n-1)&1 != 0 }

// String lists the names of the signals in the set.
func (s SignalSet) String() string {
	var names []string
	for n := 1; n <= realTimeMax; n++ {
		if s.Has(n) {
			names = append(names, SignalName(n))
		}
	}
	if names == nil {
		return "none"
	}
	return strings.Join(names, " ")
}

// SignalSets are what a process has of signals: which are pending, for its
// main thread or for all, and which it blocks, ignores and catches.
type SignalSets struct {
	Pid     int       `json:"pid"`
	Name    string    `json:"name"`
	Thread  SignalSet `json:"thread"`
	Process SignalSet `json:"process"`
	Blocked SignalSet `json:"blocked"`
	Ignored SignalSet `json:"ignored"`
	Caught  SignalSet `json:"caught"`
}

// SignalSetsOf reads the signal sets of a process from /proc.
func SignalSetsOf(pid int) (SignalSets, error) {
	sets := SignalSets{Pid: pid}
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return sets, fmt.Errorf("no process %d to look at: %w", pid, err)
	}
	into := map[string]*SignalSet{"SigPnd": &sets.Thread, "ShdPnd": &sets.Process, "SigBlk": &sets.Blocked, "SigIgn": &sets.Ignored, "SigCgt": &sets.Caught}
	for line := range strings.Lines(string(b)) {
		name, value, _ := strings.Cut(line, ":")
		if name == "Name" {
			sets.Name = strings.TrimSpace(value)
		}
		if set := into[name]; set != nil {
			n, err := strconv.ParseUint(strings.TrimSpace(value), 16, 64)
			if err != nil {
				return sets, fmt.Errorf("/proc/%d/status: %w", pid, err)
			}
			*set = SignalSet(n)
		}
	}
	return sets, nil
}

// caught reports whether a process has a handler for signal n.
func caught(pid, n int) bool {
	sets, err := SignalSetsOf(pid)
	return err == nil && sets.Caught.Has(n)
}
