package shmlab

import (
	"fmt"
	"runtime"

	"shmrace/shmlab/trace"
)

// A Proc is an actor, and is passed to every access, as a context is. It
// belongs to one goroutine. In a free run it stands for nobody in particular:
// accesses go straight to memory.
type Proc struct {
	index int
	base  uintptr // of this actor's mapping of the state
	port  port
	steps []Point // the primitives' steps under way
	at    standing
	stack [stackDepth]uintptr

	// Not first: a Proc may begin at a page's start, as the state does, and a load
	// that agrees in its last 12 bits with a store before it waits for that store.
	stepped  bool // points are met; the one field an idle point looks at
	within   bool // a primitive's step that is taken as a whole is under way
	inside   bool // accesses within a primitive's step are points
	observed bool // touches within a primitive's step are wanted
	recorded bool // effects and call stacks are wanted
	abort    bool // the run is over: the next point does not return
	kernel   bool // the kernel itself walks the list of robust locks
	alone    bool // of no stepped run: others run meanwhile, and the kernel knows who is dead
	light    bool // see Light
	asked    bool // the kernel was, whether p can be light

	tid     uint32      // of its thread, as the kernel writes it; 0: not asked for yet
	id      uint64      // see ID; 0: not asked for yet
	quick   uint64      // see Quick
	deaths  uint64      // which actors of the stepped run have been killed
	mourned uint64      // what deaths were when it last asked who is dead
	robust  *robustHead // nil: no robust lock was used yet
	caught  handlers    // of signals
	running uint32      // the signals whose handlers are, in a free run, as a set
	until   Deadline    // of the futex wait under way
	roamer  *roamer     // nil: of no free run in which points are met
}

// stackDepth is how many frames are looked through for the actor's own line:
// the accesses of the kit's primitives are never deeper.
const stackDepth = 12

// broken is what unwinds an actor of a free run whose assertion failed.
type broken struct{ message string }

// NewProc returns an actor of no run, for a program that uses locks and cells by
// itself. It is for one goroutine. The index, 0 to 63, is who it is to a lock:
// no two users of one lock have the same.
func NewProc(index int) *Proc {
	if index < 0 || index >= trace.MaxActors {
		panic("shmlab: the index of an actor is not one of 0 to 63")
	}
	return &Proc{kernel: true, index: index}
}

// Index returns the actor's number, from 0.
func (p *Proc) Index() int { return p.index }

// Yield lets another actor go first. Every spin loop calls it.
func (p *Proc) Yield() {
	if p.stepped {
		p.at.point = Point{Kind: trace.Yield, want: p.site()}
		p.arrive()
		return
	}
	p.look()
	runtime.Gosched()
}

// callers is how many calls deep two loops with one Yield are told apart.
const callers = 8

// site says where in the code Yield was called; 0 within a primitive's step,
// whose accesses are no points.
func (p *Proc) site() uint64 {
	if p.within {
		return 0
	}
	hash := uint64(1)
	for _, pc := range p.stack[:runtime.Callers(3, p.stack[:callers])] {
		hash = (hash ^ uint64(pc-lineBase)) * 1099511628211 // FNV-1a
	}
	return hash | 1
}

// Stepped reports whether the actor meets points. A primitive that is in a hurry
// asks before it makes the guard of its step, which nobody else looks at.
func (p *Proc) Stepped() bool { return p.stepped }

// Spin reports whether to look again rather than sleep, after so many tries, and
// lets some time pass before: the longer, the more often it was in vain. In a
// stepped run it is no use: no time passes between two looks.
func (p *Proc) Spin(try int) bool {
	if try >= spins || p.stepped && p.roamer == nil {
		return false
	}
	for range min(try+1, longestPause) * pause {
	}
	return true
}

// spins is how many looks pay before a sleep: a hand-off through the kernel costs
// as much as a few microseconds. Looks that follow on each other at once pay less:
// each takes the word's cache line away from whoever is about to release it.
const (
	spins        = 10
	longestPause = 8
	pause        = 1000 // turns of an empty loop: 150 to 300 ns
)

// Await is the Yield of a loop that spins until g holds: in a stepped run the
// actor cannot go on before.
func (p *Proc) Await(g Guard) {
	if p.stepped {
		p.await(g)
		return
	}
	p.look()
	runtime.Gosched()
}

// await stands at a guarded Yield; within a step that is taken as a whole, at
// that step again.
func (p *Proc) await(g Guard) {
	p.at.point = Point{Kind: trace.Yield}
	if p.roamer != nil {
		p.at.point.inner = p.within
		p.arrive()
		return
	}
	p.at.point.guard(&g, p.base)
	if p.within {
		p.at.point.Kind, p.at.effect.failed = p.steps[0].Kind, true
	}
	if p.at.point.deaths == anyDeath && (p.within || p.deaths == p.mourned) {
		p.at.point.deaths = newDeath // it has looked at those before
	}
	p.arrive()
}

