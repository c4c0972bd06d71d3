package workload

import (
	"shmrace/shmlab"
	shmsync "shmrace/sync"
)

// LastWords are labs of what a holder that is killed within Lock or Unlock leaves
// to whoever locks next: most of the locks are made by hand, and each wrong one
// is silent about a death in some window. They go wrong only then: shmrace
// explore --crash.
var LastWords = []shmlab.AnyLab{
	LastWordsPlain, LastWordsOwnerAfter, LastWordsNumberAgain, LastWordsNotAnnounced, LastWordsUnlinkedFirst, LastWordsSilent,
	LastWordsOwnerInWord, LastWordsByHand, LastWordsKit,
}

// A Will is two numbers that are equal, but for whoever is changing them. They
// are atomic: a lock by hand orders nothing that anybody knows of.
type Will[L any] struct {
	Lock   L
	Halves [2]shmlab.Int64
}

func (s *Will[L]) change(p *shmlab.Proc) {
	a := s.Halves[0].Load(p)
	b := s.Halves[1].Load(p)
	p.Assert(a == b, "found %d and %d under the lock, expected equal halves", a, b)
	s.Halves[0].Store(p, a+1)
	s.Halves[1].Store(p, b+1)
}

func (s *Will[L]) repair(p *shmlab.Proc) {
	a := s.Halves[0].Load(p)
	s.Halves[1].Store(p, a)
}

// heirs is a lab whose actors lock, change and unlock, and say what they heard.
func heirs[L any](variant, doc, why string, change func(p *shmlab.Proc, s *Will[L])) shmlab.Lab[Will[L]] {
	return shmlab.Lab[Will[L]]{
		Name: "lastwords/" + variant, Doc: doc, Why: why, Source: source, Mortal: true,
		Size:   shmlab.Size{Actors: 2, Ops: 1},
		Actors: repeat("changes", change),
	}
}

// heir is heirs with a lock by hand, which reports whether the last holder died.
func heir[L any](variant, doc, why string, lock func(p *shmlab.Proc, l *L) (died bool), unlock func(p *shmlab.Proc, l *L)) shmlab.Lab[Will[L]] {
	return heirs(variant, doc, why, func(p *shmlab.Proc, s *Will[L]) {
		if lock(p, &s.Lock) {
			p.Label(OwnerDied)
			s.repair(p)
		} else {
			p.Label(NobodyDied)
		}
		s.change(p)
		unlock(p, &s.Lock)
	})
}

// What whoever locks next hears, as a label in the trace.
const (
	OwnerDied  = "the owner died"
	NobodyDied = "nobody died"
)

// LastWordsPlain is right until somebody dies.
var LastWordsPlain = heir("plain", "a futex mutex by hand, mutex2 of Drepper",
	"The word says that the lock is held, and who could change that is dead. From the moment it is taken to the moment it is free, every death is silent. Cure: a lock that knows its owner.",
	func(p *shmlab.Proc, l *shmlab.Uint32) bool { lockThreeStates(p, l); return false },
	unlockThreeStates)

// An Owned is a lock whose waiters look whether its owner is alive, as with
// kill(pid, 0). There is no wake at a death: they look again now and then.
type Owned struct {
	Word  shmlab.Uint32 // 0 is free
	Owner shmlab.Uint32 // the owner's index plus 1, for those who keep it apart
}

func unlockOwned(p *shmlab.Proc, l *Owned) {
	l.Word.Store(p, 0)
	l.Word.Wake(p, 1)
}

// LastWordsOwnerAfter takes the lock in one step and says who has it in another.
var LastWordsOwnerAfter = heir("owner-after", "takes the lock, then writes down who has it",
	"Who dies between the two has left no name: the next looks whether nobody is alive, for ever. Cure: one word that is both, the lock and its owner.",
	func(p *shmlab.Proc, l *Owned) (died bool) {
		for try := 0; !l.Word.CompareAndSwap(p, 0, 1); try++ {
			owner := l.Owner.Load(p)
			if owner != 0 && p.Gone(int(owner)-1) && l.Owner.CompareAndSwap(p, owner, uint32(p.Index())+1) {
				return true
			}
			_ = l.Word.Nap(p, 1, 0, try)
		}
		l.Owner.Store(p, uint32(p.Index())+1)
		return false
	},
	func(p *shmlab.Proc, l *Owned) {
		l.Owner.Store(p, 0)
		unlockOwned(p, l)
	})

// LastWordsOwnerInWord has the owner in the word.
var LastWordsOwnerInWord = heir("owner-in-word", "the word is the owner's number, its life is looked at", "",
	func(p *shmlab.Proc, l *Owned) (died bool) {
		mine := uint32(p.Index()) + 1
		for try := 0; ; try++ {
			owner := l.Word.Load(p)
			switch {
			case owner == 0 && l.Word.CompareAndSwap(p, 0, mine):
				return false
			case owner == 0:
			case p.Gone(int(owner)-1) && l.Word.CompareAndSwap(p, owner, mine):
				return true
			default:
				_ = l.Word.Nap(p, owner, 0, try)
			}
		}
	},
	unlockOwned)

