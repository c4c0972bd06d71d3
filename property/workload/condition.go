package workload

import (
	"errors"

	"shmrace/shmlab"
	shmsync "shmrace/sync"
)

// Conditions are labs of condition variables: one puts, the others take.
var Conditions = []shmlab.AnyLab{CondIf, CondNoSequence, CondSignal, CondBroadcast, CondKit}

// A Box holds what one actor puts in and others take out.
type Box struct {
	Mu       shmsync.Mutex
	Changed  shmsync.Cond
	Sleepers shmlab.Uint32 // what a condition variable without a sequence sleeps on
	Items    shmlab.Var[int64]
	Taken    shmlab.Var[int64]
	Want     int64
}

// box is a lab in which the last actor puts an item in for each of the others.
func box(variant, doc, why string, actors int, take, put func(p *shmlab.Proc, s *Box)) shmlab.Lab[Box] {
	return shmlab.Lab[Box]{
		Name: "condition/" + variant, Doc: doc, Why: why, Source: source,
		Size:  shmlab.Size{Actors: actors, Ops: 1},
		Setup: func(s *Box, size shmlab.Size) { s.Want = int64(size.Actors-1) * int64(size.Ops) },
		Actors: func(size shmlab.Size) []shmlab.Actor[Box] {
			actors := repeat("takes", take)(shmlab.Size{Actors: max(size.Actors-1, 0), Ops: size.Ops})
			return append(actors, repeat("puts", put)(shmlab.Size{Actors: 1, Ops: size.Ops * (size.Actors - 1)})...)
		},
		Always: func(s *Box) error {
			if s.Items.Peek() < 0 {
				return errNothingThere
			}
			return nil
		},
		Final: func(s *Box) error { return arrived(s.Taken.Peek(), s.Want) },
	}
}

var errNothingThere = errors.New("an item was taken that is not there")

// takeOut is what is done once there is an item, under the lock.
func (s *Box) takeOut(p *shmlab.Proc) {
	n := s.Items.Get(p)
	s.Items.Set(p, n-1)
	t := s.Taken.Get(p)
	s.Taken.Set(p, t+1)
}

func (s *Box) putIn(p *shmlab.Proc) {
	s.Mu.Lock(p)
	n := s.Items.Get(p)
	s.Items.Set(p, n+1)
	s.Mu.Unlock(p)
}

func takeWhile(p *shmlab.Proc, s *Box) {
	s.Mu.Lock(p)
	for s.Items.Get(p) == 0 {
		s.Changed.Wait(p, &s.Mu)
	}
	s.takeOut(p)
	s.Mu.Unlock(p)
}

func putAndSignal(p *shmlab.Proc, s *Box) {
	s.putIn(p)
	s.Changed.Signal(p)
}

// CondIf looks once.
var CondIf = box("if", "waits once, then takes what there must be",
	"Between the signal and the moment at which the waiter has the lock again, another may have taken the item. Cure: while instead of if.", 3,
	func(p *shmlab.Proc, s *Box) {
		s.Mu.Lock(p)
		if s.Items.Get(p) == 0 {
			s.Changed.Wait(p, &s.Mu)
		}
		s.takeOut(p)
		s.Mu.Unlock(p)
	},
	putAndSignal)

// CondNoSequence sleeps on a word that no signal changes.
var CondNoSequence = box("no-sequence", "unlocks, then sleeps until it is woken",
	"A wake between the unlock and the sleep finds nobody asleep and is lost. Cure: a number that each signal changes, read under the lock, so that the sleep does not begin once it has changed.", 2,
	func(p *shmlab.Proc, s *Box) {
		s.Mu.Lock(p)
		for s.Items.Get(p) == 0 {
			s.Mu.Unlock(p)
			_ = s.Sleepers.Wait(p, 0, 0)
			s.Mu.Lock(p)
		}
		s.takeOut(p)
		s.Mu.Unlock(p)
	},
	func(p *shmlab.Proc, s *Box) {
		s.putIn(p)
		s.Sleepers.Wake(p, 1)
	})

// CondSignal wakes one, and not the right one.
var CondSignal = box("signal", "one signal, for those who wait for an item and for room",
	"A box for one item and one condition for two: the signal that says an item is there may wake one that waits for room, which goes back to sleep, and nobody is left to wake the other. Cure: Broadcast, or a condition each.", 4,
	func(p *shmlab.Proc, s *Box) { takeWhile(p, s); s.Changed.Signal(p) },
	func(p *shmlab.Proc, s *Box) { putOne(p, s); s.Changed.Signal(p) })

// CondBroadcast wakes all.
var CondBroadcast = box("broadcast", "a broadcast, for those who wait for an item and for room", "", 2,
	func(p *shmlab.Proc, s *Box) { takeWhile(p, s); s.Changed.Broadcast(p) },
	func(p *shmlab.Proc, s *Box) { putOne(p, s); s.Changed.Broadcast(p) })

// putOne waits until the box has room for its one item.
func putOne(p *shmlab.Proc, s *Box) {
	s.Mu.Lock(p)
	for s.Items.Get(p) == 1 {
		s.Changed.Wait(p, &s.Mu)
	}
	s.Items.Set(p, 1)
	s.Mu.Unlock(p)
}

// CondKit is the kit's, used as it is meant.
var CondKit = box("kit", "waits in a loop, under the lock", "", 2, takeWhile, putAndSignal)
