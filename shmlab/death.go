package shmlab

import (
	"encoding/binary"

	"shmrace/shmlab/trace"
)

// kill ends actor i, which dies of f where it stands, and lets the kernel's last
// words about it be heard.
func (s *scheduler) kill(i int, f trace.Fault) {
	s.watch.note(s, i, trace.Died)
	s.hear(i, trace.Injected, f.String())
	a := &s.actors[i]
	a.status, a.stopped, a.cause, s.killed = over, false, f, len(s.decisions)
	s.stand(i)
	s.left--
	s.due &^= 1 << i
	s.sleepers = without(s.sleepers, i)
	before := s.sleptOn()
	if s.observer != nil {
		s.lived = append(s.lived[:0], s.memory.bytes[:s.memory.layout.size]...)
	}
	if err := s.hurt(trace.Actor(i), f, true); err != nil {
		s.end(trace.Stuck, err)
		return
	}
	if s.observer != nil {
		s.marks()
	}
	for _, w := range before {
		now := uint32(s.memory.load(w.Off, w.Size))
		died := now&OwnerDied != 0 && uint32(w.want)&OwnerDied == 0 && now&OwnerWaits != 0
		unlocking := a.at.robust.pending == w.Off+1 && now == 0
		if died || unlocking {
			s.release(w.Off, 1)
		}
	}
	if s.always != nil && a.at.robust.tid != 0 { // the kernel may have marked its locks
		s.check(s.always)
	}
}

// marks finds out which words the kernel has marked.
func (s *scheduler) marks() {
	c := &s.choice
	for off := 0; off+4 <= len(s.lived); off += 4 {
		before := binary.NativeEndian.Uint32(s.lived[off:])
		if uint64(before) != s.memory.load(uint32(off), 4) {
			c.marked = append(c.marked, Touch{Off: uint32(off), Size: 4, Wrote: true, Before: uint64(before)})
		}
	}
}

// sleptOn returns each word that somebody sleeps on, with what it holds.
func (s *scheduler) sleptOn() (words []Point) {
	for _, i := range s.sleepers {
		w := s.actors[i].at.point
		w.want = s.memory.load(w.Off, w.Size)
		known := false
		for _, other := range words {
			known = known || other.Off == w.Off
		}
		if !known {
			words = append(words, w)
		}
	}
	return words
}

// napIsOver reports whether a is asleep and its nap is to end when nobody can
// step. Only a kill can make it worth while: it has not looked since, or the
// word has changed.
func (s *scheduler) napIsOver(a *actor) bool {
	point := &a.at.point
	return s.killed > 0 && a.status == asleep && point.nap && !a.stopped &&
		(a.looked < s.killed || s.memory.load(point.Off, point.Size) != point.want)
}
