package ipc

import (
	"strings"

	"golang.org/x/sys/unix"
)

// probes are the questions of the table about a subject, by the names of the
// facts. Each makes a specimen of its own.
var probes = []struct {
	name string
	ask  func(s *Stage, t thing) string
}{
	{"unrelated", probeUnrelated},
	{"persists", probePersists},
	{"borders", probeBorders},
	{"ways", probeWays},
	{"copies", probeCopies},
	{"needs a lock", probeLock},
	{"tells of death", probeDeath},
}

// apart runs f and then ends the processes that it started and undoes what it
// did.
func (s *Stage) apart(f func()) {
	undo, actors := len(s.undo), len(s.actors)
	defer func() {
		for _, a := range s.actors[actors:] {
			a.end()
		}
		s.actors = s.actors[:actors]
		s.undoTo(undo)
	}()
	f()
}

// with starts a process that has an end of the thing, and returns what it is
// called there.
func (s *Stage) with(name string, fd int, t thing) (a *Actor, there int) {
	if t.join.Op == "msgget" {
		return s.start(name), fd
	}
	return s.start(name, fd), inheritedFile(0)
}

// leave closes this process's ends.
func (s *Stage) leave(t thing) {
	if t.join.Op == "msgget" {
		return
	}
	s.shut(t.in)
	if t.out != t.in {
		s.shut(t.out)
	}
}

// probeUnrelated: can a process that inherited nothing get at it?
func probeUnrelated(s *Stage, t thing) string {
	return yes(s.start("stranger").do(t.join).Errno == 0)
}

// probePersists: is what was sent still there when nobody has it open?
func probePersists(s *Stage, t thing) string {
	a, in := s.with("sender", t.in, t)
	a.do(t.put(in, "STAY")).ok()
	a.exit()
	s.leave(t)
	later := s.start("later")
	joined := later.do(t.join)
	switch {
	case joined.Errno == 0 && string(later.do(t.look(int(joined.N))).Data) == "STAY":
		return "yes"
	case t.path != "" && later.do(lookFor(t.path)).Errno == 0:
		return "name"
	}
	return "no"
}

// probeBorders: are two sends two receives?
func probeBorders(s *Stage, t thing) string {
	a, in := s.with("A", t.in, t)
	b, out := s.with("B", t.out, t)
	a.do(t.put(in, "AB")).ok()
	a.do(t.put(in, "CD")).ok()
	s.arrived(b, out, t, 4)
	return yes(string(b.do(t.take(out)).data()) == "AB")
}

// arrived waits until n bytes have arrived, if they may be under way.
func (s *Stage) arrived(b *Actor, out int, t thing, n int) {
	if t.stream {
		unread := request{call{Op: "unread", FD: out}, "ioctl(FIONREAD)", 0}
		s.await("bytes to arrive", func() bool { return b.do(unread).ok() >= n })
	}
}

// probeWays: can the receiving end send, and the sending end receive it?
func probeWays(s *Stage, t thing) string {
	a, in := s.with("A", t.in, t)
	b, out := s.with("B", t.out, t)
	if b.do(t.put(out, "BACK")).Errno != 0 {
		return "one"
	}
	s.arrived(a, in, t, 4)
	if string(a.do(t.look(in)).Data) != "BACK" {
		return "one"
	}
	return "both"
}

// probeCopies: is what the sender changes afterwards changed for the receiver?
func probeCopies(s *Stage, t thing) string {
	memory := s.memfd(pageSize)
	var a *Actor
	in, page := t.in, inheritedFile(1)
	if t.join.Op == "msgget" {
		a, page = s.start("A", memory), inheritedFile(0)
	} else {
		a, in = s.start("A", t.in, memory), inheritedFile(0)
	}
	b, out := s.with("B", t.out, t)
	where := a.do(mapping(page, pageSize, unix.MAP_SHARED, 1)).ok()
	a.do(store(where, 0, 1)).ok()
	put := t.put(in, "")
	put.At = int64(where)
	a.do(put).ok()
	a.do(store(where, 0, 2)).ok()
	s.arrived(b, out, t, 8)
	return yes(littleEndian(b.do(t.take(out)).data()) == 1)
}

// probeLock: do two writers that know nothing of each other lose anything?
func probeLock(s *Stage, t thing) string {
	const each, text = 5, "12345678"
	a, inA := s.with("A", t.in, t)
	b, inB := s.with("B", t.in, t)
	c, out := s.with("C", t.out, t)
	if t.own {
		inA, inB = a.do(t.join).ok(), b.do(t.join).ok()
	}
	for range each {
		a.do(t.put(inA, text)).ok()
		b.do(t.put(inB, text)).ok()
	}
	if t.own {
		return yes(c.do(t.take(out)).ok() < 2*each*len(text))
	}
	all := ""
	for len(all) < 2*each*len(text) {
		all += string(c.do(t.take(out)).data())
	}
	return yes(all != strings.Repeat(text, 2*each))
}

// probeDeath: does a receiver that waits hear that the sender was killed?
func probeDeath(s *Stage, t thing) string {
	a, _ := s.with("A", t.in, t)
	b, out := s.with("B", t.out, t)
	s.leave(t)
	if t.own { // it never waits: it gets the same before and after
		before := b.do(t.take(out))
		a.signal(unix.SIGKILL)
		return yes(b.do(t.take(out)).String() != before.String())
	}
	return s.hearsOfDeath(b.begin(t.take(out)), a)
}

// hearsOfDeath kills a process while another waits for something from it.
// When the kill is over, the kernel has woken the other, or never will.
func (s *Stage) hearsOfDeath(waiting *pending, a *Actor) string {
	waiting.blocked()
	a.signal(unix.SIGKILL)
	s.await("the other to wake up or to stay asleep", waiting.settled)
	return yes(readable(waiting.actor.control, 0))
}
