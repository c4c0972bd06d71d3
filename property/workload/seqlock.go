package workload

import (
	"shmrace/shmlab"
	shmsync "shmrace/sync"
)

// SeqLocks are locks whose readers write nothing: they look at a number, read,
// and look again. Each wrong one leaves one of its four parts out.
var SeqLocks = []shmlab.AnyLab{SeqLockNoRecheck, SeqLockNoWait, SeqLockNoOdd, SeqLockTwoWriters, SeqLockByHand, SeqLockKit}

// A Sequenced is a pair and a number, which is odd while somebody writes.
type Sequenced struct {
	Seq  shmlab.Uint32
	Pair AtomicPair
	Kit  shmsync.SeqLock // instead of Seq, for those who use the kit's
}

// sequenced is a lab whose last actor reads and whose others write.
func sequenced(variant, doc, why string, writers int, write func(p *shmlab.Proc, s *Sequenced, n int64), read func(p *shmlab.Proc, s *Sequenced) Pair) shmlab.Lab[Sequenced] {
	return shmlab.Lab[Sequenced]{
		Name: "seqlock/" + variant, Doc: doc, Why: why, Source: source,
		Size: shmlab.Size{Actors: writers + 1, Ops: 1},
		Actors: func(size shmlab.Size) []shmlab.Actor[Sequenced] {
			writers := repeat("writes", func(p *shmlab.Proc, s *Sequenced) {
				write(p, s, int64(p.Index())+1)
			})(shmlab.Size{Actors: max(size.Actors-1, 0), Ops: size.Ops})
			return append(writers, repeat("reads", func(p *shmlab.Proc, s *Sequenced) {
				whole(p, read(p, s))
			})(shmlab.Size{Actors: 1, Ops: size.Ops})...)
		},
	}
}

func writeOdd(p *shmlab.Proc, s *Sequenced, n int64) {
	s.Seq.Add(p, 1)
	s.Pair.set(p, n)
	s.Seq.Add(p, 1)
}

func readEven(p *shmlab.Proc, s *Sequenced) Pair {
	for {
		before := s.Seq.Load(p)
		if before%2 == 1 {
			p.Await(s.Seq.Low(1, 0))
			continue
		}
		v := s.Pair.get(p)
		if s.Seq.Load(p) == before {
			return v
		}
	}
}

// SeqLockNoRecheck believes what it reads.
var SeqLockNoRecheck = sequenced("no-recheck", "waits until nobody writes, then reads",
	"Nobody wrote when the reader began, and somebody has begun since. Cure: look at the number again, and read again if it has changed.", 1,
	writeOdd,
	func(p *shmlab.Proc, s *Sequenced) Pair {
		for s.Seq.Load(p)%2 == 1 {
			p.Await(s.Seq.Low(1, 0))
		}
		return s.Pair.get(p)
	})

// SeqLockNoWait begins to read while somebody writes.
var SeqLockNoWait = sequenced("no-wait", "reads until the number is the same before and after",
	"While somebody writes the number does not change either: it is odd, before and after. Cure: wait until it is even, and only then read.", 1,
	writeOdd,
	func(p *shmlab.Proc, s *Sequenced) Pair {
		for {
			before := s.Seq.Load(p)
			v := s.Pair.get(p)
			if s.Seq.Load(p) == before {
				return v
			}
		}
	})

// SeqLockNoOdd counts writes when they are over.
var SeqLockNoOdd = sequenced("no-odd", "the writer changes the number once, afterwards",
	"Until the write is over the number says that nothing has happened. Cure: change it before as well, so that it is odd meanwhile.", 1,
	func(p *shmlab.Proc, s *Sequenced, n int64) {
		s.Pair.set(p, n)
		s.Seq.Add(p, 2)
	},
	readEven)

// SeqLockTwoWriters keeps readers off, and nobody else.
var SeqLockTwoWriters = sequenced("two-writers", "two write at once",
	"The second writer makes the number even while both write. Cure: a lock for the writers.", 2,
	writeOdd, readEven)

// SeqLockByHand is right as long as there is one writer.
var SeqLockByHand = sequenced("by-hand", "odd while it is written, and looked at twice", "", 1, writeOdd, readEven)

// SeqLockKit is the kit's.
var SeqLockKit = sequenced("kit", "the kit's SeqLock, two write", "", 2,
	func(p *shmlab.Proc, s *Sequenced, n int64) {
		s.Kit.Lock(p)
		s.Pair.set(p, n)
		s.Kit.Unlock(p)
	},
	func(p *shmlab.Proc, s *Sequenced) (v Pair) {
		s.Kit.Read(p, func() { v = s.Pair.get(p) })
		return v
	})
