package ipc

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// A subject is a mechanism that bytes are sent over by system calls, as the
// table looks at it.
type subject struct {
	name string
	make func(s *Stage) thing
}

// A thing is one specimen of a subject, in this process.
type thing struct {
	in, out int                               // where is put and taken; of a System V queue its identifier
	join    request                           // what a process that inherited nothing does to get at it
	put     func(fd int, text string) request // sends
	take    func(fd int) request              // receives
	look    func(fd int) request              // receives, without waiting
	own     bool                              // a second writer has an open of its own
	path    string                            // its name in the file system, if it has one
	stream  bool                              // bytes may be under way when send has returned
}

// everything is a buffer that holds all that a probe sends.
const everything = 1024

var subjects = []subject{
	{"file", makeFile}, {"pipe", makePipe}, {"fifo", makeFIFO},
	{"posix queue", func(s *Stage) thing { return makeQueue(s, posixQueues) }},
	{"sysv queue", func(s *Stage) thing { return makeQueue(s, sysvQueues) }},
	{"socketpair", makePair},
	{"unix stream", func(s *Stage) thing { return makeSocket(s, unix.AF_UNIX, unix.SOCK_STREAM) }},
	{"unix datagram", func(s *Stage) thing { return makeSocket(s, unix.AF_UNIX, unix.SOCK_DGRAM) }},
	{"unix seqpacket", func(s *Stage) thing { return makeSocket(s, unix.AF_UNIX, unix.SOCK_SEQPACKET) }},
	{"tcp", func(s *Stage) thing {
		if err := loopbackError(); err != nil {
			s.missing("no TCP on the loopback interface: %v", err)
		}
		return makeSocket(s, unix.AF_INET, unix.SOCK_STREAM)
	}},
}

func readAll(fd int) request { return read(fd, everything) }

func receiveAll(fd int) request { return receive(fd, everything) }

// receiveNow is recv(MSG_DONTWAIT).
func receiveNow(fd int) request {
	r := receiveAll(fd)
	r.M = unix.MSG_DONTWAIT
	return r
}

// byLink tries to open what has no name by what /proc calls it.
func byLink(fd int) request {
	link, _ := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd))
	return open(link, unix.O_RDWR)
}

func makeFile(s *Stage) thing {
	path := s.path("file")
	fd := s.open(path, unix.O_RDWR|unix.O_CREAT|unix.O_TRUNC)
	fromStart := func(fd int) request { return pread(fd, everything, 0) }
	return thing{in: fd, out: fd, join: open(path, unix.O_RDWR), put: write, take: fromStart, look: fromStart, own: true, path: path}
}

func makePipe(s *Stage) thing {
	r, w := s.pipe()
	return thing{in: w, out: r, join: byLink(r), put: write, take: readAll, look: readAll}
}

func makeFIFO(s *Stage) thing {
	path := s.path("fifo")
	s.parent.do(request{call{Op: "mkfifo", Name: path}, "mkfifo(\"fifo\")", 0}).ok()
	s.after(func() { unix.Unlink(path) })
	r := s.open(path, unix.O_RDONLY|unix.O_NONBLOCK)
	w := s.open(path, unix.O_WRONLY)
	if err := unix.SetNonblock(r, false); err != nil {
		s.abort(err)
	}
	return thing{in: w, out: r, join: open(path, unix.O_RDONLY|unix.O_NONBLOCK), put: write, take: readAll, look: readAll, path: path}
}

func makeQueue(s *Stage, kind queueKind) thing {
	q := s.queue(kind, 0)
	return thing{
		in: q, out: q, join: kind.open(s, 0, false),
		put:  func(fd int, text string) request { return kind.send(fd, text, 1) },
		take: func(fd int) request { return kind.receive(fd, queueMessage) },
		look: func(fd int) request { return kind.now(kind.receive(fd, queueMessage)) },
	}
}

func makePair(s *Stage) thing {
	a, b := s.socketPair(unix.SOCK_STREAM)
	return thing{in: a, out: b, join: byLink(b), put: send, take: receiveAll, look: receiveNow}
}

func makeSocket(s *Stage, family, kind int) thing {
	where := at{}
	l, c := s.socket(family, kind), s.socket(family, kind)
	if family == unix.AF_UNIX {
		where.path = s.path("socket")
		s.after(func() { unix.Unlink(where.path) })
	}
	s.parent.do(bind(l, where)).ok()
	if family == unix.AF_INET {
		where.port = s.parent.do(request{call{Op: "port", FD: l}, "getsockname()", 0}).ok()
	}
	t := thing{in: c, out: l, put: send, take: receiveAll, look: receiveNow, path: where.path, stream: family == unix.AF_INET}
	t.join = request{call{Op: "dial", Name: where.path, N: int64(where.port), M: int64(kind)}, fmt.Sprintf("connect(a new socket, %v)", where), 0}
	if kind == unix.SOCK_DGRAM {
		s.parent.do(connect(c, where)).ok()
		return t
	}
	t.out = s.connected(l, c, where).receiver
	return t
}

// dial makes a socket and connects it.
func dial(c *call) answer {
	family := unix.AF_INET
	if c.Name != "" {
		family = unix.AF_UNIX
	}
	fd, err := unix.Socket(family, int(c.M)|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		err = unix.Connect(fd, addressOf(c))
	}
	return done(fd, err)
}
