package workload

import (
	"shmrace/shmlab"
	shmsync "shmrace/sync"
)

// Software are locks that need nothing but loads and stores, and spin locks.
var Software = []shmlab.AnyLab{
	PetersonSwapped, PetersonNoTurn, PetersonKit, DekkerKit,
	BakeryNotChoosing, BakeryKit,
	SpinKit, TicketKit, MCSKit,
}

// A Flags is what Peterson's lock consists of, and wrong ones like it.
type Flags struct {
	Wants [2]shmlab.Uint32
	Turn  shmlab.Uint32
}

func (f *Flags) wait(p *shmlab.Proc) {
	mine := uint32(p.Index())
	for f.Wants[1-mine].Load(p) == 1 && f.Turn.Load(p) == 1-mine {
		p.Await(f.Wants[1-mine].Is(0).Or(f.Turn.Is(mine)))
	}
}

func (f *Flags) unlock(p *shmlab.Proc) { f.Wants[p.Index()].Store(p, 0) }

// PetersonSwapped gives the turn away before it says that it wants the lock.
var PetersonSwapped = guarded("peterson/swapped", "gives the turn away first, then raises its flag",
	"Between the two the other sees no flag and goes in; then this one finds that the turn has come back to it and goes in as well. Cure: first the flag, then the turn.", 2,
	func(p *shmlab.Proc, f *Flags) {
		f.Turn.Store(p, uint32(1-p.Index()))
		f.Wants[p.Index()].Store(p, 1)
		f.wait(p)
	},
	func(p *shmlab.Proc, f *Flags) { f.unlock(p) })

// PetersonNoTurn has nothing that decides.
var PetersonNoTurn = guarded("peterson/no-turn", "raises its flag and waits until the other has none",
	"If both raise their flags before either looks, both wait for ever. Cure: a turn, which decides.", 2,
	func(p *shmlab.Proc, f *Flags) {
		f.Wants[p.Index()].Store(p, 1)
		for f.Wants[1-p.Index()].Load(p) == 1 {
			p.Await(f.Wants[1-p.Index()].Is(0))
		}
	},
	func(p *shmlab.Proc, f *Flags) { f.unlock(p) })

// PetersonKit is the kit's.
var PetersonKit = guarded("peterson/kit", "the kit's Peterson", "", 2,
	func(p *shmlab.Proc, l *shmsync.Peterson) { l.Lock(p) },
	func(p *shmlab.Proc, l *shmsync.Peterson) { l.Unlock(p) })

// DekkerKit is the kit's.
var DekkerKit = guarded("dekker/kit", "the kit's Dekker", "", 2,
	func(p *shmlab.Proc, l *shmsync.Dekker) { l.Lock(p) },
	func(p *shmlab.Proc, l *shmsync.Dekker) { l.Unlock(p) })

// A Numbers is what a bakery's customers hold.
type Numbers struct{ Number [2]shmlab.Uint32 }

// BakeryNotChoosing does not say that it is about to take a number.
var BakeryNotChoosing = guarded("bakery/not-choosing", "takes a number without saying that it is about to",
	"Two that take a number at once take the same. The first looks before the other has written its number down and goes in; the other has the lower index and goes in as well. Cure: say so before, and wait for whoever is choosing.", 2,
	func(p *shmlab.Proc, b *Numbers) {
		i := p.Index()
		mine := b.Number[1-i].Load(p) + 1
		b.Number[i].Store(p, mine)
		for {
			n := b.Number[1-i].Load(p)
			if n == 0 || n > mine || n == mine && i == 0 {
				return
			}
			p.Await(b.Number[1-i].Is(n).Not())
		}
	},
	func(p *shmlab.Proc, b *Numbers) { b.Number[p.Index()].Store(p, 0) })

// BakeryKit is the kit's.
var BakeryKit = guarded("bakery/kit", "the kit's Bakery", "", 2,
	func(p *shmlab.Proc, l *shmsync.Bakery) { l.Lock(p) },
	func(p *shmlab.Proc, l *shmsync.Bakery) { l.Unlock(p) })

// SpinKit is the kit's.
var SpinKit = guarded("spin/kit", "the kit's SpinLock", "", 3,
	func(p *shmlab.Proc, l *shmsync.SpinLock) { l.Lock(p) },
	func(p *shmlab.Proc, l *shmsync.SpinLock) { l.Unlock(p) })

// TicketKit is the kit's.
var TicketKit = guarded("spin/ticket", "the kit's TicketLock", "", 3,
	func(p *shmlab.Proc, l *shmsync.TicketLock) { l.Lock(p) },
	func(p *shmlab.Proc, l *shmsync.TicketLock) { l.Unlock(p) })

// MCSKit is the kit's.
var MCSKit = guarded("spin/mcs", "the kit's MCSLock", "", 3,
	func(p *shmlab.Proc, l *shmsync.MCSLock) { l.Lock(p) },
	func(p *shmlab.Proc, l *shmsync.MCSLock) { l.Unlock(p) })
