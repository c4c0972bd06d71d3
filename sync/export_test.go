package shmsync

import "shmrace/shmlab"

// Waiters returns how many the lock counts as waiting.
func (m *RobustMutex) Waiters() int { return int(m.word.Peek() & allWaiters >> 32) }

// WillWake reports whether the owner's Unlock, or its death, wakes a sleeper.
func (m *RobustMutex) WillWake() bool { return m.word.Peek()&shmlab.OwnerWaits != 0 }

// Word returns the lock's word.
func (m *RobustMutex) Word() uint64 { return m.word.Peek() }

// Waiters returns how many the lock counts as waiting.
func (m *Mutex) Waiters() int { return int(m.waiting.Peek()) }

// CountWaiter counts one as waiting that does not.
func (m *Mutex) CountWaiter() { m.waiting.Init(m.waiting.Peek() + 1) }

// Raced is whether the race detector is there.
const Raced = raced

// Wide reports whether light readers need no fence.
func (m *RWMutex) Wide() bool { return m.gate.Peek() == gateWide }

// Widen opens the gate wide as after many reads, if no writer is there.
func (m *RWMutex) Widen(p *shmlab.Proc) { m.gate.CompareAndSwap(p, gateNarrow, gateWide) }

// CalmReads is how many reads open the gate wide.
const CalmReads = calmReads

// Waiters returns how many the semaphore counts as waiting.
func (s *Semaphore) Waiters() int { return int(s.word.Peek() & allQueued >> permitBits) }

// Word returns the semaphore's word.
func (s *Semaphore) Word() uint64 { return s.word.Peek() }

// Waiters returns how many the condition variable counts as waiting.
func (c *Cond) Waiters() int { return int(c.waiters.Peek()) }

// Came returns another number when another has come.
func (l *TicketLock) Came() uint64 { return uint64(l.next.Peek()) }

// Came returns another number when another has come.
func (l *MCSLock) Came() uint64 { return uint64(l.tail.Peek()) }

// Came returns another number when another has come.
func (l *Bakery) Came() (sum uint64) {
	for i := range l.number {
		sum += uint64(l.number[i].Peek())
	}
	return sum
}

// SetNumber makes number that of p's last change.
func (s *Semaphore) SetNumber(p *shmlab.Proc, number uint32) {
	a := &s.accounts[s.open(p)]
	a.book.Init(change(number) << changeShift)
	a.seen.Init(number)
}

// SetPosition makes n the number of values pushed and popped.
func (q *SPSC[T]) SetPosition(n uint32) {
	q.tail.Init(n)
	q.head.Init(n)
	q.room.Init(n)
	for at := n; at != n+ringSize; at++ {
		q.place(at).number.Init(at + 1 - ringSize)
	}
}

// There reports whether Pop would not wait.
func (q *SPSC[T]) There() bool {
	head := q.head.Peek()
	return q.place(head).number.Peek() == head+1
}

// SetNext makes n the next ticket, and the next that is served.
func (l *TicketLock) SetNext(n uint32) {
	l.next.Init(n)
	l.serving.Init(n)
}

// InitMask says that the actors of a set have to come.
func (b *Barrier) InitMask(set uint64) { b.parties.Init(set) }

// SetRound makes n the number of the round.
func (b *Barrier) SetRound(n uint32) { b.round.Init(n) }
