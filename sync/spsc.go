package shmsync

import (
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// ringSize is how many values a queue holds: a power of two.
const ringSize = 64

// An SPSC is a queue of values for one actor that pushes and one that pops at a
// time. Its zero value is empty. It blocks when it is full or empty.
//
// A value is there when Push returns, whole: a producer that is killed before
// has pushed nothing. One that a killed consumer had not popped is still there.
// Another actor may take the place of a dead one.
//
// What was done before Push is seen by who pops the value. Push and Pop are one
// atomic write and two reads each, and no system call unless the other sleeps.
// The algorithm is Lamport's, "Specifying concurrent program modules" (1983):
// each end is written by one actor alone.
type SPSC[T any] struct {
	tail     shmlab.Uint32 // how many were pushed     invariant; only the producer writes it
	producer shmlab.Uint32 // it waits, or is dead     hint: legal to be too high
	_        [56]byte      // the ends are not in one cache line
	head     shmlab.Uint32 // how many were popped     invariant; only the consumer writes it
	consumer shmlab.Uint32 // it waits, or is dead     hint: legal to be too high
	limit    shmlab.Uint32 // how many it holds at most, if not ringSize; set before anybody comes
	_        [52]byte
	slots    [ringSize]shmlab.Record[T]
}

// Init limits the queue to n values, 1 to 64.
func (q *SPSC[T]) Init(n int) { q.limit.Init(limited(n)) }

func limited(n int) uint32 {
	if n < 1 || n > ringSize {
		panic("shmsync: a queue holds 1 to 64 values")
	}
	return uint32(n)
}

func (q *SPSC[T]) size() uint32 {
	if n := q.limit.Peek(); n != 0 {
		return n
	}
	return ringSize
}

// Push appends v, waiting while the queue is full.
func (q *SPSC[T]) Push(p *shmlab.Proc, v T) {
	if p.Stepped() {
		p.Enter(trace.Release, q.tail.Is(0).Word())
	}
	tail := q.tail.Load(p)
	for head := q.head.Load(p); tail-head >= q.size(); head = q.head.Load(p) { // pairs with the store in Pop
		if !p.Spin(0) || !q.spin(p, &q.head, head) {
			sleepWhile(p, &q.head, head, &q.producer)
		}
	}
	q.slots[tail%ringSize].Set(p, v)
	shadowRelease(q)
	q.tail.Store(p, tail+1)      // publishes; pairs with the load in Pop
	if q.consumer.Load(p) != 0 { // pairs with the addition in sleepWhile
		q.tail.Wake(p, 1)
	}
	p.Leave(true)
}

// Pop takes the oldest value off, waiting while the queue is empty.
func (q *SPSC[T]) Pop(p *shmlab.Proc) T {
	if p.Stepped() {
		p.Enter(trace.Acquire, q.tail.Is(0).Word())
	}
	head := q.head.Load(p)
	for tail := q.tail.Load(p); tail == head; tail = q.tail.Load(p) { // pairs with the store in Push
		if !p.Spin(0) || !q.spin(p, &q.tail, tail) {
			sleepWhile(p, &q.tail, tail, &q.consumer)
		}
	}
	shadowAcquire(q)
	v := q.slots[head%ringSize].Get(p)
	q.head.Store(p, head+1)      // gives the place back; pairs with the load in Push
	if q.producer.Load(p) != 0 { // pairs with the addition in sleepWhile
		q.head.Wake(p, 1)
	}
	p.Leave(true)
	return v
}

// ringSpins is how many looks pay before a sleep: the answer of another processor
// takes a few hundred.
const ringSpins = 4000

// spin looks a while whether the word changes.
func (q *SPSC[T]) spin(p *shmlab.Proc, word *shmlab.Uint32, was uint32) (changed bool) {
	for range ringSpins {
		if word.Load(p) != was {
			return true
		}
	}
	return false
}

// sleepWhile sleeps at one end of a queue until the other end has moved.
func sleepWhile(p *shmlab.Proc, word *shmlab.Uint32, was uint32, waiting *shmlab.Uint32) {
	waiting.Add(p, 1) // before the look; pairs with the store and the load at the other end
	for try := 0; word.Load(p) == was; try++ {
		// No wake is lost between the look and the sleep: the word changes before
		// the wake, and the nap returns at once.
		_ = word.Nap(p, was, 0, try)
	}
	waiting.Add(p, ^uint32(0))
}
