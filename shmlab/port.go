package shmlab

import "shmrace/shmlab/trace"

// A port is an actor's way to its scheduler.
type port interface {
	// arrive says that p stands at p.at.point and returns when it is let go, or
	// in which seat p waits until then. It panics with abandoned if the run is over.
	arrive(p *Proc) *seat
}

// abandoned is what unwinds an actor whose run is over.
type abandoned struct{}

// arrive brings p to the point at p.at.point and returns when it is let go.
func (p *Proc) arrive() {
	if s := p.port.arrive(p); s != nil {
		s.swap()
		p.back()
	}
}

// back is called when p is let go after it has waited in a seat.
func (p *Proc) back() {
	if p.abort || p.at.signal != trace.NoFault {
		p.disturbed()
	}
}

// disturbed leaves the point for good if the run is over, or for as long as the
// handlers of signals take.
func (p *Proc) disturbed() {
	for {
		if p.abort {
			panic(abandoned{})
		}
		if p.at.signal == trace.NoFault || !p.interrupted() {
			return
		}
		s := p.port.arrive(p)
		if s == nil {
			return
		}
		s.swap()
	}
}
