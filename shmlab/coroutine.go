package shmlab

import (
	"runtime"
	"runtime/debug"

	"shmrace/shmlab/trace"
)

// coroutines is the host whose actors are coroutines of this process, each with
// a mapping of its own.
//
// There are as many seats as actors, and play besides; one of all these runs, and
// each other waits in a seat. Who lets another go on changes places with it, so
// there is one switch for each change of actor, where going through play would take
// two, and none when the same actor goes on.
type coroutines struct {
	sched *scheduler // nil when closing
	procs []*Proc
	seats []*seat // where each waits; the last is play
	bytes [][]byte
	wrong any // what the scheduler panicked with
}

func newCoroutines(g *program, set Setting, region *Region) (*coroutines, error) {
	h := &coroutines{}
	for i, body := range g.actors(set.Size) {
		m, err := region.mapAt(g.layout, i+1)
		if err != nil {
			h.seats = append(h.seats, nil)
			h.close()
			return nil, err
		}
		p := &Proc{stepped: true, inside: set.InsideLocks, index: i, base: m.base(), port: h}
		h.procs, h.bytes = append(h.procs, p), append(h.bytes, m.bytes)
		h.seats = append(h.seats, newSeat(func() { h.perform(p, body.run, (*unknown)(m.state())) }))
	}
	h.seats = append(h.seats, nil)
	return h, nil
}

// perform is an actor's coroutine: its code again and again.
func (h *coroutines) perform(p *Proc, code func(*Proc, *unknown), s *unknown) {
	debug.SetPanicOnFault(true) // a wild address ends the actor, as it does a process, and not the program
	defer h.ends(p)
	for h.sched != nil {
		p.play(code, s)
		if s := h.over(p); s != nil {
			s.swap()
		}
	}
}

// over returns the seat in which p waits, its code having ended, for the next run;
// nil if there will be none.
func (h *coroutines) over(p *Proc) *seat {
	switch {
	case h.sched == nil:
		return nil
	case p.abort:
		return h.leave(p.index, len(h.procs))
	}
	h.sched.arrived(p.index)
	return h.leave(p.index, h.sched.next())
}

// ends takes note that an actor's coroutine ends. Unless the bench is being closed,
// that is because its code has called runtime.Goexit or the scheduler has panicked:
// all others end, too, and it is as if that had happened to play.
func (h *coroutines) ends(p *Proc) {
	h.seats[p.index] = nil
	if h.sched == nil {
		return
	}
	h.wrong = recover()
	h.sched = nil
	for _, p := range h.procs {
		p.giveUp()
	}
}

// replace has nothing to do: no coroutine dies.
func (h *coroutines) replace() error { return nil }

// play is one of those who change places, but no actor.
func (h *coroutines) play(s *scheduler, recorded bool) error {
	h.sched = s
	for _, p := range h.procs {
		p.recorded, p.observed = recorded, s.observer != nil
		p.deaths, p.mourned = 0, 0
		p.at.effect, p.at.summons = effect{}, summons{}
		p.forget() // before it begins: it may be killed before
	}
	h.lead(s.next())
	for i := range h.procs {
		if s.actors[i].live {
			h.unwind(i)
		}
	}
	return nil
}

// lead lets an actor go on and returns when it is play's turn again.
func (h *coroutines) lead(to int) {
	if me := len(h.procs); to != me {
		h.leave(me, to).swap()
	}
	if h.sched != nil {
		return
	}
	if h.wrong != nil {
		panic(h.wrong)
	}
	runtime.Goexit()
}

// arrive is called on p's coroutine.
func (h *coroutines) arrive(p *Proc) *seat {
	for {
		if p.abort {
			panic(abandoned{})
		}
		if p.recorded {
			p.capture()
		}
		h.sched.arrived(p.index)
		if to := h.sched.next(); to != p.index {
			return h.leave(p.index, to)
		}
		if p.at.signal == trace.NoFault || !p.interrupted() {
			return nil
		}
	}
}

// leave returns the seat in which I wait when another is to run: the other's.
func (h *coroutines) leave(me, to int) *seat {
	s := h.seats[to]
	h.seats[me] = s
	return s
}

// unwind takes actor i out of a run that is over: the point it stands at does
// not return, and what its code deferred finds that no point does.
func (h *coroutines) unwind(i int) {
	h.procs[i].giveUp()
	h.lead(i)
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
	for _, p := range h.procs {
		p.giveUp()
	}
	var err error
	for i, p := range h.procs {
		if h.seats[i] != nil {
			h.leave(len(h.procs), i).swap()
		}
		p.release()
		if e := unmap(h.bytes[i]); err == nil {
			err = e
		}
	}
	return err
}
