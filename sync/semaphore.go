package shmsync

import (
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A Semaphore holds permits, at most 32,767. Its zero value has none.
//
// There are two ways to use it, and a program keeps to one. With Acquire and
// Release a permit belongs to the actor that acquired it, and goes back by itself
// if that actor dies, at whatever instruction: it is neither lost nor given
// twice. With Wait and Post, as in sem_wait(3), permits are signals and belong to
// nobody.
//
// What was done before a permit was given back is seen by who gets it. An
// uncontended Wait and Post are one atomic operation each, Acquire and Release one
// and two stores, and no system call. It is not fair.
//
// A death is noticed by who waits, at the end of a nap, and cleaned up by one who
// waits or comes to the dead actor's account; see [account].
type Semaphore struct {
	// bits 0-14   permits                              invariant
	// bit 15      there are too many: to be undone     invariant
	// bits 16-31  how many wait                        hint: legal to be too high,
	//             for the dead stay counted; illegal to be too low
	// bits 32-39  whose change was the last of an account, index plus 1   invariant
	// bits 40-63  which of its changes that was                            invariant
	word     shmlab.Uint64
	accounts [64]account
	repair   RobustMutex // who cleans up after the dead
}

const (
	permitBits        = 16
	permits    uint64 = 1<<permitBits - 1
	most              = 1<<(permitBits-1) - 1
	queued     uint64 = 1 << permitBits
	allQueued  uint64 = permits << permitBits
	tagShift          = 32
)

// Init gives the semaphore its first permits.
func (s *Semaphore) Init(n int) {
	if n < 0 || n > most {
		panic("shmsync: a semaphore has 0 to 32767 permits")
	}
	s.word.Init(uint64(n))
}

// Permits returns how many permits there are: for Always, Final and tests.
func (s *Semaphore) Permits() int { return int(s.word.Peek() & permits) }

func (s *Semaphore) some() shmlab.Guard { return s.word.Low(permitBits, 0).Not() }

// Acquire takes a permit for p, waiting while there is none.
func (s *Semaphore) Acquire(p *shmlab.Proc) {
	if p.Stepped() {
		p.Enter(trace.Acquire, s.some().OrDeath())
	}
	_ = s.acquire(p, 0) // without a deadline it cannot fail
}

// AcquireUntil is Acquire that gives up when the deadline has passed, with ErrTimeout.
func (s *Semaphore) AcquireUntil(p *shmlab.Proc, deadline shmlab.Deadline) error {
	p.Enter(trace.Acquire, s.some().Word())
	return s.acquire(p, deadline)
}

func (s *Semaphore) acquire(p *shmlab.Proc, deadline shmlab.Deadline) error {
	i := s.open(p)
	c := s.begin(p, i, -1)
	err := s.take(p, c.tag(i), deadline)
	s.finish(p, i, c, err == nil)
	p.Leave(err == nil)
	return err
}

// Release gives a permit of p's back. It panics if p has none.
func (s *Semaphore) Release(p *shmlab.Proc) {
	if p.Stepped() {
		p.Enter(trace.Release, s.some().Word())
	}
	i, ok := s.find(p)
	if !ok || s.accounts[i].book.Peek().held() == 0 {
		panic("shmsync: release of a permit that the actor does not have")
	}
	c := s.begin(p, i, 1)
	s.give(p, c.tag(i), 1)
	s.finish(p, i, c, true)
	p.Leave(true)
}

// Wait takes a permit that will belong to nobody, waiting while there is none.
func (s *Semaphore) Wait(p *shmlab.Proc) {
	// The low half is the number of permits: there are some, and nobody waits.
	if v := s.word.Peek(); raced || p.Stepped() || uint32(v)-1 >= most || !s.word.Exchange(v, v-1) { // pairs with the addition in Post
		s.wait(p)
	}
}

// wait is Wait as a step, and when there is no permit or others wait.
func (s *Semaphore) wait(p *shmlab.Proc) {
	p.Enter(trace.Acquire, s.some())
	_ = s.take(p, nobody, 0) // without a deadline it cannot fail
	p.Leave(true)
}

// WaitUntil is Wait that gives up when the deadline has passed, with ErrTimeout.
func (s *Semaphore) WaitUntil(p *shmlab.Proc, deadline shmlab.Deadline) error {
	p.Enter(trace.Acquire, s.some().Word())
	err := s.take(p, nobody, deadline)
	p.Leave(err == nil)
	return err
}

// TryWait takes a permit if there is one, and reports whether it did.
func (s *Semaphore) TryWait(p *shmlab.Proc) bool {
	p.Enter(trace.Acquire, s.some().Word())
	ok := false
	for v := s.word.Load(p); v&permits != 0 && !ok; v = s.word.Load(p) {
		ok = s.word.CompareAndSwap(p, v, v-1) // pairs with the operations in give
	}
	if ok {
		shadowAcquire(s)
	}
	p.Leave(ok)
	return ok
}

// Post adds a permit.
func (s *Semaphore) Post(p *shmlab.Proc) {
	if raced || p.Stepped() {
		s.post(p)
		return
	}
	// With nothing between, the compiler needs no load of s.word to see that there
	// is one: the addition would wait for it, which costs a pair 2 ns of 16.
	if v := s.word.Raise(); uint32(v)-1 >= most { // publishes; pairs with the exchanges in Wait and take
		s.posted(p, v, 1) // somebody waits, or there are too many
	}
}

// post is Post as a step.
func (s *Semaphore) post(p *shmlab.Proc) {
	p.Enter(trace.Release, s.some().Word())
	s.give(p, nobody, 1)
	p.Leave(true)
}

// posted does what there is to do when n permits were added and the word was v
// then: what it is by now may be somebody else's memory.
func (s *Semaphore) posted(p *shmlab.Proc, v uint64, n int) {
	if v&permits > most {
		for v = s.word.Load(p); v&permits > most && !s.word.CompareAndSwap(p, v, v-uint64(n)); v = s.word.Load(p) {
		}
		panic(tooMany)
	}
	if v&allQueued != 0 {
		s.word.Half().Wake(p, n)
	}
}

const tooMany = "shmsync: a semaphore has at most 32767 permits"

// take takes a permit, in the name that tag says.
func (s *Semaphore) take(p *shmlab.Proc, tag uint64, deadline shmlab.Deadline) error {
	counted := uint64(0)
	for try := 0; ; try++ {
		v := s.word.Load(p)
		if v&permits != 0 {
			if to := s.tagged(p, v, tag) - 1 - counted; s.word.CompareAndSwap(p, v, to) { // pairs with the operations in give
				if to&permits != 0 && to&allQueued != 0 {
					s.word.Half().Wake(p, 1) // passes on what somebody may have been killed with
				}
				shadowAcquire(s)
				return nil
			}
			continue
		}
		if s.bury(p) {
			continue
		}
		if counted == 0 {
			if p.Spin(try) || !s.word.CompareAndSwap(p, v, v+queued) {
				continue
			}
			counted, v, try = queued, v+queued, 0
		}
		// No wake is lost between the count and the sleep: a permit given in between
		// changes the word, and the nap returns at once.
		if s.word.Half().Nap(p, uint32(v), deadline, try) == shmlab.ErrTimeout {
			s.word.Add(p, -counted)
			return ErrTimeout
		}
	}
}

// give adds n permits, in the name that tag says.
func (s *Semaphore) give(p *shmlab.Proc, tag uint64, n int) {
	shadowRelease(s)
	if tag == nobody {
		s.posted(p, s.word.Add(p, uint64(n)), n) // publishes; pairs with the exchanges in Wait and take
		return
	}
	for {
		v := s.word.Load(p)
		if v&permits+uint64(n) > most {
			panic(tooMany)
		}
		if s.word.CompareAndSwap(p, v, s.tagged(p, v, tag)+uint64(n)) { // publishes; pairs with the exchanges in Wait and take
			if v&allQueued != 0 {
				s.word.Half().Wake(p, n)
			}
			return
		}
	}
}
