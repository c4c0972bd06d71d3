package shmlab

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"shmrace/shmlab/trace"
)

// processes is the host whose actors are operating-system processes: this same
// binary, started again. They are started once and used for every run; one
// that dies is replaced before the next.
type processes struct {
	program *program
	setting Setting
	region  *os.File
	journal *journal
	record  *os.File // the journal's
	workers []*process
	before  unix.CPUSet // where this thread was allowed to run
	cpus    []int       // the processors there are
	seat    int         // which of the benches that are open this is
	moves   int         // how often it has left a processor that others keep busy
	denied  []string    // what of a turbulence this machine did not allow at the start
	deaths  uint64      // which actors have been killed in this run
}

// deathCheck is how often the supervisor looks whether a worker that does not
// come back is dead.
const deathCheck = 20 * time.Millisecond

func newProcesses(g *program, set Setting, region *Region) (*processes, error) {
	if _, ok := served[g.Name]; !ok {
		return nil, fmt.Errorf("lab %s is not served to processes: expected shmlab.Serve(lab) first in main or TestMain", g.Name)
	}
	fd, err := unix.FcntlInt(uintptr(region.fd), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, fmt.Errorf("cannot hand on the region: %w", err)
	}
	h := &processes{program: g, setting: set, region: os.NewFile(uintptr(fd), "region")}
	if err := h.openJournal(); err != nil {
		h.region.Close()
		return nil, err
	}
	runtime.LockOSThread() // workers die with the thread that starts them
	unix.SchedGetaffinity(0, &h.before)
	for cpu := range len(h.before) * 64 {
		if h.before.IsSet(cpu) {
			h.cpus = append(h.cpus, cpu)
		}
	}
	h.seat = int(seats.Add(1)) - 1
	pin(h.home())
	for i := range set.Size.Actors {
		h.workers = append(h.workers, &process{})
		if err := h.start(i); err != nil {
			h.close()
			return nil, err
		}
	}
	for i := range h.workers {
		if err := h.ready(i); err != nil {
			h.close()
			return nil, err
		}
	}
	return h, nil
}

// home is the processor on which runs are stepped: a hand-off between two
// processes costs ten times as much when they are not on the same one.
// Benches that are open at the same time are on different ones, as far as there are.
func (h *processes) home() int { return h.cpus[(os.Getpid()+h.seat+h.moves)%len(h.cpus)] }

// A run is slow if it and each of its steps takes longer: a step takes microseconds
// on a processor that nobody else wants.
const (
	slowRun  = time.Second
	slowStep = time.Millisecond
)

// move goes to the next processor if a run of so many steps was slow on this one.
func (h *processes) move(took time.Duration, steps int) {
	if took > slowRun && took > slowStep*time.Duration(steps) {
		h.moves++
		pin(h.home())
	}
}

// seats is how many benches of processes are open.
var seats atomic.Int32

// start starts worker i.
func (h *processes) start(i int) error {
	w := h.workers[i]
	fd, c, err := newControl()
	if err != nil {
		return err
	}
	c.turn.Store(workers)
	*w = process{control: c, pidfd: -1}
	control := os.NewFile(uintptr(fd), "control")
	defer control.Close()
	if fd, err = sealedFile("shmrace-stderr", stderrSize); err != nil {
		return err
	}
	w.stderr = os.NewFile(uintptr(fd), "stderr")
	size := h.setting.Size
	role := fmt.Sprintf("%s=%s %d %d %d %t", workerEnv, h.program.Name, i, size.Actors, size.Ops, h.setting.InsideLocks)
	w.process, err = os.StartProcess("/proc/self/exe", []string{"shmrace-worker", h.program.Name, trace.Actor(i).String()}, &os.ProcAttr{
		Env:   append(os.Environ(), role),
		Files: []*os.File{nil, os.Stderr, w.stderr, h.region, control, h.record},
		Sys:   &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true, PidFD: &w.pidfd},
	})
	if err != nil {
		return fmt.Errorf("cannot start a worker process: %w", err)
	}
	w.alive = true
	if w.pidfd < 0 {
		return fmt.Errorf("%w: the kernel has no pidfd_open (Linux 5.3)", ErrHost)
	}
	return nil
}

// ready waits until worker i has said that it is one.
func (h *processes) ready(i int) error {
	w := h.workers[i]
	if why := h.collect(i, max(h.setting.Guard, DefaultGuard)); why != nil {
		return fmt.Errorf("%w: worker %v did not start: %w", ErrHost, trace.Actor(i), why)
	}
	if w.standing.point.Kind != trace.Finish {
		return fmt.Errorf("%w: worker %v did not start: %s", ErrHost, trace.Actor(i), w.standing.text)
	}
	return nil
}

