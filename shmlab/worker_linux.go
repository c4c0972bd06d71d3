package shmlab

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"shmrace/shmlab/trace"
)

// workerEnv is set for workers: the lab's name, the actor's index, the size of
// the run and whether points are inside locks.
const workerEnv = "SHMRACE_WORKER"

// The files a worker inherits.
const (
	regionFile  = 3
	controlFile = 4
	journalFile = 5
)

// served are the labs this program can run on processes, by name.
var served map[string]AnyLab

// Serve is called first in main, or in TestMain, with every lab that the
// program runs on processes. In a process that was started to be an actor it
// never returns; else it does nothing but remember the labs.
func Serve(labs ...AnyLab) {
	if served == nil {
		served = map[string]AnyLab{}
	}
	for _, l := range labs {
		served[l.Describe().Name] = l
	}
	if role, ok := os.LookupEnv(workerEnv); ok {
		fmt.Fprintln(os.Stderr, "shmlab: worker:", serve(role))
		os.Exit(workerFailed)
	}
}

// workerFailed is the exit status of a worker that could not be one.
const workerFailed = 3

// A worker is the port of an actor that is this whole process.
type worker struct {
	control *control
	roamer  roamer
	blow    blow
	proc    *Proc
	code    func(*Proc, *unknown)
	state   *unknown
}

// serve is the worker's life. It returns only if it could not begin.
func serve(role string) error {
	runtime.LockOSThread()
	debug.SetPanicOnFault(true)
	w, err := newWorker(role)
	if err != nil {
		return err
	}
	dieOfSignals()
	// With a timer pending the runtime does not end a process in which everybody
	// sleeps, as it does without cgo: whether that is for ever the supervisor says.
	time.AfterFunc(math.MaxInt64, func() {})
	p := w.proc
	p.at.point = Point{Kind: trace.Finish}
	for {
		w.tell(p)
		p.play(w.code, w.state)
		w.blow.end()
	}
}

func newWorker(role string) (*worker, error) {
	var name string
	var index int
	var inside bool
	var size Size
	if _, err := fmt.Sscan(role, &name, &index, &size.Actors, &size.Ops, &inside); err != nil {
		return nil, fmt.Errorf("%s=%q: %w", workerEnv, role, err)
	}
	lab, ok := served[name]
	if !ok {
		return nil, fmt.Errorf("lab %s is not served", name)
	}
	g, err := lab.erase()
	if err != nil {
		return nil, err
	}
	region, err := attach(regionFile, g.layout)
	if err != nil {
		return nil, err
	}
	m, err := region.mapAt(g.layout, index+1)
	if err != nil {
		return nil, err
	}
	c, err := mapControl(controlFile)
	if err != nil {
		return nil, err
	}
	j, err := mapJournal(journalFile)
	if err != nil {
		return nil, err
	}
	unix.Close(regionFile)
	unix.Close(controlFile)
	unix.Close(journalFile)
	os.Unsetenv(workerEnv)
	w := &worker{control: c, roamer: roamer{journal: j}}
	w.proc = &Proc{inside: inside, index: index, kernel: true, base: m.base(), port: w}
	w.code, w.state = g.actors(size)[index].run, (*unknown)(m.state())
	return w, nil
}

func (w *worker) arrive(p *Proc) *seat {
	for {
		if !p.abort {
			if p.recorded {
				p.capture()
			}
			w.tell(p)
		}
		if p.abort {
			panic(abandoned{})
		}
		if p.at.signal == trace.NoFault || !p.interrupted() {
			return nil
		}
	}
}

// tell tells the supervisor where p stands and returns when p is let go.
func (w *worker) tell(p *Proc) {
	c := w.control
	c.tell(p)
	p.at.effect, p.at.touched.n = effect{}, 0
	c.pass(supervisors)
	c.await(workers, 0)
	p.at.reply, p.at.summons, p.deaths = c.reply, c.summons, c.deaths
	switch c.order {
	case goOn:
	case giveUp:
		p.giveUp()
	case lighten:
		membarrier(registerGlobalExpedited)
		w.tell(p)
	case perform, runFree:
		p.stepped, p.recorded, p.observed = c.order == perform, c.recorded, c.observed
		p.id, p.quick, p.light, p.asked, p.mourned = 0, 0, false, false, 0
		p.port, p.roamer, p.alone = w, nil, false
		pin(int(c.cpu))
		if c.order == runFree {
			w.roam(c.rules)
			p.Lighten()
			awaitStart(c)
			w.brave(c)
		}
	}
}

// roam lets the actor meet its points in the free run that is about to begin, if
// there is anything to be done there.
func (w *worker) roam(rules rules) {
	p := w.proc
	if rules != 0 {
		w.roamer.prepare(p.index, rules)
		p.stepped, p.alone, p.roamer, p.port = true, true, &w.roamer, &w.roamer
	}
}

// brave awaits the beginning of a stormy run.
func (w *worker) brave(c *control) {
	if c.start == 0 {
		return
	}
	w.blow.begin(c.storm, c.start)
	for monotonic() < int64(c.start) {
	}
}

// awaitStart spins until all actors of a free run are let go together.
func awaitStart(c *control) {
	for c.free.Load() == 0 {
		runtime.Gosched()
	}
}

// pin pins this thread to a processor, if that is allowed.
func pin(cpu int) {
	var set unix.CPUSet
	if unix.SchedGetaffinity(0, &set) != nil || set.Count() == 1 && set.IsSet(cpu) {
		return
	}
	set.Zero()
	set.Set(cpu)
	unix.SchedSetaffinity(0, &set) // without it the run is slower, not wrong
}

// firstLine returns the first line of what a worker wrote before it died.
func firstLine(b []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(strings.TrimRight(string(b), "\x00")), "\n")
	return line
}
