package workload

import (
	"time"

	"shmrace/shmlab"
	shmsync "shmrace/sync"
)

// Timeouts are labs of waits with a deadline that passes.
var Timeouts = []shmlab.AnyLab{TimeoutSuccess, TimeoutStays, TimeoutChecked, TimeoutLeaves}

// soon is a deadline: in a stepped run it passes when nobody can take a step.
func soon() shmlab.Deadline { return shmlab.In(50 * time.Millisecond) }

// A Promise is a value that one makes and another waits for, under one lock.
type Promise struct {
	Mu    shmsync.Mutex
	Ready shmlab.Uint32
	Value shmlab.Var[int64]
}

// promise is a lab whose last actor makes the value. The others need it, and hold
// the lock that it must have for that.
func promise(variant, doc, why string, use func(p *shmlab.Proc, s *Promise, err error)) shmlab.Lab[Promise] {
	return shmlab.Lab[Promise]{
		Name: "timeout/" + variant, Doc: doc, Why: why, Source: source,
		Size: shmlab.Size{Actors: 2, Ops: 1},
		Actors: func(size shmlab.Size) []shmlab.Actor[Promise] {
			uses := shmlab.Each(max(size.Actors-1, 0), "uses", func(p *shmlab.Proc, s *Promise) {
				s.Mu.Lock(p)
				var err error
				for end := soon(); s.Ready.Load(p) == 0 && err != shmlab.ErrTimeout; {
					err = s.Ready.Wait(p, 0, end) // a signal ends it as well, and nothing at all
				}
				use(p, s, err)
				s.Mu.Unlock(p)
			})
			return append(uses, shmlab.Each(1, "makes", func(p *shmlab.Proc, s *Promise) {
				s.Mu.Lock(p)
				s.Value.Set(p, 42)
				s.Ready.Store(p, 1)
				s.Ready.Wake(p, 1)
				s.Mu.Unlock(p)
			})...)
		},
	}
}

func (s *Promise) use(p *shmlab.Proc) {
	n := s.Value.Get(p)
	p.Assert(n == 42, "the value is used and is %d, expected 42", n)
}

// TimeoutSuccess does not look why the wait is over.
var TimeoutSuccess = promise("success", "waits with a deadline, then uses what there must be",
	"The wait is over because time is, and the value is not there. Cure: look at the error, or at the condition, before using it.",
	func(p *shmlab.Proc, s *Promise, _ error) {
		s.use(p)
	})

// TimeoutChecked does without what is not there.
var TimeoutChecked = promise("checked", "the same, and does without if time is over", "",
	func(p *shmlab.Proc, s *Promise, err error) {
		if err != shmlab.ErrTimeout {
			s.use(p)
		}
	})

// A Shop calls its customers by number, in the order in which they came.
type Shop struct {
	Mu      shmsync.Mutex
	Tickets shmlab.Var[uint32]                    // how many have come
	Called  shmlab.Uint32                         // how many were called
	Left    [2 * mostCustomers]shmlab.Var[uint32] // 1: the customer with that ticket has left
	Shelf   shmlab.Var[int64]                     // items that nobody waited for
	GaveUp  shmlab.Uint32                         // how many customers did, the first time
}

const mostCustomers = 8

// shop is a lab of customers who give up after a while and come again, and of
// deliveries, of an item for each, after that.
func shop(variant, doc, why string, leave func(p *shmlab.Proc, s *Shop, ticket uint32)) shmlab.Lab[Shop] {
	return shmlab.Lab[Shop]{
		Name: "timeout/" + variant, Doc: doc, Why: why, Source: source,
		Size: shmlab.Size{Actors: 2, Ops: 1},
		Actors: func(size shmlab.Size) []shmlab.Actor[Shop] {
			customers := min(size.Actors-1, mostCustomers)
			buys := shmlab.Each(max(customers, 0), "buys", func(p *shmlab.Proc, s *Shop) {
				if !s.buy(p, soon(), leave) {
					s.GaveUp.Add(p, 1)
					s.buy(p, 0, leave)
				}
			})
			return append(buys, shmlab.Each(1, "delivers", func(p *shmlab.Proc, s *Shop) {
				p.Until(s.GaveUp.Is(uint32(max(customers, 0))))
				for range customers {
					s.deliver(p)
				}
			})...)
		},
	}
}

// buy takes an item from the shelf, or a ticket, and waits until it is called.
func (s *Shop) buy(p *shmlab.Proc, deadline shmlab.Deadline, leave func(p *shmlab.Proc, s *Shop, ticket uint32)) bool {
	s.Mu.Lock(p)
	if n := s.Shelf.Get(p); n > 0 {
		s.Shelf.Set(p, n-1)
		s.Mu.Unlock(p)
		return true
	}
	ticket := s.Tickets.Get(p)
	s.Tickets.Set(p, ticket+1)
	s.Mu.Unlock(p)
	for called := s.Called.Load(p); called <= ticket; called = s.Called.Load(p) {
		if s.Called.Wait(p, called, deadline) == shmlab.ErrTimeout {
			leave(p, s, ticket)
			return false
		}
	}
	return true
}

// deliver calls the next who is still there, or puts the item on the shelf.
func (s *Shop) deliver(p *shmlab.Proc) {
	s.Mu.Lock(p)
	tickets, called := s.Tickets.Get(p), s.Called.Load(p)
	for called < tickets && s.Left[called].Get(p) == 1 {
		called++
	}
	if called < tickets {
		s.Called.Store(p, called+1)
		s.Called.Wake(p, mostWaiting)
	} else {
		n := s.Shelf.Get(p)
		s.Shelf.Set(p, n+1)
	}
	s.Mu.Unlock(p)
}

// TimeoutStays leaves without a word.
var TimeoutStays = shop("stays-in-queue", "gives up, and stays in the queue",
	"The next item is for the one who left, and those who wait behind it wait for ever. Cure: who gives up leaves the queue, under the lock.",
	func(p *shmlab.Proc, s *Shop, ticket uint32) {})

// TimeoutLeaves says that it leaves.
var TimeoutLeaves = shop("leaves-queue", "gives up, and leaves the queue", "",
	func(p *shmlab.Proc, s *Shop, ticket uint32) {
		s.Mu.Lock(p)
		s.Left[ticket].Set(p, 1)
		s.Mu.Unlock(p)
	})
