package shmsync

import (
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A RobustMutex is a lock between processes that survives the death of whoever
// holds it, waits for it or is just taking or releasing it, at any instruction.
// Its zero value is unlocked.
//
// Whoever locks after a holder's death gets the lock and ErrOwnerDied. It looks
// after what the lock guards and calls Consistent; if it unlocks without, the
// lock is not recoverable from then on. A holder is a thread: if it ends, the
// lock is as good as if the process had. The main thread ends with its process.
//
// What an actor wrote before Unlock, or before it died, is seen by whoever locks
// next. An uncontended Lock and Unlock are one atomic operation each, a few
// stores and no system call. It is not fair.
//
// The death is noticed by the kernel, see [shmlab.Robust]. The protocol is the
// C library's but for two things: the waiters are counted, and the count is
// in the same 8 bytes as the owner, so that no instant is left in which the
// owner is new and those who wait are not marked.
type RobustMutex struct {
	// bits 0-30   see shmlab.Robust; with an owner, OwnerDied is: not yet
	//             consistent                                         invariant
	// bit 31      somebody waits: set in every word that has an owner
	//             and a count                                        hint, but for that
	// bits 32-62  how many wait                                      hint: legal to be
	//             too high, for the dead stay counted; illegal to be too low
	// bit 63      not recoverable                                    invariant
	word shmlab.Robust
}

const (
	oneWaits   uint64 = 1 << 32
	givenUp    uint64 = 1 << 63
	allWaiters        = givenUp - oneWaits
	everybody         = 1<<31 - 1 // to be woken
)

func (m *RobustMutex) free() shmlab.Guard { return m.word.Low(shmlab.OwnerWidth, 0) }

// Lock acquires m, waiting while it is held. It holds m if it returns nil or
// ErrOwnerDied, and does not if it returns ErrNotRecoverable. It panics if p
// holds m already.
func (m *RobustMutex) Lock(p *shmlab.Proc) error {
	if !raced && m.word.Take(p) { // pairs with Free in Unlock
		return nil
	}
	return m.lockStep(p)
}

// lockStep is Lock as a step, and when m is held.
func (m *RobustMutex) lockStep(p *shmlab.Proc) error {
	p.Enter(trace.Lock, m.free())
	err := m.lock(p, 0)
	p.Leave(err == nil || err == ErrOwnerDied)
	return err
}

// LockUntil is Lock that gives up when the deadline has passed, with ErrTimeout.
func (m *RobustMutex) LockUntil(p *shmlab.Proc, deadline shmlab.Deadline) error {
	p.Enter(trace.TryLock, m.free().Word())
	err := m.lock(p, deadline)
	p.Leave(err == nil || err == ErrOwnerDied)
	return err
}

// TryLock is Lock that does not wait, but returns ErrLocked.
func (m *RobustMutex) TryLock(p *shmlab.Proc) error {
	p.Enter(trace.TryLock, m.free().Word())
	err := ErrLocked
	m.word.Begin(p)
	for s := m.word.Load(p); s&shmlab.OwnerBits == 0; s = m.word.Load(p) {
		if s&givenUp != 0 {
			err = ErrNotRecoverable
			break
		}
		if m.word.CompareAndSwap(p, s, owned(p, s)) { // pairs with Free in Unlock
			err = m.acquired(p, s)
			break
		}
	}
	m.word.End(p)
	p.Leave(err == nil || err == ErrOwnerDied)
	return err
}

// lock is Lock without its step. From Begin to End the kernel wakes another
// sleeper if this actor dies while the word is free: the wake may have been for
// this one.
func (m *RobustMutex) lock(p *shmlab.Proc, deadline shmlab.Deadline) error {
	m.word.Begin(p)
	if !m.word.CompareAndSwap(p, 0, p.Thread()) { // pairs with Free in Unlock
		return m.lockSlow(p, deadline)
	}
	m.word.Link(p)
	m.word.End(p)
	shadowAcquire(m)
	return nil
}

func (m *RobustMutex) lockSlow(p *shmlab.Proc, deadline shmlab.Deadline) error {
	counted := uint64(0)
	for try := 0; ; try++ {
		s := m.word.Load(p)
		switch {
		case s&givenUp != 0:
			if s&allWaiters != 0 {
				m.word.Wake(p, 1) // each passes it on, if the one who gave up died before it woke all
			}
			m.word.End(p)
			return ErrNotRecoverable
		case s&shmlab.OwnerBits == 0:
			if m.word.CompareAndSwap(p, s, owned(p, s-counted)) { // pairs with Free in Unlock
				err := m.acquired(p, s)
				m.word.End(p)
				return err
			}
			continue
		case s&shmlab.OwnerBits == p.Thread():
			m.word.End(p)
			panic("shmsync: lock of a RobustMutex by the actor that holds it")
		}
		if counted == 0 {
			if p.Spin(try) || !m.word.CompareAndSwap(p, s, (s+oneWaits)|shmlab.OwnerWaits) {
				continue
			}
			counted, s, try = oneWaits, (s+oneWaits)|shmlab.OwnerWaits, 0
		}
		// No wake is lost between the count and the sleep: what an Unlock or a death
		// in between does to the word makes the nap return at once, and what comes
		// later sees the mark. Whether it was woken, interrupted or for no reason,
		// it looks again.
		if m.word.Nap(p, uint32(s), deadline, try) == shmlab.ErrTimeout {
			m.leave(p)
			return ErrTimeout
		}
	}
}

// owned is the free word s with p as its owner.
func owned(p *shmlab.Proc, s uint64) uint64 {
	s = s&^shmlab.OwnerWaits | p.Thread()
	if s&allWaiters != 0 {
		s |= shmlab.OwnerWaits
	}
	return s
}

// acquired is what is left to do when the word was s and is p's now.
func (m *RobustMutex) acquired(p *shmlab.Proc, s uint64) error {
	m.word.Link(p)
	shadowAcquire(m)
	if s&shmlab.OwnerDied != 0 {
		return ErrOwnerDied
	}
	return nil
}

// leave takes one who waits no longer off the count, and leaves no other trace.
func (m *RobustMutex) leave(p *shmlab.Proc) {
	for {
		s := m.word.Load(p)
		to := s - oneWaits
		if to&allWaiters == 0 {
			to &^= shmlab.OwnerWaits
		}
		if m.word.CompareAndSwap(p, s, to) {
			m.word.End(p)
			return
		}
	}
}

// Unlock releases m. It panics if p does not hold m. After ErrOwnerDied and
// without Consistent it gives m up: everybody gets ErrNotRecoverable.
func (m *RobustMutex) Unlock(p *shmlab.Proc) {
	if raced || !m.word.Give(p) { // publishes; pairs with the operations in Lock
		m.unlockStep(p)
	}
}

// unlockStep is Unlock as a step, and when its owner died.
func (m *RobustMutex) unlockStep(p *shmlab.Proc) {
	p.Enter(trace.Unlock, m.free().Word())
	m.unlock(p)
	p.Leave(true)
}

// unlock is Unlock without its step.
func (m *RobustMutex) unlock(p *shmlab.Proc) {
	s := m.owner(p, "unlock")
	shadowRelease(m)
	m.word.Begin(p)
	m.word.Unlink(p)
	if s&shmlab.OwnerDied != 0 {
		m.giveUp(p)
	} else if m.word.Free(p)&shmlab.OwnerWaits != 0 { // publishes; pairs with the operations in Lock
		m.word.Wake(p, 1)
	}
	m.word.End(p)
}

// abandoned reports whether the owner died and nobody has taken its place.
func (m *RobustMutex) abandoned() bool {
	return m.word.Peek()&(shmlab.OwnerBits|shmlab.OwnerDied) == shmlab.OwnerDied
}

// owner returns the word, which must name p. Nobody else can make it do so, or
// not do so: it takes no point to look.
func (m *RobustMutex) owner(p *shmlab.Proc, what string) uint64 {
	s := m.word.Peek()
	if t := p.Thread(); t == 0 || s&shmlab.OwnerBits != t {
		panic("shmsync: " + what + " of a RobustMutex that the actor does not hold")
	}
	return s
}

func (m *RobustMutex) giveUp(p *shmlab.Proc) {
	for {
		s := m.word.Load(p)
		if m.word.CompareAndSwap(p, s, s&allWaiters|givenUp) {
			m.word.Wake(p, everybody)
			return
		}
	}
}

// Consistent says that what m guards is whole again. It panics if p does not
// hold m, or got it without ErrOwnerDied.
func (m *RobustMutex) Consistent(p *shmlab.Proc) {
	if m.owner(p, "Consistent")&shmlab.OwnerDied == 0 {
		panic("shmsync: Consistent of a RobustMutex whose owner did not die")
	}
	p.Enter(trace.Release, m.free().Word())
	for s := m.word.Load(p); !m.word.CompareAndSwap(p, s, s&^shmlab.OwnerDied); s = m.word.Load(p) {
	}
	p.Leave(true)
}

// Victim returns who died, as [shmlab.Proc.ID] named it, to an actor that was
// told ErrOwnerDied and holds m. It is 0 if the owner died within Lock or
// Unlock itself: what m guards was not touched then.
func (m *RobustMutex) Victim() uint64 { return m.word.Before() }
