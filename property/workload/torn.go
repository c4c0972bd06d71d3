package workload

import (
	"shmrace/shmlab"
	shmsync "shmrace/sync"
)

// A Pair is a value of two words that belong together: they are always equal.
type Pair struct{ Hi, Lo int64 }

// A Torn is a pair that one actor writes while others read.
type Torn struct {
	Pair shmlab.Record[Pair]
	Mu   shmsync.Mutex
}

func torn(variant, doc, why string, write, read func(p *shmlab.Proc, s *Torn, n int64)) shmlab.Lab[Torn] {
	return shmlab.Lab[Torn]{
		Name: "torn/" + variant, Doc: doc, Why: why, Source: source,
		Size: shmlab.Size{Actors: 2, Ops: 1},
		Actors: func(size shmlab.Size) []shmlab.Actor[Torn] {
			each := func(f func(p *shmlab.Proc, s *Torn, n int64)) func(p *shmlab.Proc, s *Torn) {
				return func(p *shmlab.Proc, s *Torn) {
					for n := range size.Ops {
						f(p, s, int64(n+1))
					}
				}
			}
			return append(shmlab.Each(1, "writes", each(write)), shmlab.Each(size.Actors-1, "reads", each(read))...)
		},
	}
}

// whole fails the run if the halves of a pair are not of the same write.
func whole(p *shmlab.Proc, v Pair) {
	p.Assert(v.Hi == v.Lo, "the reader sees half a write: Hi is %d, Lo is %d", v.Hi, v.Lo)
}

// TornUnlocked writes and reads two words with nothing around them.
var TornUnlocked = torn("unlocked", "a value of two words, written and read word by word",
	"The hardware writes one word at a time. Between the two the pair is neither the old value nor the new. Cure: no reader in between, with a lock.",
	func(p *shmlab.Proc, s *Torn, n int64) {
		s.Pair.Set(p, Pair{n, n})
	},
	func(p *shmlab.Proc, s *Torn, _ int64) {
		v := s.Pair.Get(p)
		whole(p, v)
	})

// TornMutex writes and reads both words under a lock.
var TornMutex = torn("mutex", "the same under a lock", "",
	func(p *shmlab.Proc, s *Torn, n int64) {
		s.Mu.Lock(p)
		s.Pair.Set(p, Pair{n, n})
		s.Mu.Unlock(p)
	},
	func(p *shmlab.Proc, s *Torn, _ int64) {
		s.Mu.Lock(p)
		v := s.Pair.Get(p)
		s.Mu.Unlock(p)
		whole(p, v)
	})
