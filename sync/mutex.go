package shmsync

import (
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A Mutex is a lock between processes. Its zero value is unlocked. A holder that
// is killed leaves it locked for ever: that takes a [RobustMutex]. A waiter that
// is killed harms nobody.
//
// What an actor wrote before Unlock is seen by whoever locks next. An
// uncontended Lock and Unlock are one atomic operation each and no system call.
// It is not fair: who comes at the right moment overtakes those who sleep.
//
// The algorithm is mutex2 of Drepper, "Futexes are tricky" (2011), section 6,
// but with a count where that has a third state. There, whoever finds the lock
// free takes it as uncontended; if the one that was woken in its favour is
// killed before it runs, the wake is lost and with it all who still sleep.
//
// Nobody sleeps for ever while the lock is free. Who sleeps is counted in the word
// and has been since before it looked last, and only it takes itself off, with the
// exchange that makes it the holder or when it gives up. So whoever frees the lock
// while anybody sleeps finds the word not zero, and wakes one; that one looks
// again, and either finds the lock free, or finds a holder, who will find the word
// not zero in its turn. The inlined ways change no word that counts anybody. All
// schedules of three actors prove it, each access a point:
//
//	shmrace explore mutex/kit --inside-locks
type Mutex struct {
	// bits 0-6   who holds it, as its index plus 1; 0: nobody   invariant
	// bits 7-31  how many wait                                  hint: legal to be
	//            too high, for the dead stay counted; illegal to be too low
	state shmlab.Uint32
}

const (
	holderBits        = 7
	holder     uint32 = 1<<holderBits - 1
	waiter     uint32 = 1 << holderBits
)

func me(p *shmlab.Proc) uint32 { return uint32(p.Index()) + 1 }

// Lock acquires m, waiting while it is held.
func (m *Mutex) Lock(p *shmlab.Proc) {
	if raced || !m.state.Claim(p) { // pairs with the operations in Unlock
		m.lock(p)
	}
}

// lock is Lock as a step, and when m is held.
func (m *Mutex) lock(p *shmlab.Proc) {
	p.Enter(trace.Lock, m.state.Low(holderBits, 0))
	if !m.state.CompareAndSwap(p, 0, me(p)) { // pairs with the subtraction in Unlock
		_ = m.lockSlow(p, 0) // without a deadline it cannot fail
	}
	shadowAcquire(m)
	p.Leave(true)
}

// LockUntil is Lock that gives up when the deadline has passed, with ErrTimeout.
func (m *Mutex) LockUntil(p *shmlab.Proc, deadline shmlab.Deadline) error {
	p.Enter(trace.TryLock, m.state.Low(holderBits, 0).Word())
	var err error
	if !m.state.CompareAndSwap(p, 0, me(p)) { // pairs with the subtraction in Unlock
		err = m.lockSlow(p, deadline)
	}
	if err == nil {
		shadowAcquire(m)
	}
	p.Leave(err == nil)
	return err
}

func (m *Mutex) lockSlow(p *shmlab.Proc, deadline shmlab.Deadline) error {
	counted := uint32(0)
	for try := 0; ; try++ {
		s := m.state.Load(p)
		if s&holder == 0 {
			if m.state.CompareAndSwap(p, s, s+me(p)-counted) { // pairs with the subtraction in Unlock
				return nil
			}
			continue
		}
		if counted == 0 {
			if p.Spin(try) || !m.state.CompareAndSwap(p, s, s+waiter) {
				continue
			}
			counted, s, try = waiter, s+waiter, 0
		}
		// No wake is lost between the count and the sleep: an Unlock in between
		// changes the word, and the nap returns at once; one that comes later
		// sees the count. Whether it was woken, interrupted or for no reason, it
		// looks again.
		if m.state.Nap(p, s, deadline, try) == shmlab.ErrTimeout {
			m.state.Add(p, -counted)
			return ErrTimeout
		}
	}
}

// TryLock acquires m if it is free, and reports whether it did. It never waits.
func (m *Mutex) TryLock(p *shmlab.Proc) bool {
	p.Enter(trace.TryLock, m.state.Low(holderBits, 0).Word())
	ok := false
	for s := m.state.Load(p); s&holder == 0 && !ok; s = m.state.Load(p) {
		ok = m.state.CompareAndSwap(p, s, s+me(p)) // pairs with the subtraction in Unlock
	}
	if ok {
		shadowAcquire(m)
	}
	p.Leave(ok)
	return ok
}

// Unlock releases m. It panics if p does not hold m.
//
// After the subtraction the memory may already be somebody else's, and the wake
// may be for a sleeper there: every sleeper looks again.
func (m *Mutex) Unlock(p *shmlab.Proc) {
	if raced || !m.state.Disclaim(p) { // publishes; pairs with the operations in Lock
		m.unlock(p)
	}
}

// unlock is Unlock as a step, and when somebody may be asleep.
func (m *Mutex) unlock(p *shmlab.Proc) {
	p.Enter(trace.Unlock, m.state.Low(holderBits, 0).Word())
	if m.state.Peek()&holder != me(p) { // nobody else can make it mine, or not mine
		panic("shmsync: unlock of a Mutex that the actor does not hold")
	}
	shadowRelease(m)
	if m.state.Add(p, -me(p)) != 0 { // publishes; pairs with the operations in Lock
		m.state.Wake(p, 1)
	}
	p.Leave(true)
}
