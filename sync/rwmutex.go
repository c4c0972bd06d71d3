package shmsync

import (
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// An RWMutex is a lock between processes that many may hold to read, or one to
// write. Its zero value is unlocked. At most 64 actors use it at once, each with an
// index of its own, and no actor holds it twice: a writer between the two would
// wait for the first, and the second for the writer.
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
// is two atomic operations, or, of an actor that is light, two stores and a few
// loads; see [shmlab.Proc.Light]. There is no system call. A reader writes down in
// a word of its own who it is, as in the distributed reader locks of Hsieh and Weihl
// (1992); a count of readers could not tell who is in it.
//
// That a reader's store comes before its load of the gate, light readers leave to
// the first writer, which fences for all and lets nobody in without a fence any
// more. Only when it was read so often since that this has paid, readers open the
// gate wide again: so writers that follow each other make no system call (Dice and
// Kogan, "BRAVO: biased locking for reader-writer locks", 2019; it goes by time).
type RWMutex struct {
	// readers[i] is the place of the actor with index i.
	// 0             nobody's                                       invariant
	// an ID         who reads or is about to, as Proc.ID says it   invariant
	// an ID | out   whose it is, who does not read: only that one writes it,
	//               or who has the same index after it             invariant
	readers [64]shmlab.Uint64
	top     shmlab.Uint32 // no place beyond was ever anybody's     invariant
	gate    shmlab.Uint32 // see below                              invariant
	asleep  shmlab.Uint32 // readers at the gate                    hint: legal to be too high,
	//                       for the dead stay counted; illegal to be too low
	left    shmlab.Uint32 // counts readers that left before a writer: to sleep on   invariant
	calm    shmlab.Uint32 // how often it was read since a writer came              hint
	writers RobustMutex
}

const out uint64 = 1 << shmlab.IDBits

// The gate.
const (
	gateWide   uint32 = iota // open, also to light readers without a fence
	gateClosed               // a writer has the lock, or waits for readers to leave
	gateGone                 // what is guarded was given up
	gateNarrow               // open to who fences: a writer was here
)

// calmReads is how many reads with a fence, each some 10 ns dearer than without,
// cost as much as the next writer's fence for all, which takes up to 10 us.
const calmReads = 1000

func open(gate uint32) bool { return gate == gateWide || gate == gateNarrow }

func (m *RWMutex) place(p *shmlab.Proc) *shmlab.Uint64 { return &m.readers[p.Index()&63] }

// RLock acquires m to read, waiting while a writer has it or waits for it. It
// returns nil, ErrOwnerDied or ErrNotRecoverable; with an error it does not hold m.
func (m *RWMutex) RLock(p *shmlab.Proc) error {
	slot, id := m.place(p), p.Quick()
	if raced || id == 0 || slot.Peek() != id|out {
		return m.rlock(p)
	}
	fenced := !p.Light() || m.gate.Peek() != gateWide
	if fenced {
		slot.Init(id) // before the load; pairs with the loads in drain
	} else {
		slot.Publish(id) // pairs with the loads in drain, by FenceAll in Lock
	}
	switch gate := m.gate.Peek(); { // pairs with the exchange in Lock and the store in Unlock
	case gate == gateWide:
		return nil
	case gate == gateNarrow && fenced:
		m.widen(p)
		return nil
	}
	m.leave(p, slot)
	return m.rlock(p)
}

// rlock is RLock as a step, the first time, and when a writer has m or waits for it.
func (m *RWMutex) rlock(p *shmlab.Proc) error {
	p.Enter(trace.RLock, m.gate.Is(gateClosed).Not().OrDeath())
	for try := 0; ; try++ {
		gate := m.gate.Load(p)
		if open(gate) {
			slot := m.enter(p)                     // before the load; pairs with the loads in drain
			if gate = m.gate.Load(p); open(gate) { // pairs with the exchange in Lock and the store in Unlock
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

// widen counts a read with a fence of who could do without, and opens the gate wide
// when there were enough. No writer is inside, for p is; one that comes now finds the
// gate wide, or this one fails.
func (m *RWMutex) widen(p *shmlab.Proc) {
	if !p.Light() {
		return
	}
	if n := m.calm.Peek() + 1; n < calmReads {
		m.calm.Publish(n)
	} else {
		m.gate.CompareAndSwap(p, gateNarrow, gateWide) // pairs with the exchange in Lock
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

// enter writes p down as a reader.
func (m *RWMutex) enter(p *shmlab.Proc) *shmlab.Uint64 {
	slot, id := m.place(p), p.ID()
	for {
		old := slot.Peek()
		switch {
		case old == id|out: // nobody else writes that
			slot.Store(p, id)
			return slot
		case old == id:
			panic("shmsync: RLock of an RWMutex that the actor holds to read")
		case old != 0 && old&out == 0 && !p.Dead(old):
			panic("shmsync: RLock of an RWMutex by two actors with one index")
		}
		at := uint32(p.Index())
		for top := m.top.Load(p); top <= at; top = m.top.Load(p) {
			m.top.CompareAndSwap(p, top, at+1) // before the exchange; pairs with the load in drain
		}
		if slot.CompareAndSwap(p, old, id) { // not if a writer strikes the dead one out
			return slot
		}
	}
}

// leave says that p does not read, and lets a writer that waits for it look again.
func (m *RWMutex) leave(p *shmlab.Proc, slot *shmlab.Uint64) {
	slot.Store(p, p.ID()|out)         // publishes, before the load; pairs with the load in drain
	if m.gate.Load(p) == gateClosed { // pairs with the exchange in Lock
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
	slot, id := m.place(p), p.Quick()
	if raced || id == 0 || slot.Peek() != id {
		m.runlock(p)
		return
	}
	if p.Light() && m.gate.Peek() == gateWide {
		slot.Publish(id | out) // pairs with the loads in drain, by FenceAll in Lock
	} else {
		slot.Init(id | out) // before the load; pairs with the loads in drain
	}
	// If the gate was wide and is not, whoever closed it has fenced, or is about to.
	if m.gate.Peek() == gateClosed { // pairs with the exchange in Lock
		m.tell(p)
	}
}

// runlock is RUnlock as a step, and by who does not hold m.
func (m *RWMutex) runlock(p *shmlab.Proc) {
	p.Enter(trace.RUnlock, m.gate.Is(gateClosed).Not().Word())
	slot := m.place(p)
	if slot.Peek() != p.ID() { // nobody else writes that
		panic("shmsync: RUnlock of an RWMutex that the actor does not hold")
	}
	shadowRelease(m)
	m.leave(p, slot)
	p.Leave(true)
}

// Lock acquires m to write, waiting while anybody has it. It holds m if it
// returns nil or ErrOwnerDied, and does not if it returns ErrNotRecoverable.
func (m *RWMutex) Lock(p *shmlab.Proc) error {
	p.Enter(trace.Lock, m.writers.free())
	err := m.writers.lock(p, 0)
	if err != ErrNotRecoverable {
		// Closed it is if a writer has died, perhaps before it fenced.
		if m.gate.Swap(p, gateClosed) != gateNarrow { // before the loads in drain; pairs with the loads in RLock and RUnlock
			p.FenceAll() // pairs with what is between the store and the load there
		}
		if !p.Stepped() {
			m.calm.Publish(0)
		}
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
			id := m.readers[i].Load(p) // pairs with the stores in enter, leave, RLock and RUnlock
			if id != 0 && id&out == 0 && !(p.Dead(id) && m.readers[i].CompareAndSwap(p, id, 0)) {
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
	gate := gateNarrow
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
		if id := m.readers[i].Peek(); id != 0 && id&out == 0 {
			n++
		}
	}
	return n
}
