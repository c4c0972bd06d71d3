package shmsync

import (
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A Cond lets actors wait until something may have changed. Its zero value has
// nobody waiting. As with every condition variable, Wait may return for no
// reason, and the condition is looked at again in a loop:
//
//	s.Mu.Lock(p)
//	for !condition() {
//		s.Cond.Wait(p, &s.Mu)
//	}
//
// A waiter that is killed harms nobody: if a Signal was for it, the others look
// again at the end of their naps.
//
// The sequence number is Drepper's, "Futexes are tricky" (2011), section 9:
// without it a Signal between the Unlock in Wait and the sleep would be lost.
type Cond struct {
	seq     shmlab.Uint32 // counts the Signals and Broadcasts      invariant
	waiters shmlab.Uint32 // how many wait                          hint: legal to be
	//                       too high, for the dead stay counted; illegal to be too low
}

// Wait unlocks m, waits for a Signal or Broadcast that comes after, and locks m.
func (c *Cond) Wait(p *shmlab.Proc, m *Mutex) {
	seq := c.begin(p)
	m.Unlock(p)
	_ = c.sleep(p, seq, 0) // without a deadline it cannot fail
	m.Lock(p)
}

// WaitUntil is Wait that also returns, with ErrTimeout, when the deadline has
// passed. Either way m is locked.
func (c *Cond) WaitUntil(p *shmlab.Proc, m *Mutex, deadline shmlab.Deadline) error {
	seq := c.begin(p)
	m.Unlock(p)
	err := c.sleep(p, seq, deadline)
	m.Lock(p)
	return err
}

// WaitRobust is Wait with a RobustMutex, and returns what its Lock does.
func (c *Cond) WaitRobust(p *shmlab.Proc, m *RobustMutex) error {
	seq := c.begin(p)
	m.Unlock(p)
	_ = c.sleep(p, seq, 0) // without a deadline it cannot fail
	return m.Lock(p)
}

// begin says, before the lock is given back, that p will wait, and from when on
// a Signal is for it.
func (c *Cond) begin(p *shmlab.Proc) (seq uint32) {
	p.Enter(trace.Release, c.seq.Is(0).Word())
	c.waiters.Add(p, 1) // before the load; pairs with the addition and the load in notify
	seq = c.seq.Load(p)
	p.Leave(true)
	return seq
}

// sleep returns when the sequence number is another.
func (c *Cond) sleep(p *shmlab.Proc, seq uint32, deadline shmlab.Deadline) error {
	for try := 0; ; try++ {
		// No wake is lost between the Unlock and the sleep: a Signal in between
		// changes the number, and the nap returns at once.
		err := c.seq.Nap(p, seq, deadline, try)
		p.Enter(trace.Acquire, c.seq.Is(seq).Word())
		over := err == ErrTimeout || c.seq.Load(p) != seq
		if over {
			c.waiters.Add(p, ^uint32(0))
		}
		p.Leave(over)
		if err == ErrTimeout {
			return err
		} else if over {
			return nil
		}
	}
}

// Signal lets one of those who wait go on, if there are any. Whoever changes the
// condition holds the lock while it does, but need not hold it here.
func (c *Cond) Signal(p *shmlab.Proc) { c.notify(p, 1) }

// Broadcast lets all who wait go on.
func (c *Cond) Broadcast(p *shmlab.Proc) { c.notify(p, everybody) }

func (c *Cond) notify(p *shmlab.Proc, n int) {
	p.Enter(trace.Release, c.seq.Is(0).Word())
	c.seq.Add(p, 1)
	if c.waiters.Load(p) != 0 { // pairs with the addition in begin
		c.seq.Wake(p, n)
	}
	p.Leave(true)
}
