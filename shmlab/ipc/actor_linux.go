package ipc

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// An Actor is a process on a stage.
type Actor struct {
	Name string
	Pid  int

	stage   *Stage
	tid     int
	control int // -1: this very process
	pidfd   int
	process *os.Process
	state   *os.ProcessState // how it ended; nil while it lives
	stderr  *os.File
	waiting *pending // a call that was begun and has not returned
}

// start starts a process that inherits these descriptors, as 4, 5 and so on.
func (s *Stage) start(name string, fds ...int) *Actor { return s.startRole("actor", name, fds...) }

func (s *Stage) startRole(role, name string, fds ...int) *Actor {
	a, err := spawn(role, name, fds)
	if err != nil {
		s.abort(fmt.Errorf("cannot start the process %q: %w", name, err))
	}
	a.stage = s
	s.actors = append(s.actors, a)
	a.tid = int(a.receive("start").N)
	var inherited []string
	for i := range fds {
		inherited = append(inherited, fmt.Sprint(inheritedFile(i)))
	}
	text := "start " + name
	if inherited != nil {
		text += ", which inherits descriptor " + strings.Join(inherited, " ")
	}
	s.record(Step{Who: s.parent.Name, Call: text, Result: "running"})
	return a
}

// inheritedFile is the number under which a process has the i-th descriptor it
// inherits.
func inheritedFile(i int) int { return controlFile + 1 + i }

// spawn starts this binary for a role. It dies with the thread that starts it.
func spawn(role, name string, fds []int) (*Actor, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	control := os.NewFile(uintptr(pair[1]), "control")
	defer control.Close()
	fd, err := unix.MemfdCreate("shmrace-stderr", unix.MFD_CLOEXEC)
	if err != nil {
		unix.Close(pair[0])
		return nil, err
	}
	a := &Actor{Name: name, control: pair[0], pidfd: -1, stderr: os.NewFile(uintptr(fd), "stderr")}
	files := []*os.File{nil, nil, a.stderr, control}
	for _, fd := range fds {
		// A second descriptor of the same open file: an os.File closes its own.
		dup, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
		if err != nil {
			a.release()
			return nil, err
		}
		f := os.NewFile(uintptr(dup), "inherited")
		defer f.Close()
		files = append(files, f)
	}
	a.process, err = os.StartProcess("/proc/self/exe", []string{"shmrace-" + role, name}, &os.ProcAttr{
		Env:   append([]string{roleEnv + "=" + role, "GODEBUG=asyncpreemptoff=1", "GORACE=atexit_sleep_ms=0"}, os.Environ()...),
		Files: files,
		Sys:   &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true, PidFD: &a.pidfd},
	})
	if err == nil && a.pidfd < 0 {
		a.process.Kill()
		a.process.Wait()
		err = fmt.Errorf("this kernel has no pidfd_open (Linux 5.3)")
	}
	if err != nil {
		a.release()
		return nil, err
	}
	a.Pid = a.process.Pid
	return a, nil
}

// do lets the process make a call and returns what came of it. The call must
// not block.
func (a *Actor) do(r request) result {
	a.stage.next(a, r)
	if a.control < 0 {
		return a.stage.happened(a, r, perform(&r.call), "")
	}
	a.order(r)
	ans := a.receive(r.text)
	return a.stage.happened(a, r, ans, a.obituary())
}

// A pending is a call that was begun and has not returned yet.
type pending struct {
	actor   *Actor
	request request
}

// begin lets the process make a call that blocks.
func (a *Actor) begin(r request) *pending {
	a.stage.next(a, r)
	a.order(r)
	a.waiting = &pending{a, r}
	return a.waiting
}

// blocked waits until the process sleeps in the call, and says so. It aborts
// the demonstration if the call returns instead.
func (p *pending) blocked() {
	a := p.actor
	a.stage.await(a.Name+" to block in "+p.request.text, func() bool {
		if readable(a.control, 0) {
			a.stage.abort(fmt.Errorf("%s returned, expected it to block", p.request.text))
		}
		return asleepIn(a, p.request.nr, p.request.FD)
	})
	a.stage.record(Step{Who: a.Name, Call: p.request.text, Result: "blocks"})
}

