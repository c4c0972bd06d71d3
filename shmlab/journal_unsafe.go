package shmlab

import (
	"fmt"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"

	"shmrace/shmlab/trace"
)

// A journal is what a free run is told and what it leaves behind, in a mapping
// apart from the state's: the plan of faults and, for each actor, what was done
// to it and what it did. The supervisor writes the first part before the actors
// are let go and reads the second when they are done, and believes nothing of
// it unchecked.
type journal struct {
	tickets atomic.Uint64 // given out so far
	_       [56]byte      // what follows is only read
	seed    uint64
	traps   uint32
	plan    [MaxTraps]snare
	pages   [trace.MaxActors]page
}

// A page is an actor's part of a journal.
type page struct {
	fires atomic.Uint64 // actions done
	fired [maxFired]shot
	final shot          // the last of them, also if it is not among those kept
	head  atomic.Uint64 // entries written, those overwritten included
	ring  [ringSize]entry
	tells atomic.Uint64 // calls and returns, those not kept included
	told  [maxTells]told
	sites atomic.Uint64 // call stacks met
	site  [maxSites][stackDepth]uint64
}

const (
	maxFired = MaxTraps // those that are told make a plan again
	ringSize = 1 << 16
	maxSites = 512
)

// A shot is a [Fired] as its actor writes it.
type shot struct {
	trap, action uint32
	occurrence   uint64
}

// A snare is a [Trap] in a journal.
type snare struct {
	label      [MaxLabel + 1]byte // ends with a 0
	low, high  uint32             // the bytes of the state that are its word; 0, 0: any
	occurrence uint32
	actor      int32
	kind       trace.Kind
	length     uint8 // of the chain
	chain      [MaxChain]Action
}

// An entry is one thing that an actor of a free run did.
type entry struct {
	before uint64 // the ticket taken before it; else that of the actor's last
	after  uint64 // the ticket taken after it; 0: none
	off    uint32
	kind   trace.Kind
	size   uint8
	failed bool
	own    bool   // before was taken for it
	site   uint32 // its call stack, from 1; 0: not known
}

// newJournal makes the file of a journal. It is sparse: what is not written
// costs nothing.
func newJournal() (fd int, err error) {
	return sealedFile("shmrace-journal", int64(unsafe.Sizeof(journal{})))
}

func mapJournal(fd int) (*journal, error) {
	b, err := mapShared(fd, 0, unsafe.Sizeof(journal{}), trace.MaxActors+2)
	if err != nil {
		return nil, err
	}
	return (*journal)(unsafe.Pointer(unsafe.SliceData(b))), nil
}

func (j *journal) unmap() error {
	if j == nil {
		return nil
	}
	return unix.MunmapPtr(unsafe.Pointer(j), unsafe.Sizeof(*j))
}

// begin makes ready for a run of n actors by the given plan.
func (j *journal) begin(n int, plan []Trap, seed uint64, l *layout) error {
	if len(plan) > MaxTraps {
		return fmt.Errorf("a plan of %d clauses: expected at most %d", len(plan), MaxTraps)
	}
	for i := range plan {
		if err := j.plan[i].set(&plan[i], l); err != nil {
			return fmt.Errorf("clause %d: %w", i+1, err)
		}
		if a := plan[i].Actor; int(a) >= n {
			return fmt.Errorf("clause %d: there is no actor %v: expected A to %v", i+1, a, trace.Actor(n-1))
		}
	}
	j.traps, j.seed = uint32(len(plan)), seed
	j.tickets.Store(0)
	for i := range n {
		p := &j.pages[i]
		p.fires.Store(0)
		p.head.Store(0)
		p.tells.Store(0)
		p.sites.Store(0)
	}
	return nil
}

func (s *snare) set(t *Trap, l *layout) error {
	if err := t.Check(); err != nil {
		return err
	}
	*s = snare{occurrence: uint32(t.Occurrence), actor: int32(t.Actor), kind: t.Kind, length: uint8(len(t.Chain))}
	copy(s.label[:], t.Label)
	copy(s.chain[:], t.Chain)
	if t.Word == "" {
		return nil
	}
	low, size, ok := l.locate(t.Word)
	if !ok {
		return fmt.Errorf("the state has no word %s: expected one as %s", t.Word, l.example())
	}
	s.low, s.high = uint32(low), uint32(low+size)
	return nil
}

// fires returns what was done to the first n actors, as far as it was kept, and
// how much there was in all.
func (j *journal) fires(n int, plan []Trap) (fired []Fired, all int, err error) {
	for i := range n {
		p := &j.pages[i]
		count := p.fires.Load()
		all += int(min(count, MaxCount))
		for _, s := range p.fired[:min(count, maxFired)] {
			if int64(s.trap) >= int64(len(plan)) || int64(s.action) >= int64(len(plan[s.trap].Chain)) || s.occurrence-1 >= 1<<62 {
				return nil, 0, fmt.Errorf("%v says that it did action %d of clause %d", trace.Actor(i), s.action, s.trap)
			}
			fired = append(fired, Fired{int(s.trap), int(s.action), trace.Actor(i), int(s.occurrence)})
		}
	}
	return fired, all, nil
}

// last returns the last action that was done to actor i.
func (p *page) last(plan []Trap) (a Action, ok bool) {
	s := p.final
	if p.fires.Load() == 0 || int64(s.trap) >= int64(len(plan)) || int64(s.action) >= int64(len(plan[s.trap].Chain)) {
		return a, false
	}
	return plan[s.trap].Chain[s.action], true
}
