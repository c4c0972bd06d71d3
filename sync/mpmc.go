package shmsync

import (
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// slots is how many values an MPMC holds: a power of two.
const slots = 64

// An MPMC is a queue of values for any number of actors that push and pop. Its
// zero value is empty. It blocks when it is full or empty.
//
// Nobody's death wedges it. A producer that is killed before its value was
// published has pushed nothing, and its place is taken by the next. A value
// whose consumer was killed after taking it is gone with it.
//
// What was done before Push is seen by who pops the value. Values leave in the
// order in which they were published.
//
// Each place says by itself in which lap it is and whether it is filled, as in
// Vyukov's bounded queue (2010). But there a producer claims a place by moving
// the tail, and if it is killed then nobody knows whose the place is. Here it
// claims the place with its name, and the tail is moved behind it, by anybody.
type MPMC[T any] struct {
	tail    shmlab.Uint64 // how many were published, or one less    hint: anybody may move it on
	head    shmlab.Uint64 // how many were taken, or one less        hint: anybody may move it on
	pushed  shmlab.Uint32 // counts pushes: to sleep on              invariant
	popped  shmlab.Uint32 // counts pops: to sleep on                invariant
	pushers shmlab.Uint32 // how many wait, or are dead              hint: legal to be too high
	poppers shmlab.Uint32 // how many wait, or are dead              hint: legal to be too high
	limit   shmlab.Uint64 // how many it holds at most, if not slots; set before anybody comes
	slots   [slots]slot[T]
}

// A slot is a place in the queue, for each lap anew.
type slot[T any] struct {
	// 2*lap      empty            invariant
	// 2*lap+1    filled           invariant
	state shmlab.Uint64
	// 0          nobody           invariant
	// else       the producer that is filling it, as Proc.ID says it    invariant
	owner shmlab.Uint64
	value shmlab.Record[T]
}

// Init limits the queue to n values, 1 to 64.
func (q *MPMC[T]) Init(n int) { q.limit.Init(uint64(limited(n, slots))) }

func (q *MPMC[T]) size() uint64 {
	if n := q.limit.Peek(); n != 0 {
		return n
	}
	return slots
}

// place returns the slot of position n and the state in which it is empty then.
func (q *MPMC[T]) place(n uint64) (*slot[T], uint64) {
	return &q.slots[n%q.size()], 2 * (n / q.size())
}

// Len returns how many values are in the queue: for tests and views.
func (q *MPMC[T]) Len() int { return int(q.tail.Peek() - q.head.Peek()) }

// Push appends v, waiting while the queue is full.
func (q *MPMC[T]) Push(p *shmlab.Proc, v T) {
	p.Enter(trace.Release, q.tail.Is(0).Word())
	for try := 0; !q.tryPush(p, v); try++ {
		seen := q.popped.Load(p)
		q.pushers.Add(p, 1) // before the look; pairs with the addition and the load in tell
		full := q.full(p)
		if full {
			// No wake is lost between the look and the sleep: who pops after the look
			// counts popped up before the wake.
			_ = q.popped.Nap(p, seen, 0, try)
		}
		q.pushers.Add(p, ^uint32(0))
	}
	q.tell(p, &q.pushed, &q.poppers)
	p.Leave(true)
}

// full reports whether the place of the next value is not empty yet.
func (q *MPMC[T]) full(p *shmlab.Proc) bool {
	s, empty := q.place(q.tail.Load(p))
	return s.state.Load(p) < empty
}

// tryPush fills the next place, or reports that it is not empty yet.
func (q *MPMC[T]) tryPush(p *shmlab.Proc, v T) bool {
	for {
		tail := q.tail.Load(p)
		s, empty := q.place(tail)
		switch state := s.state.Load(p); { // pairs with the exchange in tryPop
		case state > empty:
			q.tail.CompareAndSwap(p, tail, tail+1) // who filled it has not come to it
		case state < empty:
			return false
		case q.claim(p, s):
			filled := s.state.Load(p) == empty // nobody did before it was claimed
			if filled {
				s.value.Set(p, v)
				shadowRelease(q)
				s.state.Store(p, empty+1) // publishes; pairs with the load in tryPop
				q.tail.CompareAndSwap(p, tail, tail+1)
			}
			s.owner.Store(p, 0)
			if filled {
				return true
			}
		}
	}
}

// claim makes p the one that fills a place, unless somebody alive is about to.
func (q *MPMC[T]) claim(p *shmlab.Proc, s *slot[T]) bool {
	owner := s.owner.Load(p)
	if owner != 0 && !p.Dead(owner) {
		p.Await(s.owner.Is(owner).Not().OrDeath())
		return false
	}
	return s.owner.CompareAndSwap(p, owner, p.ID())
}

// Pop takes the oldest value off, waiting while the queue is empty.
func (q *MPMC[T]) Pop(p *shmlab.Proc) (v T) {
	p.Enter(trace.Acquire, q.tail.Is(0).Word())
	for try := 0; !q.tryPop(p, &v); try++ {
		seen := q.pushed.Load(p)
		q.poppers.Add(p, 1) // before the look; pairs with the addition and the load in tell
		if q.empty(p) {
			// No wake is lost between the look and the sleep: who pushes after the
			// look counts pushed up before the wake.
			_ = q.pushed.Nap(p, seen, 0, try)
		}
		q.poppers.Add(p, ^uint32(0))
	}
	q.tell(p, &q.popped, &q.pushers)
	p.Leave(true)
	return v
}

// empty reports whether the place of the oldest value is not filled yet.
func (q *MPMC[T]) empty(p *shmlab.Proc) bool {
	s, empty := q.place(q.head.Load(p))
	return s.state.Load(p) == empty
}

// tryPop takes the oldest value, or reports that there is none. It reads the
// value before it takes it: if the exchange succeeds, nobody has written it since.
func (q *MPMC[T]) tryPop(p *shmlab.Proc, v *T) bool {
	for {
		head := q.head.Load(p)
		s, empty := q.place(head)
		switch state := s.state.Load(p); { // pairs with the store in tryPush
		case state == empty:
			return false
		case state > empty+1:
			q.head.CompareAndSwap(p, head, head+1) // who took it has not come to it
		case state == empty+1:
			*v = s.value.Get(p)
			if s.state.CompareAndSwap(p, state, state+1) { // gives the place back; pairs with the load in tryPush
				shadowAcquire(q)
				q.head.CompareAndSwap(p, head, head+1)
				return true
			}
		}
	}
}

// tell counts what happened at one end and wakes one who waits for it at the other.
func (q *MPMC[T]) tell(p *shmlab.Proc, what, waiting *shmlab.Uint32) {
	what.Add(p, 1)
	if waiting.Load(p) != 0 { // pairs with the addition before the look
		what.Wake(p, 1)
	}
}
