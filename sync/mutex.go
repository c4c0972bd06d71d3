package shmsync

import (
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A Mutex is a lock between processes. Its zero value is unlocked. It must not
// be copied, and is not told who holds it: a holder that is killed leaves it
// locked for ever.
//
// What a goroutine wrote before Unlock is seen by whoever locks next. An
// uncontended Lock and Unlock are one atomic operation each and no system call.
//
// The algorithm is mutex2 of Drepper, "Futexes are tricky" (2011), section 6.
type Mutex struct {
	// state       who may be asleep       invariant or hint
	// free        nobody                  invariant
	// held        nobody                  invariant
	// contended   perhaps somebody        hint: legal to set with nobody asleep,
	//                                     illegal to leave unset with somebody
	state shmlab.Uint32
}

const (
	free uint32 = iota
	held
	contended
)

// Lock acquires m, waiting while it is held.
func (m *Mutex) Lock(p *shmlab.Proc) {
	if !m.state.Quick(p, free, held) { // pairs with the exchange in Unlock
		m.lock(p)
	}
}

// lock is Lock as a step, and when m is held.
func (m *Mutex) lock(p *shmlab.Proc) {
	p.Enter(trace.Lock, m.state.Is(free))
	if !m.state.CompareAndSwap(p, free, held) { // pairs with the exchange in Unlock
		m.lockSlow(p)
	}
	p.Leave(true)
}

// lockSlow takes m as contended: this actor cannot know whether others sleep,
// so its Unlock must wake one.
func (m *Mutex) lockSlow(p *shmlab.Proc) {
	for m.state.Swap(p, contended) != free { // pairs with the exchange in Unlock
		// No wake is lost between the exchange and the sleep: an Unlock in between
		// makes the word free, and the wait returns at once. Whether it was woken,
		// interrupted or for no reason, it looks again.
		_ = m.state.Wait(p, contended, 0)
	}
}

// TryLock acquires m if it is free, and reports whether it did. It never waits.
func (m *Mutex) TryLock(p *shmlab.Proc) bool {
	p.Enter(trace.TryLock, m.state.Is(free).Word())
	ok := m.state.CompareAndSwap(p, free, held) // pairs with the exchange in Unlock
	p.Leave(ok)
	return ok
}

// Unlock releases m. It panics if m is not locked.
func (m *Mutex) Unlock(p *shmlab.Proc) {
	if !m.state.Quick(p, held, free) { // publishes; pairs with the operations in Lock
		m.unlock(p)
	}
}

// unlock is Unlock as a step, and when somebody may be asleep.
func (m *Mutex) unlock(p *shmlab.Proc) {
	p.Enter(trace.Unlock, m.state.Is(free).Word())
	switch m.state.Swap(p, free) { // publishes; pairs with the operations in Lock
	case free:
		panic("shmsync: unlock of an unlocked Mutex")
	case contended:
		m.state.Wake(p, 1)
	}
	p.Leave(true)
}