// A Numbered is an Owned whose owners are known by a number that the system
// gives, as a pid: the lowest that nobody alive has.
type Numbered struct {
	Owned
	Has [8]shmlab.Uint32 // who has each number, as index plus 1
}

// number returns p's number.
func (l *Numbered) number(p *shmlab.Proc) uint32 {
	for i := range uint32(len(l.Has)) {
		who := l.Has[i].Load(p)
		if (who == 0 || p.Gone(int(who)-1)) && l.Has[i].CompareAndSwap(p, who, uint32(p.Index())+1) {
			return i + 1
		}
	}
	panic("there are more actors than numbers")
}

// LastWordsNumberAgain asks whether anybody has the owner's number.
var LastWordsNumberAgain = heir("number-again", "looks whether the number of the owner is alive, as kill(pid, 0) does",
	"The system gives the number of the dead to somebody else, who is alive, and the lock waits for him for ever. Cure: the number and when the process began, or a pidfd, or the kernel's robust list.",
	func(p *shmlab.Proc, l *Numbered) (died bool) {
		mine := l.number(p)
		for try := 0; ; try++ {
			owner := l.Word.Load(p)
			switch {
			case owner == 0 && l.Word.CompareAndSwap(p, 0, mine):
				return false
			case owner == 0:
			case p.Gone(int(l.Has[owner-1].Load(p))-1) && l.Word.CompareAndSwap(p, owner, mine):
				return true
			default:
				_ = l.Word.Nap(p, owner, 0, try)
			}
		}
	},
	func(p *shmlab.Proc, l *Numbered) { unlockOwned(p, &l.Owned) })

// takeRobust takes a lock of the kernel's list, once it is announced.
func takeRobust(p *shmlab.Proc, r *shmlab.Robust) (died bool) {
	for try := 0; ; try++ {
		s := r.Load(p)
		if s&shmlab.OwnerBits == 0 {
			if r.CompareAndSwap(p, s, s&shmlab.OwnerWaits|p.Thread()) {
				return s&shmlab.OwnerDied != 0
			}
			continue
		}
		if s&shmlab.OwnerWaits != 0 || r.CompareAndSwap(p, s, s|shmlab.OwnerWaits) {
			_ = r.Nap(p, uint32(s|shmlab.OwnerWaits), 0, try)
		}
	}
}

// freeRobust frees a lock of the kernel's list, as long as it is announced.
func freeRobust(p *shmlab.Proc, r *shmlab.Robust) {
	if r.Free(p)&shmlab.OwnerWaits != 0 {
		r.Wake(p, 1)
	}
}

func lockByHand(p *shmlab.Proc, r *shmlab.Robust) (died bool) {
	r.Begin(p)
	died = takeRobust(p, r)
	r.Link(p)
	r.End(p)
	return died
}

func unlockByHand(p *shmlab.Proc, r *shmlab.Robust) {
	r.Begin(p)
	r.Unlink(p)
	freeRobust(p, r)
	r.End(p)
}

// LastWordsNotAnnounced forgets list_op_pending when it locks.
var LastWordsNotAnnounced = heir("not-announced", "takes the lock, then puts it on its list for the kernel",
	"Who dies between the two holds a lock that is on no list: the kernel tells nobody. Cure: announce it first, in list_op_pending, which the kernel looks at as well.",
	func(p *shmlab.Proc, r *shmlab.Robust) (died bool) {
		r.Begin(p)
		r.End(p)
		died = takeRobust(p, r)
		r.Link(p)
		return died
	},
	unlockByHand)

// LastWordsUnlinkedFirst forgets list_op_pending when it unlocks.
var LastWordsUnlinkedFirst = heir("unlinked-first", "takes the lock off its list, then frees it",
	"Who dies between the two holds a lock that is on the list no more: the kernel tells nobody. Cure: announce it first, in list_op_pending.",
	lockByHand,
	func(p *shmlab.Proc, r *shmlab.Robust) {
		r.Unlink(p)
		freeRobust(p, r)
	})

// LastWordsSilent is told and tells nobody.
var LastWordsSilent = heir("silent", "wipes the mark of the dead out when it locks",
	"The lock goes on, and what it guards is half changed. The mark says so to the next who locks, and to nobody else. Cure: tell, and repair.",
	func(p *shmlab.Proc, r *shmlab.Robust) (died bool) {
		lockByHand(p, r)
		return false
	},
	unlockByHand)

// LastWordsByHand announces what it does.
var LastWordsByHand = heir("by-hand", "a robust lock by hand, announced from beginning to end", "", lockByHand, unlockByHand)

// LastWordsKit is the kit's.
var LastWordsKit = heirs("kit", "the kit's RobustMutex", "",
	func(p *shmlab.Proc, s *Will[shmsync.RobustMutex]) {
		if s.Lock.Lock(p) == shmsync.ErrOwnerDied {
			p.Label(OwnerDied)
			s.repair(p)
			s.Lock.Consistent(p)
		} else {
			p.Label(NobodyDied)
		}
		s.change(p)
		s.Lock.Unlock(p)
	})
