package workload

import (
	"fmt"

	"shmrace/shmlab"
	shmsync "shmrace/sync"
)

// Barriers are labs of barriers: all do step n before anybody does step n+1.
var Barriers = []shmlab.AnyLab{BarrierOneShot, BarrierResetsEarly, BarrierKit}

// A Phases says how far each actor is.
type Phases[B any] struct {
	Barrier B
	Phase   [8]shmlab.Uint32
	Serial  shmlab.Uint32 // how often an actor was told that it is the one
	Actors  int32
}

func barrier[B any](variant, doc, why string, initial func(b *B, n int), wait func(p *shmlab.Proc, b *B, n uint32) (serial bool)) shmlab.Lab[Phases[B]] {
	return shmlab.Lab[Phases[B]]{
		Name: "barrier/" + variant, Doc: doc, Why: why, Source: source,
		Size: shmlab.Size{Actors: 2, Ops: 2},
		Setup: func(s *Phases[B], size shmlab.Size) {
			s.Actors = int32(size.Actors)
			if initial != nil {
				initial(&s.Barrier, size.Actors)
			}
		},
		Actors: repeat("works", func(p *shmlab.Proc, s *Phases[B]) {
			mine := s.Phase[p.Index()].Add(p, 1)
			if wait(p, &s.Barrier, uint32(s.Actors)) {
				s.Serial.Add(p, 1)
			}
			for i := range s.Actors {
				other := s.Phase[i].Load(p)
				p.Assert(other >= mine, "passed the barrier after step %d while another is at step %d", mine, other)
			}
		}),
		Final: func(s *Phases[B]) error {
			if got, want := s.Serial.Peek(), s.Phase[0].Peek(); got != want {
				return fmt.Errorf("%d actors were told that they are the one, expected %d: one in each round", got, want)
			}
			return nil
		},
	}
}

// A Turnstile is a count of who has come.
type Turnstile struct{ Come shmlab.Uint32 }

// BarrierOneShot is used twice though it works once.
var BarrierOneShot = barrier("one-shot", "counts who has come, and is used again", "The count is never reset, so in the second round all pass at once. Cure: rounds, each with a number.",
	nil, func(p *shmlab.Proc, b *Turnstile, n uint32) bool {
		serial := b.Come.Add(p, 1)%n == 0
		for come := b.Come.Load(p); come < n; come = b.Come.Load(p) {
			p.Await(b.Come.Is(come).Not())
		}
		return serial
	})

// BarrierResetsEarly resets the count before all have seen it.
var BarrierResetsEarly = barrier("resets-early", "the last to come sets the count back to 0",
	"Who has not looked yet finds 0 and waits for a round that is over. Cure: wait for the round's number to change, not for the count.",
	nil, func(p *shmlab.Proc, b *Turnstile, n uint32) bool {
		if b.Come.Add(p, 1) == n {
			b.Come.Store(p, 0)
			return true
		}
		for come := b.Come.Load(p); come != 0; come = b.Come.Load(p) {
			p.Await(b.Come.Is(come).Not())
		}
		return false
	})

// BarrierKit is the kit's.
var BarrierKit = barrier("kit", "the kit's Barrier", "",
	func(b *shmsync.Barrier, n int) { b.Init(n) },
	func(p *shmlab.Proc, b *shmsync.Barrier, _ uint32) bool {
		serial, err := b.Wait(p)
		p.Assert(err == nil, "the barrier is broken: %v", err)
		return serial
	})