// Label names a place, for fault plans and for whoever reads the trace.
func (p *Proc) Label(name string) {
	if p.stepped {
		p.note(trace.Label, name)
	}
}

// Assert fails the run with the message if ok is false.
func (p *Proc) Assert(ok bool, format string, args ...any) {
	if ok {
		return
	}
	message := fmt.Sprintf(format, args...)
	if !p.stepped || p.roamer != nil {
		panic(broken{message})
	}
	p.note(trace.Failed, message)
}

// Op runs f and records it as an operation: invoked with in, returned with
// what f returns.
func (p *Proc) Op(in any, f func() any) {
	if !p.stepped {
		f()
		return
	}
	if p.roamer != nil {
		p.roamer.op(in, f)
		return
	}
	p.note(trace.Call, fmt.Sprint(in))
	p.note(trace.Return, fmt.Sprint(f()))
}

// Enter begins a primitive's step, which the scheduler takes as a whole when g
// holds, unless it was asked to look inside. Each Enter has its Leave.
func (p *Proc) Enter(k trace.Kind, g Guard) {
	if p.stepped {
		p.enter(k, g)
	}
}

// Leave ends the step begun last; ok is false if it did not do what it is for,
// as a TryLock that found the lock held.
func (p *Proc) Leave(ok bool) {
	if p.stepped {
		p.leave(ok)
	}
}

// Until waits until g holds: one step, which only reads. In a free run it spins.
func (p *Proc) Until(g Guard) {
	if p.stepped {
		p.at.point = Point{Kind: trace.Wait}
		p.at.point.guard(&g, p.base)
		p.arrive()
		if p.roamer == nil {
			return
		}
	}
	for !g.holds() {
		p.look()
		runtime.Gosched()
	}
	if p.roamer != nil {
		p.roamer.waited(p, &g)
	}
}

func (p *Proc) enter(k trace.Kind, g Guard) {
	step := Point{Kind: k}
	step.guard(&g, p.base)
	p.steps = append(p.steps, step)
	if !p.inside {
		if len(p.steps) == 1 || p.abort {
			p.at.point = step
			p.arrive()
		}
		p.within = true
	}
	if p.roamer != nil && len(p.steps) == 1 {
		p.roamer.begin(p, k, step.Off, step.Size)
	}
}

func (p *Proc) leave(ok bool) {
	step := p.steps[len(p.steps)-1]
	p.steps = p.steps[:len(p.steps)-1]
	if p.roamer != nil && len(p.steps) == 0 {
		p.roamer.end(!ok)
	}
	if !p.inside {
		p.within = len(p.steps) > 0 && !p.abort
		p.at.effect.failed = !ok
		return
	}
	step.test, step.inner = nothing, true
	p.at.point, p.at.text = step, ""
	if !ok {
		p.at.text = "failed"
	}
	p.arrive()
}

// touch keeps an access within a primitive's step for whoever wants to know.
func (p *Proc) touch(off uint32, size uint8, wrote bool, before uint64) {
	if p.observed {
		p.at.touched.add(off, size, wrote, before)
	}
}

// giveUp makes the next point not return, wherever the actor stands: what it
// deferred is not to touch memory, be it within a primitive's step.
func (p *Proc) giveUp() { p.abort, p.within = true, false }

func (p *Proc) note(k trace.Kind, text string) {
	p.at.point = Point{Kind: k}
	p.at.text = text
	p.arrive()
}

// capture keeps the call stack, for whoever asks for the line, from the caller of
// who called the port: all that lies between is the kit.
func (p *Proc) capture() { p.at.lines = p.stack[:runtime.Callers(4, p.stack[:])] }

// play runs the actor's code from start to end and stands at the last note,
// without arriving there.
func (p *Proc) play(code func(*Proc, *unknown), s *unknown) {
	p.steps, p.within, p.abort, p.at.touched.n = p.steps[:0], false, false, 0
	p.forget()
	p.uncatch()
	defer func() {
		p.uncatch() // before anybody hears that it is over
		p.at.point, p.at.text = Point{Kind: trace.Finish}, ""
		switch r := recover().(type) {
		case nil, abandoned:
		case broken:
			p.at.point.Kind, p.at.text = trace.Failed, r.message
		default:
			p.at.point.Kind, p.at.text = trace.Panic, fmt.Sprint(r)
		}
	}()
	code(p, s)
}
