package shmsync

import (
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A Mutex is a lock between processes. Its zero value is unlocked. A holder that
// is killed leaves it locked for ever: that takes a [RobustMutex]. A waiter that
// is killed harms nobody.
//
// What an actor wrote before Unlock is seen by whoever locks next. An uncontended
// Lock is one atomic operation, an Unlock is one as well or, of an actor that is
// light, a store and a load; see [shmlab.Proc.Light]. There is no system call. It is
// not fair: who comes at the right moment overtakes those who sleep.
//
// The algorithm is mutex2 of Drepper, "Futexes are tricky" (2011), section 6,
// but with a count where that has a third state. There, whoever finds the lock
// free takes it as uncontended; if the one that was woken in its favour is
// killed before it runs, the wake is lost and with it all who still sleep. The
// count is a word of its own, so that an Unlock need not exchange anything.
//
// Nobody sleeps for ever while the lock is free. Who sleeps has been counted since
// before it looked last, which it does when it falls asleep, with a fence for all
// between the two, and only it takes itself off, when it is the holder or gives up.
// So an Unlock that the look did not see looks at the count after that fence, finds
// it not zero, and wakes one; that one looks again, and either finds the lock free,
// or finds a holder, who will find the count not zero in its turn. All schedules of
// three actors prove it, each access a point. They need no fence: what a missing one
// does is seen by TestSleeperSeesLightHolder.
//
//	shmrace explore mutex/kit --inside-locks --strategy dpor
type Mutex struct {
	// 0             nobody holds it                   invariant
	// anything else who does, as its index plus 1     invariant
	holder  shmlab.Uint32
	waiting shmlab.Uint32 // how many wait             hint: legal to be too high,
	//                       for the dead stay counted; illegal to be too low
}

func me(p *shmlab.Proc) uint32 { return uint32(p.Index()) + 1 }

// Lock acquires m, waiting while it is held.
func (m *Mutex) Lock(p *shmlab.Proc) {
	if raced || !m.holder.Claim(p) { // pairs with the stores in Unlock
		m.lock(p)
	}
}

// lock is Lock as a step, and when m is held.
func (m *Mutex) lock(p *shmlab.Proc) {
	p.Enter(trace.Lock, m.holder.Is(0))
	_ = m.acquire(p, 0) // without a deadline it cannot fail
	p.Leave(true)
}

// LockUntil is Lock that gives up when the deadline has passed, with ErrTimeout.
func (m *Mutex) LockUntil(p *shmlab.Proc, deadline shmlab.Deadline) error {
	p.Enter(trace.TryLock, m.holder.Is(0).Word())
	err := m.acquire(p, deadline)
	p.Leave(err == nil)
	return err
}

func (m *Mutex) acquire(p *shmlab.Proc, deadline shmlab.Deadline) error {
	if !m.holder.CompareAndSwap(p, 0, me(p)) { // pairs with the stores in Unlock
		if err := m.lockSlow(p, deadline); err != nil {
			return err
		}
	}
	shadowAcquire(m)
	return nil
}

func (m *Mutex) lockSlow(p *shmlab.Proc, deadline shmlab.Deadline) error {
	counted := false
	for try := 0; ; try++ {
		s := m.holder.Load(p)
		if s == 0 {
			if !m.holder.CompareAndSwap(p, 0, me(p)) { // pairs with the stores in Unlock
				continue
			}
			if counted {
				m.waiting.Add(p, ^uint32(0))
			}
			return nil
		}
		if !counted {
			if p.Spin(try) {
				continue
			}
			m.waiting.Add(p, 1) // before the look of the nap; pairs with the loads in Unlock
			p.FenceAll()        // pairs with what is between the store and the load there
			counted, try = true, 0
		}
		// No wake is lost between the count and the sleep: an Unlock in between
		// changes the word, and the nap returns at once; one that comes later, be it
		// of another who has held the lock since, sees the count. Whether it was
		// woken, interrupted or for no reason, it looks again.
		if m.holder.Nap(p, s, deadline, try) == shmlab.ErrTimeout {
			m.waiting.Add(p, ^uint32(0))
			return ErrTimeout
		}
	}
}

// TryLock acquires m if it is free, and reports whether it did. It never waits.
func (m *Mutex) TryLock(p *shmlab.Proc) bool {
	p.Enter(trace.TryLock, m.holder.Is(0).Word())
	ok := m.holder.CompareAndSwap(p, 0, me(p)) // pairs with the stores in Unlock
	if ok {
		shadowAcquire(m)
	}
	p.Leave(ok)
	return ok
}

// Unlock releases m. It panics if p does not hold m.
//
// After the store the memory may already be somebody else's, as long as it is
// mapped: what is loaded then is no count, and the wake may be for a sleeper there,
// but every sleeper looks again.
func (m *Mutex) Unlock(p *shmlab.Proc) {
	if raced || p.Stepped() || m.holder.Peek() != me(p) {
		m.unlock(p)
		return
	}
	if p.Light() {
		m.holder.Publish(0) // pairs with the operations in Lock
	} else {
		m.holder.Init(0) // with a fence before the load; the same
	}
	if m.waiting.Peek() != 0 { // pairs with the addition in lockSlow, by FenceAll
		m.holder.Wake(p, 1)
	}
}

// unlock is Unlock as a step, and by who does not hold m.
func (m *Mutex) unlock(p *shmlab.Proc) {
	p.Enter(trace.Unlock, m.holder.Is(0).Word())
	if m.holder.Peek() != me(p) { // nobody else can make it mine, or not mine
		panic("shmsync: unlock of a Mutex that the actor does not hold")
	}
	shadowRelease(m)
	m.holder.Store(p, 0)        // publishes, before the load; pairs with the operations in Lock
	if m.waiting.Load(p) != 0 { // pairs with the addition in lockSlow
		m.holder.Wake(p, 1)
	}
	p.Leave(true)
}
