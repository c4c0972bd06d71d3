package shmsync

import (
	"fmt"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// ringSize is how many values an SPSC holds: a power of two. It is measured: a
// message of 64 bytes takes half as long again with 1024, twice as long with 64,
// even if no more than those are ever filled. Where both ends have one processor it
// is also how many a switch between them can move.
const ringSize = 4096

// An SPSC is a queue of values for one actor that pushes and one that pops at a
// time. Its zero value is empty. It blocks when it is full or empty.
//
// A value is there when Push returns, whole: a producer that is killed before
// has pushed it or has not. One that a killed consumer had not popped is still
// there. Another actor may take the place of a dead one.
//
// What was done before Push is seen by who pops the value. Push and Pop are
// ordinary loads and stores, no system call unless the other sleeps, and one
// cache line from processor to processor. Each end is written by one actor alone,
// as in Lamport's queue, "Specifying concurrent program modules" (1983), but the
// producer looks at the other end only when it may be full, and each place says
// by itself whether it is filled, as in "FastForward" (Giacomoni, Moseley and
// Vachharajani, 2008). Who goes to sleep pays for it that the other looks after
// it without a fence; see [shmlab.Proc.Light].
type SPSC[T any] struct {
	_      apart
	tail   shmlab.Uint32 // how many were pushed, or one less   hint: exact to who pushed last; only the producer writes it
	room   shmlab.Uint32 // how many were popped, at least      hint: legal to be too low; only the producer's
	pusher shmlab.Uint64 // who pushed last, as Proc.ID says it
	full   patience      // the producer's
	_      apart
	head   shmlab.Uint32 // how many were popped                invariant; only the consumer writes it
	empty  patience      // the consumer's
	_      apart
	waits  [2]shmlab.Uint32 // 1: the producer, the consumer waits   hint: legal to be 1, illegal to be 0 if it does
	limit  shmlab.Uint32    // how many it holds at most, if not ringSize; set before anybody comes
	_      apart
	places [ringSize]place[T]
}

// apart is between what different processors write: wherever a queue begins, they
// are in different cache lines.
type apart [64]byte

// The ends.
const (
	producer = iota
	consumer
)

// A place is one of an SPSC.
type place[T any] struct {
	number shmlab.Uint32 // of the value that is in it, from 1; 0: none was   invariant
	value  shmlab.Record[T]
}

func (q *SPSC[T]) place(n uint32) *place[T] { return &q.places[n%ringSize] }

// Init limits the queue to n values, 1 to 4096.
func (q *SPSC[T]) Init(n int) { q.limit.Init(limited(n, ringSize)) }

// limited is n, the limit of a queue that holds so many at most.
func limited(n, most int) uint32 {
	if n < 1 || n > most {
		panic(fmt.Sprintf("shmsync: a queue for %d values, expected 1 to %d", n, most))
	}
	return uint32(n)
}

func (q *SPSC[T]) size() uint32 {
	if n := q.limit.Peek(); n != 0 {
		return n
	}
	return ringSize
}

// Len returns how many values are in the queue, give or take the one under way:
// for tests and views.
func (q *SPSC[T]) Len() int { return int(int32(q.tail.Peek() - q.head.Peek())) }

// Push appends v, waiting while the queue is full.
func (q *SPSC[T]) Push(p *shmlab.Proc, v T) {
	tail := q.tail.Peek()
	if raced || !p.Light() || q.pusher.Peek() != p.Quick() || tail-q.room.Peek() >= q.size() {
		q.push(p, v)
		return
	}
	at := q.place(tail)
	at.value.InitFrom(&v)
	at.number.Publish(tail + 1) // pairs with the load in Pop
	q.tail.Publish(tail + 1)
	if q.waits[consumer].Peek() != 0 { // pairs with the store in sleepWhile
		at.number.Wake(p, 1)
	}
}

// push is Push as a step, and when there may be no room or p is a new producer.
func (q *SPSC[T]) push(p *shmlab.Proc, v T) {
	p.Lighten()
	p.Enter(trace.Release, q.tail.Is(0).Word())
	tail := q.tail.Load(p)
	if q.pusher.Load(p) != p.ID() {
		if q.place(tail).number.Load(p) == tail+1 {
			tail++ // the producer before was killed when its value was there
			q.tail.Store(p, tail)
		}
		q.pusher.Store(p, p.ID())
	}
	head := q.head.Load(p) // pairs with the store in Pop
	for ; tail-head >= q.size(); head = q.head.Load(p) {
		q.sleepWhile(p, &q.head, head, producer)
		q.gather(p, producer, tail)
	}
	q.room.Init(head) // nobody else looks at it
	at := q.place(tail)
	at.value.Set(p, v)
	shadowRelease(q)
	at.number.Store(p, tail+1) // publishes; pairs with the load in Pop
	q.tail.Store(p, tail+1)
	if q.waits[consumer].Load(p) != 0 { // pairs with the store in sleepWhile
		at.number.Wake(p, 1)
	}
	p.Leave(true)
}

// Pop takes the oldest value off, waiting while the queue is empty.
func (q *SPSC[T]) Pop(p *shmlab.Proc) T {
	if raced || !p.Light() {
		return q.pop(p)
	}
	head := q.head.Peek()
	at := q.place(head)
	for number := at.number.Peek(); number != head+1; number = at.number.Peek() { // pairs with the store in Push
		q.sleepWhile(p, &at.number, number, consumer)
		q.gather(p, consumer, head)
	}
	v := at.value.Peek()
	q.head.Publish(head + 1)           // gives the place back; pairs with the load in Push
	if q.waits[producer].Peek() != 0 { // pairs with the store in sleepWhile
		q.head.Wake(p, 1)
	}
	return v
}

// pop is Pop as a step, and the first time.
func (q *SPSC[T]) pop(p *shmlab.Proc) T {
	p.Lighten()
	p.Enter(trace.Acquire, q.tail.Is(0).Word())
	head := q.head.Load(p)
	at := q.place(head)
	for number := at.number.Load(p); number != head+1; number = at.number.Load(p) { // pairs with the store in Push
		q.sleepWhile(p, &at.number, number, consumer)
	}
	shadowAcquire(q)
	v := at.value.Get(p)
	q.head.Store(p, head+1)             // gives the place back; pairs with the load in Push
	if q.waits[producer].Load(p) != 0 { // pairs with the store in sleepWhile
		q.head.Wake(p, 1)
	}
	p.Leave(true)
	return v
}
