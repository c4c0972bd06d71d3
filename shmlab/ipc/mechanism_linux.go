package ipc

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// A Mechanism is a way for processes to communicate that carries a [Channel].
type Mechanism struct {
	Name string

	// lay makes the n-th way of a run. It aborts the part of the script if this
	// system lacks what it takes.
	lay  func(s *Stage, n int) way
	open func(a address, sends bool, p peer) (Channel, error)
}

// A way is what the parent made: the descriptors for either end, or -1 and a key.
type way struct {
	sender, receiver int
	key              int32
}

// An address is what an end is opened by in the process it is for.
type address struct {
	fd  int
	key int32
}

// Mechanisms are all that carry a channel.
var Mechanisms = []Mechanism{
	{"file", layFile, func(a address, sends bool, p peer) (Channel, error) { return openFileEnd(a.fd, sends, p) }},
	{"pipe", layPipe, openStreamAt},
	{"fifo", layFIFO, openStreamAt},
	{"posix queue", layPosixQueue, func(a address, sends bool, p peer) (Channel, error) {
		return newRecords(posixEnd{PosixQueue(a.fd), p}, sends, posixRecord), nil
	}},
	{"sysv queue", laySysVQueue, func(a address, sends bool, p peer) (Channel, error) {
		q, err := OpenSysVQueue(a.key, 0)
		return newRecords(newSysvEnd(q, p), sends, maxSysVMessage), err
	}},
	{"socketpair", layPair(unix.SOCK_STREAM), openStreamAt},
	{"unix stream", layUnix(unix.SOCK_STREAM), openStreamAt},
	{"unix datagram", layUnix(unix.SOCK_DGRAM), openPackets},
	{"unix seqpacket", layUnix(unix.SOCK_SEQPACKET), openPackets},
	{"tcp", layTCP, openStreamAt},
	{"mapped file", layMappedFile, openRingAt},
	{"ring", layRing, openRingAt},
}

// posixRecord is the size of the records of a POSIX queue, in bytes: the system's limit.
const posixRecord = 8192

func openStreamAt(a address, sends bool, p peer) (Channel, error) { return openStream(a.fd, sends, p) }

func openPackets(a address, sends bool, p peer) (Channel, error) {
	return newRecords(packetSocket{a.fd, p}, sends, MaxMessage+1), nil
}

func openRingAt(a address, sends bool, p peer) (Channel, error) {
	r, err := openRing(a.fd, sends, p)
	unix.Close(a.fd)
	return r, err
}

func layFile(s *Stage, n int) way {
	fd := s.open(s.path(fmt.Sprint("channel", n)), unix.O_RDWR|unix.O_CREAT|unix.O_TRUNC)
	return way{sender: fd, receiver: fd}
}

func layMappedFile(s *Stage, n int) way {
	w := layFile(s, n)
	s.parent.do(truncate(w.sender, ringSize)).ok()
	return w
}

func layRing(s *Stage, _ int) way {
	fd := s.memfd(ringSize)
	return way{sender: fd, receiver: fd}
}

func layPipe(s *Stage, _ int) way {
	r, w := s.pipe()
	return way{sender: w, receiver: r}
}

func layFIFO(s *Stage, n int) way {
	path := s.path(fmt.Sprint("fifo", n))
	s.parent.do(request{call{Op: "mkfifo", Name: path}, "mkfifo(\"fifo\")", 0}).ok()
	r := s.open(path, unix.O_RDONLY|unix.O_NONBLOCK) // without the flag it would wait for a writer
	w := s.open(path, unix.O_WRONLY)
	s.parent.do(unlink(path)).ok()
	if err := unix.SetNonblock(r, false); err != nil {
		s.abort(err)
	}
	return way{sender: w, receiver: r}
}

func layPosixQueue(s *Stage, n int) way {
	r := posixQueues.open(s, n, true)
	r.N |= unix.O_NONBLOCK
	r.K = posixRecord
	q := s.parent.do(r).ok()
	s.after(func() { unix.Close(q) })
	s.parent.do(posixQueues.remove(s, n, q)).ok()
	return way{sender: q, receiver: q}
}

func laySysVQueue(s *Stage, n int) way {
	s.queue(sysvQueues, n)
	return way{sender: -1, receiver: -1, key: queueKey(n)}
}

func layPair(kind int) func(s *Stage, n int) way {
	return func(s *Stage, _ int) way {
		a, b := s.socketPair(kind)
		return way{sender: a, receiver: b}
	}
}

// layUnix connects two Unix sockets by a path, which is removed again at once.
func layUnix(kind int) func(s *Stage, n int) way {
	return func(s *Stage, n int) way {
		where := at{path: s.path(fmt.Sprint("socket", n))}
		l := s.socket(unix.AF_UNIX, kind)
		s.parent.do(bind(l, where)).ok()
		c := s.socket(unix.AF_UNIX, kind)
		if kind == unix.SOCK_DGRAM {
			s.parent.do(connect(c, where)).ok()
			s.parent.do(unlink(where.path)).ok()
			return way{sender: c, receiver: l}
		}
		w := s.connected(l, c, where)
		s.parent.do(unlink(where.path)).ok()
		return w
	}
}

func layTCP(s *Stage, _ int) way {
	if err := loopbackError(); err != nil {
		s.missing("no TCP on the loopback interface: %v", err)
	}
	l := s.socket(unix.AF_INET, unix.SOCK_STREAM)
	s.parent.do(bind(l, at{})).ok()
	port := s.parent.do(request{call{Op: "port", FD: l}, fmt.Sprintf("getsockname(%d)", l), 0}).ok()
	s.parent.do(listen(l)).ok()
	w := s.connected(l, s.socket(unix.AF_INET, unix.SOCK_STREAM), at{port: port})
	for _, fd := range []int{w.sender, w.receiver} {
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
			s.abort(err)
		}
	}
	return w
}

// connected connects c to the listening l. It is blocking, and does not block:
// the connection waits in the backlog.
func (s *Stage) connected(l, c int, where at) way {
	s.parent.do(listen(l)).ok()
	s.parent.do(connect(c, where)).ok()
	server := s.parent.do(accept(l)).ok()
	s.after(func() { unix.Close(server) })
	return way{sender: c, receiver: server}
}

// socket makes a socket in this process until the run is over.
func (s *Stage) socket(family, kind int) int {
	fd := s.parent.do(socket(family, kind)).ok()
	s.after(func() { unix.Close(fd) })
	return fd
}