// settled reports whether the process sleeps in the call or has returned from it.
func (p *pending) settled() bool {
	return readable(p.actor.control, 0) || asleepIn(p.actor, p.request.nr, p.request.FD)
}

// result waits until the call returns.
func (p *pending) result() result {
	p.actor.waiting = nil
	ans := p.actor.receive(p.request.text)
	return p.actor.stage.happened(p.actor, p.request, ans, p.actor.obituary())
}

func (a *Actor) order(r request) {
	packet, err := json.Marshal(r.call)
	if err == nil {
		_, err = unix.Write(a.control, packet)
	}
	if err != nil {
		a.stage.abort(fmt.Errorf("cannot tell %s to %s: %w", a.Name, r.text, err))
	}
}

// receive waits for the answer, or for the process's death.
func (a *Actor) receive(what string) (ans answer) {
	packet := make([]byte, packetSize)
	a.stage.poll(a.control, a.Name+" to return from "+what)
	n, err := unix.Read(a.control, packet)
	if n <= 0 || err != nil {
		a.bury()
		return answer{N: -1}
	}
	if err := json.Unmarshal(packet[:n], &ans); err != nil {
		a.stage.abort(fmt.Errorf("%s sent what is no answer: %w", a.Name, err))
	}
	return ans
}

// signal sends a signal to the process.
func (a *Actor) signal(sig unix.Signal) {
	a.stage.announce(a.stage.parent.Name, fmt.Sprintf("kill(%s, %s)", a.Name, unix.SignalName(sig)))
	if err := unix.Kill(a.Pid, sig); err != nil {
		a.stage.abort(fmt.Errorf("cannot send %v to %s: %w", sig, a.Name, err))
	}
	outcome := ""
	switch sig {
	case unix.SIGSTOP:
		a.stage.await(a.Name+" to stop", func() bool { return threadState(a.Pid, a.tid) == 'T' })
		outcome = a.Name + " stops"
	case unix.SIGCONT:
		a.stage.await(a.Name+" to go on", func() bool { return threadState(a.Pid, a.tid) != 'T' })
		outcome = a.Name + " goes on"
	case unix.SIGKILL:
		a.stage.poll(a.pidfd, a.Name+" to die")
		a.bury()
		outcome = a.Name + " is dead"
	default:
		outcome = "sent"
	}
	a.stage.record(Step{Who: a.stage.parent.Name, Call: fmt.Sprintf("kill(%s, %s)", a.Name, unix.SignalName(sig)), Result: outcome})
}

// exit lets the process end of itself: it has no more orders.
func (a *Actor) exit() {
	a.stage.announce(a.Name, "exit(0)")
	unix.Shutdown(a.control, unix.SHUT_WR)
	a.stage.poll(a.pidfd, a.Name+" to exit")
	a.bury()
	a.stage.record(Step{Who: a.Name, Call: "exit(0)", Result: a.state.String()})
}

// bury waits for a process that is about to end, and gives back what is held
// of it.
func (a *Actor) bury() {
	if a.state == nil {
		a.state, _ = a.process.Wait()
		a.release()
	}
}

func (a *Actor) release() {
	unix.Close(a.control)
	if a.pidfd >= 0 {
		unix.Close(a.pidfd)
	}
}

// end kills the process if it lives. It may be called again.
func (a *Actor) end() {
	if a.process != nil && a.state == nil {
		unix.PidfdSendSignal(a.pidfd, unix.SIGKILL, nil, 0) // fails only if it has ended
		a.bury()
	}
	a.stderr.Close()
}

// obituary says how the process ended, or "" if it lives.
func (a *Actor) obituary() string {
	if a.state == nil {
		return ""
	}
	return a.state.String()
}

// lastWords is what the process wrote to its standard error.
func (a *Actor) lastWords() string {
	b := make([]byte, 4096)
	n, _ := a.stderr.ReadAt(b, 0)
	return string(b[:n])
}
