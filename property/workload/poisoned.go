package workload

import (
	"shmrace/shmlab"
	shmsync "shmrace/sync"
)

// Poisoned are labs of a condition with a robust mutex, of whose waiters one may
// be killed: the lock tells of the death, the condition has to bear it.
var Poisoned = []shmlab.AnyLab{PoisonedHandshake, PoisonedSequence}

// A Poison is a box behind a condition by hand. Whoever waits there gives up when
// the one who fills the box is dead, so that it is not the one who is missed.
type Poison struct {
	Mu      shmsync.RobustMutex
	Seq     shmlab.Uint32    // changed by each signal
	Waiting [2]shmlab.Uint32 // who wait for an odd number and for an even one, for those who count them
	Items   shmlab.Int64
}

// poisoned is a lab in which the last actor puts an item in for each other one.
func poisoned(variant, doc, why string, wait func(p *shmlab.Proc, s *Poison) error, signal func(p *shmlab.Proc, s *Poison)) shmlab.Lab[Poison] {
	return shmlab.Lab[Poison]{
		Name: "poisoned/" + variant, Doc: doc, Why: why, Source: source, Mortal: true,
		Size: shmlab.Size{Actors: 3, Ops: 1},
		Actors: func(size shmlab.Size) []shmlab.Actor[Poison] {
			last := size.Actors - 1
			takers := shmlab.Each(max(last, 0), "takes", func(p *shmlab.Proc, s *Poison) {
				s.lock(p)
				for s.Items.Load(p) == 0 {
					if wait(p, s) == shmlab.ErrTimeout {
						p.Assert(p.Gone(last), "no signal comes, and %c, who sends them, is alive", 'A'+rune(last))
						s.Mu.Unlock(p)
						return
					}
				}
				s.Items.Add(p, -1)
				s.Mu.Unlock(p)
			})
			return append(takers, shmlab.Each(1, "puts", func(p *shmlab.Proc, s *Poison) {
				for range last {
					s.lock(p)
					s.Items.Add(p, 1)
					s.Mu.Unlock(p)
					signal(p, s)
				}
			})...)
		},
	}
}

func (s *Poison) lock(p *shmlab.Proc) {
	if s.Mu.Lock(p) == shmsync.ErrOwnerDied {
		s.Mu.Consistent(p) // one number is never half changed
	}
}

// sleep waits until the number is not seq, or until nobody can be expected to
// change it.
func (s *Poison) sleep(p *shmlab.Proc, seq uint32) error {
	s.Mu.Unlock(p)
	err := s.Seq.Wait(p, seq, soon())
	s.lock(p)
	return err
}

// PoisonedHandshake waits until those it woke have left, as a condition does that
// wants to use their places again.
var PoisonedHandshake = poisoned("handshake", "a signal that waits until those who waited for it have left",
	"Who was killed never leaves, and the signal waits for it for ever: one dead waiter has poisoned the condition for all. Cure: count on nobody; who is woken looks at a sequence number.",
	func(p *shmlab.Proc, s *Poison) error {
		seq := s.Seq.Load(p)
		group := &s.Waiting[seq%2]
		group.Add(p, 1)
		err := s.sleep(p, seq)
		group.Add(p, ^uint32(0))
		return err
	},
	func(p *shmlab.Proc, s *Poison) {
		seq := s.Seq.Add(p, 1) - 1
		s.Seq.Wake(p, mostWaiting)
		p.Until(s.Waiting[seq%2].Is(0))
	})

// PoisonedSequence counts on nobody.
var PoisonedSequence = poisoned("sequence", "a signal is a change of a number, and wakes whoever sleeps on it", "",
	func(p *shmlab.Proc, s *Poison) error { return s.sleep(p, s.Seq.Load(p)) },
	func(p *shmlab.Proc, s *Poison) {
		s.Seq.Add(p, 1)
		s.Seq.Wake(p, 1)
	})
