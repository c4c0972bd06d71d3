package shmlab

import "shmrace/shmlab/trace"

// handlers are what an actor does when a signal comes, by signal.
type handlers map[trace.Fault]*handler

type handler struct {
	run     func()
	arrived letterbox // of the signals that the kernel has delivered to this process
}

// Handle makes f run when signal sig comes; a nil f is the signal's default
// action again: chld, urg and winch do nothing, any other ends the actor. The
// signal lands while the actor stands at a point, and f runs there, on the
// actor's own goroutine; its accesses are points like any others. When f returns
// the actor stands at the very point where it was interrupted, but for a futex
// wait that slept: it has ended with [ErrInterrupted], as in POSIX without
// SA_RESTART.
//
// While f runs the same signal is held back, and comes once, however often it
// was sent, when f has returned; another interrupts f. What was sent to an actor
// that is stopped comes when it goes on, in the order of [trace.Fault].
//
// Between processes the signal is a real one, sent by kill and received by this
// process. In a free run Go's scheduler receives it on some other thread, and the
// actor's own looks for it only where it waits: f runs in the next Yield, Await
// or Until, or before or after the next futex wait, which the signal does not
// end. A signal that a plan makes the actor send itself is handled at its point.
// [trace.Urg] is handled only then: Go sends it to itself all the time.
func (p *Proc) Handle(sig trace.Fault, f func()) {
	if !sig.Signal() {
		panic("shmlab: " + sig.String() + " is no signal that can be handled")
	}
	if h := p.caught[sig]; h != nil {
		h.arrived.close(sig)
		delete(p.caught, sig)
		p.at.handles &^= 1 << sig
	}
	if f == nil {
		return
	}
	h := &handler{run: f}
	if p.kernel && (p.stepped && p.roamer == nil || sig != trace.Urg) {
		h.arrived = newLetterbox(sig)
	}
	if p.caught == nil {
		p.caught = handlers{}
	}
	p.caught[sig] = h
	p.at.handles |= 1 << sig
}

// uncatch forgets all handlers: a run begins without any.
func (p *Proc) uncatch() {
	p.at.summons, p.running = summons{}, 0
	for sig := range p.caught {
		p.Handle(sig, nil)
	}
}

// interrupted runs the handler of the signal that has landed while p stood at a
// point, and reports whether p stands there again.
func (p *Proc) interrupted() (again bool) {
	sig, onward := p.at.signal, p.at.onward
	p.at.summons = summons{}
	h := p.caught[sig]
	if h == nil {
		return !onward // whoever summoned has been lied to
	}
	h.arrived.await()
	point, text, reply, until := p.at.point, p.at.text, p.at.reply, p.until
	steps, within := p.steps, p.within
	p.steps, p.within = steps[len(steps):], false
	p.note(trace.Handle, sig.String())
	h.run()
	p.note(trace.Handled, sig.String())
	p.steps, p.within = steps, within
	p.at.point, p.at.text, p.at.reply, p.until = point, text, reply, until
	return !onward
}

// look runs the handlers of the signals that have come, in a free run.
func (p *Proc) look() {
	if p.at.handles != 0 {
		p.lookFor()
	}
}

//go:noinline
func (p *Proc) lookFor() {
	for sig := trace.Hup; sig.Signal(); sig++ {
		if h := p.caught[sig]; h != nil && p.running>>sig&1 == 0 && h.arrived.take() {
			p.running |= 1 << sig // holds it back
			h.run()
			p.running &^= 1 << sig
		}
	}
}