// play lets the workers step, one at a time.
func (h *processes) play(s *scheduler, recorded bool) error {
	for _, w := range h.workers {
		w.control.observed = s.observer != nil
		w.control.recorded, w.control.cpu = recorded, int32(h.home())
		w.next = perform
		w.standing.robust.pending = 0 // of a run that is over
	}
	h.deaths = 0
	begin := time.Now()
	for i := s.next(); i < s.n; i = s.next() {
		h.step(s, i)
	}
	for i, w := range h.workers {
		a := &s.actors[i]
		if a.stopped && w.alive {
			w.signal(unix.SIGCONT)
		}
		if a.live && w.alive {
			h.unwind(i)
		}
	}
	h.move(time.Since(begin), len(s.decisions))
	return nil
}

// step lets worker i go from the point where it stands to its next.
func (h *processes) step(s *scheduler, i int) {
	w := h.workers[i]
	w.control.deaths = h.deaths
	back := fmt.Sprintf("come back from %v", w.standing.point.Kind)
	if w.next == perform {
		back = "come to its first point"
	}
	w.let(w.next)
	w.next = goOn
	why := h.collect(i, h.setting.Guard)
	switch {
	case why == errAway:
		s.actors[i].live = false
		s.end(trace.Stuck, fmt.Errorf("%v has not %s for %v: it blocks or loops outside of any point",
			trace.Actor(i), back, h.setting.Guard))
	case why != nil:
		s.actors[i].live = false
		s.end(trace.Tampered, fmt.Errorf("%v wrote what only the scheduler may write: %w", trace.Actor(i), why))
	default:
		s.arrived(i)
	}
}

// unwind takes worker i out of a run that is over.
func (h *processes) unwind(i int) {
	w := h.workers[i]
	w.let(giveUp)
	if why := h.collect(i, h.setting.Guard); why != nil {
		w.end()
	}
}

// let gives worker w its turn.
func (w *process) let(o order) {
	w.control.order, w.control.reply, w.control.summons = o, w.standing.reply, w.standing.summons
	w.standing.summons = summons{}
	w.control.pass(workers)
}

// ErrHost says that the environment does not let actors be processes.
var ErrHost = errors.New("actors cannot be processes here")

var errAway = errors.New("it does not come back")

// collect waits until worker i has arrived and copies where it stands. A worker
// that died stands at Died. One that does not come back within guard, or says what
// cannot be, is ended, and the error says why.
func (h *processes) collect(i int, guard time.Duration) error {
	w := h.workers[i]
	// The time is counted in looks, not read off the clock: a machine that stood
	// still for a while has kept the worker from coming back, too.
	for looks := time.Duration(0); !w.control.await(supervisors, In(deathCheck)); looks++ {
		if w.dead() {
			w.end()
			w.standing.point, w.standing.text = Point{Kind: trace.Died}, w.obituary()
			w.standing.effect, w.standing.lines = effect{}, nil
			return nil
		}
		if looks*deathCheck > guard {
			w.end()
			return errAway
		}
	}
	w.arrivals++
	err := w.control.read(&w.standing, w.arrivals, h.program.layout.size)
	if err != nil {
		w.end()
	}
	return err
}

// replace starts a new worker for each that has died.
func (h *processes) replace() error {
	h.smooth()
	for i, w := range h.workers {
		if w.alive {
			continue
		}
		w.close()
		if err := h.start(i); err != nil {
			return err
		}
		if err := h.ready(i); err != nil {
			return err
		}
	}
	return nil
}

func (h *processes) standing(i int) *standing { return &h.workers[i].standing }

// hurt sends worker a the signal that f is.
func (h *processes) hurt(a trace.Actor, f trace.Fault, fatal bool) error {
	w := h.workers[a]
	if !fatal {
		return w.signal(numbers[f])
	}
	h.deaths |= 1 << a
	if f == trace.Kill {
		w.end()
		return nil
	}
	return w.dieOf(numbers[f])
}

func (h *processes) close() error {
	for _, w := range h.workers {
		w.end()
		w.close()
	}
	seats.Add(-1)
	unix.SchedSetaffinity(0, &h.before) // it was allowed before
	runtime.UnlockOSThread()
	h.journal.unmap()
	h.record.Close()
	return h.region.Close()
}

// openJournal makes the journal of the free runs.
func (h *processes) openJournal() error {
	fd, err := newJournal()
	if err != nil {
		return err
	}
	h.record = os.NewFile(uintptr(fd), "journal")
	if h.journal, err = mapJournal(fd); err != nil {
		h.record.Close()
	}
	return err
}
