package workload

import (
	"shmrace/shmlab"
	shmsync "shmrace/sync"
)

// Torn are labs of a value of two words, which the first actor writes and the
// others read. The right ones are right also if the writer is stopped between the
// words; those that are mortal, also if it is killed there.
var Torn = []shmlab.AnyLab{
	TornUnlocked, TornStopped, TornAtomicHalves, TornFlipFirst, TornNoRecheck, TornAbandoned,
	TornMutex, TornSeqLock, TornTwoCopies, TornRobust,
}

// A Pair is a value of two words that belong together: they are always equal.
type Pair struct{ Hi, Lo int64 }

// A TornPair is one pair, and its locks.
type TornPair struct {
	Pair   shmlab.Record[Pair]
	Mu     shmsync.Mutex
	Robust shmsync.RobustMutex
}

// An AtomicPair is a pair for those who read it while it is written: each word
// is atomic by itself, so that the accesses are no data race.
type AtomicPair struct{ Hi, Lo shmlab.Int64 }

func (a *AtomicPair) set(p *shmlab.Proc, n int64) {
	a.Hi.Store(p, n)
	a.Lo.Store(p, n)
}

func (a *AtomicPair) get(p *shmlab.Proc) Pair {
	hi := a.Hi.Load(p)
	lo := a.Lo.Load(p)
	return Pair{hi, lo}
}

// A TornCopies is two copies of a pair, and how often it was written: the last bit of
// that says which copy is whole.
type TornCopies struct {
	Copy   [2]AtomicPair
	Writes shmlab.Uint32
	Seq    shmsync.SeqLock // for those who use the first copy only
}

// torn is what the labs of the family share: the writer writes 1 and 1, then 2
// and 2, and so on.
func torn[S any](variant, doc, why string, ops int, write, read func(p *shmlab.Proc, s *S, n int64)) shmlab.Lab[S] {
	return shmlab.Lab[S]{
		Name: "torn/" + variant, Doc: doc, Why: why, Source: source,
		Size: shmlab.Size{Actors: 2, Ops: ops},
		Actors: func(size shmlab.Size) []shmlab.Actor[S] {
			each := func(f func(p *shmlab.Proc, s *S, n int64)) func(p *shmlab.Proc, s *S) {
				return func(p *shmlab.Proc, s *S) {
					for n := range size.Ops {
						f(p, s, int64(n+1))
					}
				}
			}
			return append(shmlab.Each(1, "writes", each(write)), shmlab.Each(size.Actors-1, "reads", each(read))...)
		},
	}
}

// mortally is lab as one whose actors may be killed.
func mortally[S any](lab shmlab.Lab[S]) shmlab.Lab[S] {
	lab.Mortal = true
	return lab
}

// whole fails the run if the halves of a pair are not of the same write.
func whole(p *shmlab.Proc, v Pair) {
	p.Assert(v.Hi == v.Lo, "the reader sees half a write: Hi is %d, Lo is %d", v.Hi, v.Lo)
}

// TornUnlocked writes and reads two words with nothing around them.
var TornUnlocked = torn("unlocked", "a value of two words, written and read word by word",
	"The hardware writes one word at a time. Between the two the pair is neither the old value nor the new. Cure: no reader in between, with a lock.", 1,
	func(p *shmlab.Proc, s *TornPair, n int64) {
		s.Pair.Set(p, Pair{n, n})
	},
	func(p *shmlab.Proc, s *TornPair, _ int64) {
		v := s.Pair.Get(p)
		whole(p, v)
	})

// TornStopped reads twice before it complains: a writer that is stopped between
// the words and goes on heals what it tore, one that is killed there never does.
var TornStopped = torn("stopped", "written once, read twice, then it says what it saw",
	"SIGSTOP and SIGKILL ask nobody: they come between two stores as well. Who goes on writes the other half, who is killed never will. Cure: two copies, or a lock that tells of a death.", 1,
	func(p *shmlab.Proc, s *TornPair, n int64) {
		s.Pair.Set(p, Pair{n, n})
	},
	func(p *shmlab.Proc, s *TornPair, _ int64) {
		first := s.Pair.Get(p)
		then := s.Pair.Get(p)
		p.Assert(first.Hi == first.Lo && then.Hi == then.Lo,
			"the reader sees Hi %d, Lo %d and later Hi %d, Lo %d", first.Hi, first.Lo, then.Hi, then.Lo)
	})

// TornAtomicHalves makes each word atomic and the pair no safer.
var TornAtomicHalves = torn("atomic-halves", "the same, each word of it atomic",
	"No word is torn, the pair is: each is atomic, the two together are not. Cure: a lock, or one word that says which of two copies is whole.", 1,
	func(p *shmlab.Proc, s *TornCopies, n int64) {
		s.Copy[0].set(p, n)
	},
	func(p *shmlab.Proc, s *TornCopies, _ int64) {
		v := s.Copy[0].get(p)
		whole(p, v)
	})

