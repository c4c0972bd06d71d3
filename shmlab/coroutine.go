package shmlab

import (
	"iter"
	"runtime/debug"

	"shmrace/shmlab/trace"
)

// coroutines is the host whose actors are coroutines of this process, each with
// a mapping of its own.
//
// A coroutine resumes another by calling its next, which returns when that one
// yields; so those under way form a stack, at whose bottom is play. An actor
// that is not on the stack is pushed, one that is on it is reached by yielding
// down to it: one switch for most changes of actor, where going through play
// would take two, and none when the same actor goes on.
type coroutines struct {
	sched   *scheduler // nil when closing
	procs   []*Proc
	next    []func() (struct{}, bool)
	stop    []func()
	yield   []func(struct{}) bool
	onStack []bool // the last is play
	to      int    // who is to run
	bytes   [][]byte
}

func newCoroutines(g *program, set Setting, region *Region) (*coroutines, error) {
	n := set.Size.Actors
	h := &coroutines{onStack: make([]bool, n+1), yield: make([]func(struct{}) bool, n)}
	h.onStack[n] = true
	for i, body := range g.actors(set.Size) {
		m, err := region.mapAt(g.layout, i+1)
		if err != nil {
			h.close()
			return nil, err
		}
		p := &Proc{stepped: true, inside: set.InsideLocks, index: i, base: m.base(), port: h}
		next, stop := iter.Pull(h.perform(p, func() { body.run(p, m.state()) }))
		h.procs, h.bytes = append(h.procs, p), append(h.bytes, m.bytes)
		h.next, h.stop = append(h.next, next), append(h.stop, stop)
	}
	return h, nil
}

// perform is an actor's coroutine: its code again and again.
func (h *coroutines) perform(p *Proc, code func()) iter.Seq[struct{}] {
	return func(yield func(struct{}) bool) {
		h.yield[p.index] = yield
		debug.SetPanicOnFault(true) // a wild address ends the actor, as it does a process, and not the program
		for h.sched != nil {
			p.play(code)
			if p.abort {
				h.to = len(h.procs)
			} else {
				h.sched.arrived(p.index)
				h.to = h.sched.next()
			}
			h.transfer(p.index)
		}
	}
}

// replace has nothing to do: no coroutine dies.
func (h *coroutines) replace() error { return nil }

// play is the bottom of the stack.
func (h *coroutines) play(s *scheduler, recorded bool) error {
	h.sched = s
	for _, p := range h.procs {
		p.recorded, p.observed = recorded, s.observer != nil
		p.deaths, p.mourned = 0, 0
		p.at.effect, p.at.summons = effect{}, summons{}
		p.forget() // before it begins: it may be killed before
	}
	h.to = s.next()
	h.transfer(len(h.procs))
	for i := range h.procs {
		if s.actors[i].live {
			h.unwind(i)
		}
	}
	return nil
}

// arrive is called on p's coroutine.
func (h *coroutines) arrive(p *Proc) {
	for {
		if p.abort {
			panic(abandoned{})
		}
		if p.recorded {
			p.capture()
		}
		h.sched.arrived(p.index)
		if h.to = h.sched.next(); h.to != p.index {
			if to := h.to; h.onStack[to] { // as in transfer, without a call more
				h.onStack[p.index] = false
				h.yield[p.index](struct{}{})
			} else {
				h.onStack[to] = true
				h.next[to]()
			}
			if h.to != p.index {
				h.transfer(p.index)
			}
			if p.abort {
				panic(abandoned{})
			}
		}
		if p.at.signal == trace.NoFault || !p.interrupted() {
			return
		}
	}
}

// transfer is called by me and returns when it is me who is to run.
func (h *coroutines) transfer(me int) {
	for h.to != me {
		if to := h.to; !h.onStack[to] {
			h.onStack[to] = true
			h.next[to]()
			continue
		}
		h.onStack[me] = false
		if !h.yield[me](struct{}{}) {
			h.to = me // the bench is closed
		}
	}
}

// unwind takes actor i out of a run that is over: the point it stands at does
// not return, and what its code deferred finds that no point does.
func (h *coroutines) unwind(i int) {
	h.procs[i].giveUp()
	h.to = i
	h.transfer(len(h.procs))
}

func (h *coroutines) standing(i int) *standing { return &h.procs[i].at }

// hurt has little to do: to stop or kill a coroutine is not to resume it.
func (h *coroutines) hurt(a trace.Actor, _ trace.Fault, fatal bool) error {
	if fatal {
		h.procs[a].die()
		for _, p := range h.procs {
			p.deaths |= 1 << a
		}
	}
	return nil
}

func (h *coroutines) close() error {
	h.sched = nil
	var err error
	for i, p := range h.procs {
		p.abort = true
		h.stop[i]()
		p.release()
		if e := unmap(h.bytes[i]); err == nil {
			err = e
		}
	}
	return err
}
