package workload

import (
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// SpuriousWakes are labs of waits that end for no reason, as futex(2) and every
// condition variable may. They go wrong only with that fault.
var SpuriousWakes = []shmlab.AnyLab{SpuriousIf, SpuriousTakes, SpuriousWhile, SpuriousLooks}

var spurious = []trace.Fault{trace.Spurious}

// SpuriousIf looks once.
var SpuriousIf = gate("spurious/if", "waits once if it has to",
	"A wait may end for no reason, and then there is not what was waited for. Cure: while instead of if.", spurious,
	func(p *shmlab.Proc, s *Gate) {
		if s.Open.Load(p) == 0 {
			_ = s.Open.Wait(p, 0, 0)
		}
	},
	openGate)

// SpuriousWhile looks again.
var SpuriousWhile = gate("spurious/while", "waits as long as it has to", "", spurious,
	func(p *shmlab.Proc, s *Gate) {
		for s.Open.Load(p) == 0 {
			_ = s.Open.Wait(p, 0, 0)
		}
	},
	openGate)

// A Tray holds what one actor lays down and the others take.
type Tray struct {
	Items shmlab.Uint32
}

// tray is a lab whose last actor lays down an item for each of the others.
func tray(variant, doc, why string, take func(p *shmlab.Proc, s *Tray)) shmlab.Lab[Tray] {
	return shmlab.Lab[Tray]{
		Name: "spurious/" + variant, Doc: doc, Why: why, Source: source, Faults: spurious,
		Size: shmlab.Size{Actors: 2, Ops: 1},
		Actors: func(size shmlab.Size) []shmlab.Actor[Tray] {
			takes := shmlab.Each(max(size.Actors-1, 0), "takes", take)
			return append(takes, shmlab.Each(1, "lays down", func(p *shmlab.Proc, s *Tray) {
				for range size.Actors - 1 {
					s.Items.Add(p, 1)
					s.Items.Wake(p, 1)
				}
			})...)
		},
		Always: func(s *Tray) error {
			if int32(s.Items.Peek()) < 0 {
				return errNothingThere
			}
			return nil
		},
	}
}

// SpuriousTakes takes what there must be, for it was woken.
var SpuriousTakes = tray("takes", "takes an item when its wait is over",
	"The wait ended for no reason, and the number of items goes below 0. Cure: take with a compare-and-swap, and only what is there.",
	func(p *shmlab.Proc, s *Tray) {
		if n := s.Items.Load(p); n > 0 && s.Items.CompareAndSwap(p, n, n-1) {
			return
		}
		_ = s.Items.Wait(p, 0, 0)
		s.Items.Add(p, ^uint32(0))
	})

// SpuriousLooks takes only what it has seen.
var SpuriousLooks = tray("looks", "looks whether there is an item when its wait is over", "",
	func(p *shmlab.Proc, s *Tray) {
		for {
			if n := s.Items.Load(p); n > 0 && s.Items.CompareAndSwap(p, n, n-1) {
				return
			}
			_ = s.Items.Wait(p, 0, 0)
		}
	})
