package workload

import (
	"shmrace/shmlab"
	shmsync "shmrace/sync"
)

// Rings are labs of queues.
var Rings = []shmlab.AnyLab{RingPublishesFirst, RingTwoProducers, RingSPSC, RingMPMC}

// A Pipeline is a queue and what came out of it.
type Pipeline[Q any] struct {
	Queue Q
	Sum   shmlab.Int64 // of what was popped
	Count shmlab.Int64
	Last  [8]shmlab.Var[int64] // what came last of each producer
	Want  int64                // how many values
}

// message is value n of a producer.
func message(producer, n int) int64 { return int64(producer)<<32 | int64(n) }

// pipeline is a lab in which the last actor pops all that the others push.
func pipeline[Q any](variant, doc, why string, size shmlab.Size, push func(p *shmlab.Proc, q *Q, v int64), pop func(p *shmlab.Proc, q *Q) int64) shmlab.Lab[Pipeline[Q]] {
	return shmlab.Lab[Pipeline[Q]]{
		Name: "ring/" + variant, Doc: doc, Why: why, Source: source,
		Size: size,
		Setup: func(s *Pipeline[Q], size shmlab.Size) {
			s.Want = int64(size.Actors-1) * int64(size.Ops)
			if q, ok := any(&s.Queue).(interface{ Init(n int) }); ok {
				q.Init(1) // so short that it is full and empty
			}
		},
		Actors: func(size shmlab.Size) []shmlab.Actor[Pipeline[Q]] {
			producers := shmlab.Each(max(size.Actors-1, 0), "pushes", func(p *shmlab.Proc, s *Pipeline[Q]) {
				for n := range size.Ops {
					push(p, &s.Queue, message(p.Index(), n+1))
				}
			})
			return append(producers, shmlab.Each(1, "pops", func(p *shmlab.Proc, s *Pipeline[Q]) {
				for range s.Want {
					s.popped(p, pop(p, &s.Queue))
				}
			})...)
		},
		Final: func(s *Pipeline[Q]) error { return arrived(s.Count.Peek(), s.Want) },
	}
}

// popped checks that each producer's values come in order, none twice.
func (s *Pipeline[Q]) popped(p *shmlab.Proc, v int64) {
	from, n := v>>32, v&(1<<32-1)
	p.Assert(n > 0 && from < int64(len(s.Last)), "popped %d, which nobody has pushed", v)
	if last := s.Last[from%8].Peek(); n != last+1 {
		p.Assert(false, "popped value %d of %c, expected value %d", n, 'A'+rune(from), last+1)
	}
	s.Last[from%8].Init(n) // only this actor uses it: no point
	s.Count.Add(p, 1)
}

// A Naive is a ring that publishes a value before it is written.
type Naive struct {
	Tail  shmlab.Uint32
	Head  shmlab.Uint32
	Slots [4]shmlab.Var[int64]
}

func popNaive(p *shmlab.Proc, q *Naive) int64 {
	h := q.Head.Load(p)
	for q.Tail.Load(p) == h {
		p.Await(q.Tail.Is(h).Not())
	}
	v := q.Slots[h%4].Get(p)
	q.Head.Store(p, h+1)
	return v
}

// RingPublishesFirst moves the tail before the value is there.
var RingPublishesFirst = pipeline("publishes-first", "moves the tail, then writes the value",
	"Who pops sees the tail and reads what was in the slot before. Cure: first the value, then the tail.", shmlab.Size{Actors: 2, Ops: 2},
	func(p *shmlab.Proc, q *Naive, v int64) {
		t := q.Tail.Load(p)
		q.Tail.Store(p, t+1)
		q.Slots[t%4].Set(p, v)
	},
	popNaive)

// RingTwoProducers has two where there may be one.
var RingTwoProducers = pipeline("two-producers", "two producers push to a ring for one",
	"Both read the same tail and write the same slot: one value is gone, and who pops waits for it for ever. Cure: a ring for many, or a lock around Push.", shmlab.Size{Actors: 3, Ops: 2},
	func(p *shmlab.Proc, q *Naive, v int64) {
		t := q.Tail.Load(p)
		q.Slots[t%4].Set(p, v)
		q.Tail.Store(p, t+1)
	},
	popNaive)

// RingSPSC is the kit's, so short that it is full and empty.
var RingSPSC = pipeline("spsc", "the kit's SPSC with room for one value", "", shmlab.Size{Actors: 2, Ops: 2},
	func(p *shmlab.Proc, q *shmsync.SPSC[int64], v int64) { q.Push(p, v) },
	func(p *shmlab.Proc, q *shmsync.SPSC[int64]) int64 { return q.Pop(p) })

// RingMPMC is the kit's, so short that it is full and empty.
var RingMPMC = pipeline("mpmc", "the kit's MPMC with room for one value", "", shmlab.Size{Actors: 3, Ops: 1},
	func(p *shmlab.Proc, q *shmsync.MPMC[int64], v int64) { q.Push(p, v) },
	func(p *shmlab.Proc, q *shmsync.MPMC[int64]) int64 { return q.Pop(p) })
