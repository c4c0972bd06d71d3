package shmsync

import "shmrace/shmlab"

// An account is what a [Semaphore] knows of one actor's permits, so exactly that
// what a dead actor has begun can be finished: whether its change of the word
// took place is never in doubt.
//
// A change is written into the book first, with a number. The exchange that
// makes it leaves the account and the number in the word, the tag; who changes
// the word next first writes the number into the account's seen, so that it is
// never only in memory that is gone. So a change took place if its number is
// in the word or seen. This makes the exchange detectable, in the sense of
// Friedman, Herlihy, Marathe and Petrank, "A persistent lock-free queue for
// non-volatile memory" (2018).
type account struct {
	// 0             nobody's                             invariant
	// anything else whose it is, as Proc.ID says it      invariant
	id   shmlab.Uint64
	book shmlab.Var[change] // only the owner writes it, or who has the lock repair when it is dead
	seen shmlab.Uint32      // the number of the last change that was overwritten in the word   invariant: never goes back
}

// A change is a page of an account's book.
//
//	bits 0-15   permits held before it
//	bits 16-39  its number
//	bits 40-56  permits it adds to the semaphore, plus 65536
//	bit 63      it is not finished
type change uint64

const (
	changeShift        = 16
	deltaShift         = 40
	numbers     uint32 = 1<<24 - 1
	deltaZero          = 1 << 16
	unfinished  change = 1 << 63
	nobody      uint64 = 0 // the tag of a change in nobody's name
)

func newChange(held int, number uint32, delta int) change {
	return change(held) | change(number)<<changeShift | change(delta+deltaZero)<<deltaShift | unfinished
}

func (c change) held() int      { return int(c & change(permits)) }
func (c change) number() uint32 { return uint32(c>>changeShift) & numbers }
func (c change) delta() int     { return int(c>>deltaShift&(1<<17-1)) - deltaZero }

// tag is what change c of account i leaves in the word.
func (c change) tag(i int) uint64 { return uint64(i+1) | uint64(c.number())<<8 }

// done is the book after change c, which took place or did not.
func (c change) done(took bool) change {
	held := c.held()
	if took {
		held -= c.delta()
	}
	return change(held) | change(c.number())<<changeShift
}

// find returns which account is p's, if there is one.
func (s *Semaphore) find(p *shmlab.Proc) (i int, ok bool) {
	for k := range s.accounts {
		i = (p.Index() + k) % len(s.accounts)
		if s.accounts[i].id.Peek() == p.ID() { // nobody else writes that
			return i, true
		}
	}
	return 0, false
}

// open returns p's account, a new one if it has none.
func (s *Semaphore) open(p *shmlab.Proc) int {
	if s.accounts[p.Index()].id.Peek() == p.ID() {
		return p.Index()
	}
	if i, ok := s.find(p); ok {
		return i
	}
	for {
		for k := range s.accounts {
			i := (p.Index() + k) % len(s.accounts)
			if s.accounts[i].id.Peek() == 0 && s.accounts[i].id.CompareAndSwap(p, 0, p.ID()) {
				return i
			}
		}
		if !s.bury(p) {
			panic("shmsync: more than 64 actors with a permit of a semaphore")
		}
	}
}

// begin writes down that account i is about to change the word by delta permits.
func (s *Semaphore) begin(p *shmlab.Proc, i, delta int) change {
	old := s.accounts[i].book.Get(p)
	c := newChange(old.held(), (old.number()+1)&numbers, delta)
	s.accounts[i].book.Set(p, c)
	return c
}

// finish writes down that change c of account i took place, or did not.
func (s *Semaphore) finish(p *shmlab.Proc, i int, c change, took bool) {
	s.accounts[i].book.Set(p, c.done(took))
}

// tagged is the word v with another tag. What the tag in v says is kept first.
func (s *Semaphore) tagged(p *shmlab.Proc, v, tag uint64) uint64 {
	if tag == nobody {
		return v
	}
	if last := v >> tagShift & 0xff; last != 0 && last != tag&0xff {
		seen, number := &s.accounts[last-1].seen, uint32(v>>(tagShift+8))
		for old := seen.Load(p); after(number, old); old = seen.Load(p) {
			seen.CompareAndSwap(p, old, number) // before the exchange of the word; pairs with the load in took
		}
	}
	return v&(1<<tagShift-1) | tag<<tagShift
}

// after reports whether number a was given after b; they wrap around.
func after(a, b uint32) bool { return a != b && (a-b)&numbers < 1<<23 }

// took reports whether change c of account i took place.
func (s *Semaphore) took(p *shmlab.Proc, i int, c change) bool {
	return s.word.Load(p)>>tagShift == c.tag(i) || // pairs with the exchange of the word, and is before the load of seen
		!after(c.number(), s.accounts[i].seen.Load(p))
}

// bury finishes what the dead have begun and gives back what they held. It
// reports whether there was anybody. If it is killed itself, the next goes on
// where it was.
func (s *Semaphore) bury(p *shmlab.Proc) (any bool) {
	for i := range s.accounts {
		a := &s.accounts[i]
		id := a.id.Peek()
		if id == 0 || !p.Dead(id) {
			continue
		}
		if s.repair.lock(p, 0) == ErrOwnerDied {
			s.repair.Consistent(p) // nothing is half done that the book does not tell
		}
		if a.id.Load(p) == id {
			any = true
			s.close(p, i)
			a.id.Store(p, 0)
		}
		s.repair.unlock(p)
	}
	return any
}

// close brings account i, whose actor is dead, to zero.
func (s *Semaphore) close(p *shmlab.Proc, i int) {
	c := s.accounts[i].book.Get(p)
	if c&unfinished != 0 {
		c = c.done(s.took(p, i, c))
		s.accounts[i].book.Set(p, c)
	}
	if c.held() > 0 {
		back := s.begin(p, i, c.held())
		s.give(p, back.tag(i), c.held())
		s.finish(p, i, back, true)
	}
}
