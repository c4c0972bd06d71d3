package shmsync

import (
	"math"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// An RWMutex is a lock between processes that many may hold to read, or one to
// write. Its zero value is unlocked. At most 64 actors hold it at once, and no
// actor holds it twice: a writer between the two would wait for the first, and
// the second for the writer.
//
// Writers go first: as soon as one has come, no further reader is let in, so no
// stream of readers starves a writer. Between two writers waiting readers may or
// may not get in.
//
// A reader that dies is waited for no longer than until the writer's nap ends. A
// writer that dies leaves what is guarded half changed: the next writer gets
// ErrOwnerDied with the lock, as from a [RobustMutex], readers get ErrOwnerDied
// without it until a writer has said that all is well.
//
// What a writer wrote before Unlock is seen by whoever locks next, and what a
// reader read is not overwritten before its RUnlock. An uncontended pair to read
// is two atomic operations and no system call. A reader writes down in a word of
// its own who it is, as in the distributed reader locks of Hsieh and Weihl
// (1992); a count of readers could not tell who is in it.
type RWMutex struct {
	// 0             nobody, ever                                   invariant
	// vacant        nobody                                         invariant
	// anything else who reads or is about to, as Proc.ID says it   invariant
	readers [64]shmlab.Uint64
	top     shmlab.Uint32 // no place beyond was ever anybody's     invariant
	gate    shmlab.Uint32 // see below                              invariant
	asleep  shmlab.Uint32 // readers at the gate                    hint: legal to be too high,
	//                       for the dead stay counted; illegal to be too low
	left    shmlab.Uint32 // counts readers that left before a writer: to sleep on   invariant
	writers RobustMutex
}

const vacant = math.MaxUint64

// The gate.
const (
	gateOpen   uint32 = iota
	gateClosed        // a writer has the lock, or waits for readers to leave
	gateGone          // what is guarded was given up
)

// RLock acquires m to read, waiting while a writer has it or waits for it. It
// returns nil, ErrOwnerDied or ErrNotRecoverable; with an error it does not hold m.
func (m *RWMutex) RLock(p *shmlab.Proc) error {
	// A place that is vacant, and not merely nobody's, is one that writers look at.
	id, slot := p.Quick(), &m.readers[p.Index()&63]
	if !raced && id != 0 && slot.Exchange(vacant, id) { // before the load; pairs with the loads in drain
		if m.gate.Peek() == gateOpen { // pairs with the stores of gate in Lock and Unlock
			return nil
		}
		m.leave(p, slot)
	}
	return m.rlock(p)
}

// rlock is RLock as a step, and when a writer has m or waits for it.
func (m *RWMutex) rlock(p *shmlab.Proc) error {
	p.Enter(trace.RLock, m.gate.Is(gateClosed).Not().OrDeath())
	for try := 0; ; try++ {
		gate := m.gate.Load(p)
		if gate == gateOpen {
			slot := m.enter(p)                           // before the load; pairs with the loads in drain
			if gate = m.gate.Load(p); gate == gateOpen { // pairs with the stores of gate in Lock and Unlock
				shadowAcquire(m)
				p.Leave(true)
				return nil
			}
			m.leave(p, slot)
		}
		if err := m.shut(gate); err != nil {
			p.Leave(false)
			return err
		}
		// No wake is lost between the load and the sleep: a gate that was opened in
		// between makes the nap return at once, and who opens it later sees the count.
		m.asleep.Add(p, 1)
		_ = m.gate.Nap(p, gate, 0, try)
		m.asleep.Add(p, ^uint32(0))
	}
}

// shut says why a gate that is not open will not open by itself.
func (m *RWMutex) shut(gate uint32) error {
	switch {
	case gate == gateGone:
		return ErrNotRecoverable
	case m.writers.abandoned():
		return ErrOwnerDied
	}
	return nil
}

// enter writes p down as a reader, where its index says or in the next free place.
func (m *RWMutex) enter(p *shmlab.Proc) *shmlab.Uint64 {
	for i := range m.readers {
		at := (p.Index() + i) % len(m.readers)
		slot := &m.readers[at]
		for top := m.top.Load(p); top <= uint32(at); top = m.top.Load(p) {
			m.top.CompareAndSwap(p, top, uint32(at)+1) // before the exchange; pairs with the load in drain
		}
		if old := slot.Peek(); (old == 0 || old == vacant) && slot.CompareAndSwap(p, old, p.ID()) {
			return slot
		}
		if slot.Peek() == p.ID() {
			panic("shmsync: RLock of an RWMutex that the actor holds to read")
		}
	}
	panic("shmsync: more than 64 readers of an RWMutex")
}

// leave strikes p out, and lets a writer that waits for it look again.
func (m *RWMutex) leave(p *shmlab.Proc, slot *shmlab.Uint64) {
	slot.Store(p, vacant) // publishes; pairs with the load in drain
	if m.gate.Load(p) != gateOpen {
		m.tell(p)
	}
}

// tell says that a reader has left.
func (m *RWMutex) tell(p *shmlab.Proc) {
	m.left.Add(p, 1)
	m.left.Wake(p, 1)
}

// RUnlock releases m. It panics if p does not hold m to read.
func (m *RWMutex) RUnlock(p *shmlab.Proc) {
	id, slot := p.Quick(), &m.readers[p.Index()&63]
	if raced || id == 0 || !slot.Exchange(id, vacant) { // publishes; pairs with the load in drain
		m.runlock(p)
	} else if m.gate.Peek() != gateOpen { // pairs with the store of gate in Lock
		m.tell(p)
	}
}

// runlock is RUnlock as a step, and when p is not where its index says.
func (m *RWMutex) runlock(p *shmlab.Proc) {
	p.Enter(trace.RUnlock, m.gate.Is(gateOpen).Word())
	for i, id := 0, p.ID(); i < len(m.readers); i++ {
		if slot := &m.readers[(p.Index()+i)%len(m.readers)]; slot.Peek() == id { // nobody else writes that
			shadowRelease(m)
			m.leave(p, slot)
			p.Leave(true)
			return
		}
	}
	panic("shmsync: RUnlock of an RWMutex that the actor does not hold")
}

// Lock acquires m to write, waiting while anybody has it. It holds m if it
// returns nil or ErrOwnerDied, and does not if it returns ErrNotRecoverable.
func (m *RWMutex) Lock(p *shmlab.Proc) error {
	p.Enter(trace.Lock, m.writers.free())
	err := m.writers.lock(p, 0)
	if err != ErrNotRecoverable {
		m.gate.Store(p, gateClosed) // before the loads in drain; pairs with the load in RLock
		m.drain(p)
		shadowAcquire(m)
	}
	p.Leave(err != ErrNotRecoverable)
	return err
}

// drain waits until no reader is left, and strikes out those that have died.
func (m *RWMutex) drain(p *shmlab.Proc) {
	for try := 0; ; try++ {
		left := m.left.Load(p)
		waitFor := 0
		for i := range m.top.Load(p) {
			id := m.readers[i].Load(p) // pairs with the exchange in enter and the store in leave
			if id != 0 && id != vacant && !(p.Dead(id) && m.readers[i].CompareAndSwap(p, id, vacant)) {
				waitFor++
			}
		}
		if waitFor == 0 {
			return
		}
		// No wake is lost between the look and the sleep: a reader that leaves after
		// it was looked at sees the gate closed, and counts left up before the wake.
		_ = m.left.Nap(p, left, 0, try)
	}
}

// Unlock releases m. It panics if p does not hold m to write. After ErrOwnerDied
// and without Consistent it gives m up: everybody gets ErrNotRecoverable.
func (m *RWMutex) Unlock(p *shmlab.Proc) {
	p.Enter(trace.Unlock, m.writers.free().Word())
	gate := gateOpen
	if m.writers.owner(p, "unlock")&shmlab.OwnerDied != 0 {
		gate = gateGone
	}
	shadowRelease(m)
	m.gate.Store(p, gate)      // publishes; pairs with the load in RLock
	if m.asleep.Load(p) != 0 { // pairs with the addition in RLock
		m.gate.Wake(p, everybody)
	}
	m.writers.unlock(p)
	p.Leave(true)
}

// Consistent says that what m guards is whole again. It panics if p does not
// hold m to write, or got it without ErrOwnerDied.
func (m *RWMutex) Consistent(p *shmlab.Proc) { m.writers.Consistent(p) }

// Readers returns how many hold m to read, the dead included: for tests and views.
func (m *RWMutex) Readers() (n int) {
	for i := range m.readers {
		if id := m.readers[i].Peek(); id != 0 && id != vacant {
			n++
		}
	}
	return n
}