// TornFlipFirst sends readers to the copy that it is about to write.
var TornFlipFirst = torn("flip-first", "two copies; says which is whole, then writes it",
	"Readers go to the new copy as soon as the number says so, and it is not written yet. Cure: first the copy, then the number.", 1,
	func(p *shmlab.Proc, s *TornCopies, n int64) {
		s.Writes.Store(p, uint32(n))
		s.Copy[n%2].set(p, n)
	},
	readCopy)

// TornNoRecheck does not notice that its copy was taken for the next write.
var TornNoRecheck = torn("no-recheck", "two copies; looks once which is whole",
	"The copy that was whole when the reader looked is, a write later, the one that is written next. Cure: look at the number again, and read again if it has changed.", 2,
	writeCopy,
	func(p *shmlab.Proc, s *TornCopies, _ int64) {
		n := s.Writes.Load(p)
		v := s.Copy[n%2].get(p)
		whole(p, v)
	})

// TornAbandoned takes the lock from the dead as if nothing had happened.
var TornAbandoned = mortally(torn("abandoned", "a RobustMutex without a repair, for a writer that is killed",
	"The lock is free again when its holder is dead, and what it guards is half written for ever. Cure: ErrOwnerDied says so; write the other half, then Consistent.", 1,
	func(p *shmlab.Proc, s *TornPair, n int64) {
		if s.Robust.Lock(p) == shmsync.ErrOwnerDied {
			s.Robust.Consistent(p)
		}
		s.Pair.Set(p, Pair{n, n})
		s.Robust.Unlock(p)
	},
	func(p *shmlab.Proc, s *TornPair, _ int64) {
		if s.Robust.Lock(p) == shmsync.ErrOwnerDied {
			s.Robust.Consistent(p)
		}
		v := s.Pair.Get(p)
		s.Robust.Unlock(p)
		whole(p, v)
	}))

// TornMutex writes and reads both words under a lock.
var TornMutex = torn("mutex", "the same under a lock", "", 1,
	func(p *shmlab.Proc, s *TornPair, n int64) {
		s.Mu.Lock(p)
		s.Pair.Set(p, Pair{n, n})
		s.Mu.Unlock(p)
	},
	func(p *shmlab.Proc, s *TornPair, _ int64) {
		s.Mu.Lock(p)
		v := s.Pair.Get(p)
		s.Mu.Unlock(p)
		whole(p, v)
	})

// TornSeqLock reads again if somebody wrote meanwhile.
var TornSeqLock = torn("seqlock", "a SeqLock: reads again if somebody wrote meanwhile", "", 1,
	func(p *shmlab.Proc, s *TornCopies, n int64) {
		s.Seq.Lock(p)
		s.Copy[0].set(p, n)
		s.Seq.Unlock(p)
	},
	func(p *shmlab.Proc, s *TornCopies, _ int64) {
		var v Pair
		s.Seq.Read(p, func() { v = s.Copy[0].get(p) })
		whole(p, v)
	})

// TornTwoCopies writes the copy that nobody is sent to, then sends them there. A
// writer that is killed leaves the other copy as it was.
var TornTwoCopies = mortally(torn("two-copies", "two copies, and a number that says which is whole", "", 2, writeCopy, readCopy))

func writeCopy(p *shmlab.Proc, s *TornCopies, n int64) {
	s.Copy[n%2].set(p, n)
	s.Writes.Store(p, uint32(n))
}

func readCopy(p *shmlab.Proc, s *TornCopies, _ int64) {
	n := s.Writes.Load(p)
	for {
		v := s.Copy[n%2].get(p)
		again := s.Writes.Load(p)
		if again == n {
			whole(p, v)
			return
		}
		n = again
	}
}

// TornRobust repairs what a writer that was killed has torn.
var TornRobust = mortally(torn("robust", "a RobustMutex with a repair", "", 1,
	func(p *shmlab.Proc, s *TornPair, n int64) {
		if s.Robust.Lock(p) == shmsync.ErrOwnerDied {
			s.mend(p)
		}
		s.Pair.Set(p, Pair{n, n})
		s.Robust.Unlock(p)
	},
	func(p *shmlab.Proc, s *TornPair, _ int64) {
		if s.Robust.Lock(p) == shmsync.ErrOwnerDied {
			s.mend(p)
		}
		v := s.Pair.Get(p)
		s.Robust.Unlock(p)
		whole(p, v)
	}))

// mend writes the half that the last holder did not live to write.
func (s *TornPair) mend(p *shmlab.Proc) {
	v := s.Pair.Get(p)
	s.Pair.Set(p, Pair{v.Hi, v.Hi})
	s.Robust.Consistent(p)
}
