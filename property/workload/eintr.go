package workload

import (
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// Interrupted are labs of waits that a signal ends: EINTR. They go wrong only
// with that fault.
var Interrupted = []shmlab.AnyLab{EINTRSuccess, EINTRCountsAgain, EINTRLoops, EINTRCountsOnce}

// A Gate is a word on which actors sleep, and what they wait for.
type Gate struct {
	Open    shmlab.Uint32 // 1 when Value is there
	Waiting shmlab.Uint32 // how many are at the gate, for those who count
	Value   shmlab.Var[int64]
}

// gate is a lab whose last actor puts a value there and opens the gate; the
// others wait, and read it. What is wrong shows with one of the faults.
func gate(name, doc, why string, faults []trace.Fault, wait, open func(p *shmlab.Proc, s *Gate)) shmlab.Lab[Gate] {
	return shmlab.Lab[Gate]{
		Name: name, Doc: doc, Why: why, Source: source, Faults: faults,
		Size: shmlab.Size{Actors: 2, Ops: 1},
		Actors: func(size shmlab.Size) []shmlab.Actor[Gate] {
			waits := shmlab.Each(max(size.Actors-1, 0), "waits", func(p *shmlab.Proc, s *Gate) {
				wait(p, s)
				n := s.Value.Get(p)
				p.Assert(n == 42, "the wait is over and Value is %d, expected 42", n)
			})
			return append(waits, shmlab.Each(1, "opens", func(p *shmlab.Proc, s *Gate) {
				s.Value.Set(p, 42)
				open(p, s)
			})...)
		},
	}
}

// mostWaiting is more than wait at any gate.
const mostWaiting = 1 << 20

func openGate(p *shmlab.Proc, s *Gate) {
	s.Open.Store(p, 1)
	s.Open.Wake(p, mostWaiting)
}

// openForAll does not go before all have come and gone.
func openForAll(p *shmlab.Proc, s *Gate) {
	openGate(p, s)
	p.Until(s.Waiting.Is(0))
}

var eintr = []trace.Fault{trace.EINTR}

// EINTRSuccess takes a signal for a wake.
var EINTRSuccess = gate("eintr/success", "a wait that looks again when it was woken, not when it was interrupted",
	"A signal ends the wait as well, before there is what was waited for; the error says so. Cure: look again, whatever the wait returned.", eintr,
	func(p *shmlab.Proc, s *Gate) {
		for s.Open.Load(p) == 0 {
			if s.Open.Wait(p, 0, 0) == shmlab.ErrInterrupted {
				break
			}
		}
	},
	openGate)

// EINTRLoops looks again in any case.
var EINTRLoops = gate("eintr/loops", "a wait that looks again in any case", "", eintr,
	func(p *shmlab.Proc, s *Gate) {
		for s.Open.Load(p) == 0 {
			_ = s.Open.Wait(p, 0, 0)
		}
	},
	openGate)

// EINTRCountsAgain begins anew when it was interrupted.
var EINTRCountsAgain = gate("eintr/counts-again", "a wait that begins anew when it was interrupted, and counts itself twice",
	"One who waits is counted once for each signal, and leaves once: the gate is never empty again. Cure: count before the loop, or leave before beginning anew.", eintr,
	func(p *shmlab.Proc, s *Gate) {
	again:
		s.Waiting.Add(p, 1)
		for s.Open.Load(p) == 0 {
			if s.Open.Wait(p, 0, 0) == shmlab.ErrInterrupted {
				goto again
			}
		}
		s.Waiting.Add(p, ^uint32(0))
	},
	openForAll)

// EINTRCountsOnce counts before the loop.
var EINTRCountsOnce = gate("eintr/counts-once", "the same, counted once", "", eintr,
	func(p *shmlab.Proc, s *Gate) {
		s.Waiting.Add(p, 1)
		for s.Open.Load(p) == 0 {
			_ = s.Open.Wait(p, 0, 0)
		}
		s.Waiting.Add(p, ^uint32(0))
	},
	openForAll)
