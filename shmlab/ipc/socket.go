package ipc

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

var sockets = Demonstration{
	Number: 19, Name: "socket",
	Title:    "Sockets: streams and records",
	Claim:    "Two sends are one receive on a stream, two on a datagram or seqpacket socket. A socket's file must be removed by hand.",
	Question: "AB and CD are sent over TCP with two calls. The receiver asks for 100 bytes once both have arrived. How many does it get?",
	Choices:  []string{"2", "4", "100"},
	answer:   picks("tcp.first", "2", "4", "100"),
	script:   playSockets,
	expect: []string{"stream.first=4", "datagram.first=2", "seqpacket.first=2", "socketpair.first=4", "tcp.first=4",
		"stale.connect=ECONNREFUSED", "stale.bind=EADDRINUSE", "stale.after_unlink=ok", "removed=ENOENT"},
	Why: "A stream has bytes and no borders; the sender's calls leave no trace. A datagram is a record. SOCK_SEQPACKET has " +
		"records and a connection.",
	Trap:    "A server that was killed leaves its socket file, and the next one gets EADDRINUSE: unlink before bind.",
	Further: []string{"socket(7)", "unix(7)", "tcp(7)", "socketpair(2)"},
	code:    []string{"playSockets", "twoSends"},
}

func playSockets(s *Stage) {
	path := s.path("socket")
	client, server := s.start("client"), s.start("server")
	connected := func(kind int) (c, there int) {
		l := server.do(socket(unix.AF_UNIX, kind)).ok()
		server.do(bind(l, at{path: path})).ok()
		c = client.do(socket(unix.AF_UNIX, kind)).ok()
		if kind == unix.SOCK_DGRAM {
			client.do(connect(c, at{path: path})).ok()
			s.parent.do(unlink(path)).ok()
			return c, l
		}
		server.do(listen(l)).ok()
		client.do(connect(c, at{path: path})).ok()
		there = server.do(accept(l)).ok()
		s.parent.do(unlink(path)).ok()
		return c, there
	}
	sees := map[int]int{unix.SOCK_STREAM: 4, unix.SOCK_DGRAM: 2, unix.SOCK_SEQPACKET: 4}
	for kind, name := range socketKinds {
		c, there := connected(kind)
		s.fact(name+".first", twoSends(s, end{client, c, 0}, end{server, there, sees[kind]}))
	}
	a, b := s.socketPair(unix.SOCK_STREAM)
	left, right := s.start("left", a), s.start("right", b)
	s.fact("socketpair.first", twoSends(s, end{left, inheritedFile(0), 0}, end{right, inheritedFile(0), 4}))
	s.part("tcp", func() { overTCP(s, client, server) })
	staleSocket(s, path, client)
}

// socketKinds are the kinds of Unix sockets, in order.
func socketKinds(yield func(int, string) bool) {
	_ = yield(unix.SOCK_STREAM, "stream") && yield(unix.SOCK_DGRAM, "datagram") && yield(unix.SOCK_SEQPACKET, "seqpacket")
}

// An end is a process's end of a connection: its descriptor, and how many bytes
// it can see of what has arrived: of records a datagram socket shows the first.
type end struct {
	*Actor
	fd, sees int
}

// twoSends sends AB and CD, waits until both have arrived, and returns how many
// bytes the first receive gets.
func twoSends(s *Stage, from, to end) int {
	from.do(send(from.fd, "AB")).ok()
	from.do(send(from.fd, "CD")).ok()
	s.silently(func() {
		unread := request{call{Op: "unread", FD: to.fd}, "ioctl(FIONREAD)", 0}
		s.await("both to arrive", func() bool { return to.do(unread).ok() >= to.sees })
	})
	return to.do(receive(to.fd, 100)).ok()
}

// overTCP is the stream once more, over the loopback interface.
func overTCP(s *Stage, client, server *Actor) {
	res := server.do(socket(unix.AF_INET, unix.SOCK_STREAM))
	if res.Errno != 0 {
		s.missing("no TCP: socket: %v", res.Errno)
	}
	l := res.ok()
	if res := server.do(bind(l, at{})); res.Errno != 0 {
		s.missing("no TCP on the loopback interface: bind: %v", res.Errno)
	}
	server.do(listen(l)).ok()
	port := server.do(request{call{Op: "port", FD: l}, fmt.Sprintf("getsockname(%d)", l), 0}).ok()
	c := client.do(socket(unix.AF_INET, unix.SOCK_STREAM)).ok()
	client.do(connect(c, at{port: port})).ok()
	s.fact("tcp.first", twoSends(s, end{client, c, 0}, end{server, server.do(accept(l)).ok(), 4}))
}

// staleSocket shows what a server that was killed leaves.
func staleSocket(s *Stage, path string, client *Actor) {
	first := s.start("first server")
	l := first.do(socket(unix.AF_UNIX, unix.SOCK_STREAM)).ok()
	first.do(bind(l, at{path: path})).ok()
	first.signal(unix.SIGKILL)
	c := client.do(socket(unix.AF_UNIX, unix.SOCK_STREAM)).ok()
	s.fact("stale.connect", client.do(connect(c, at{path: path})).outcome())
	second := s.start("second server")
	l = second.do(socket(unix.AF_UNIX, unix.SOCK_STREAM)).ok()
	s.fact("stale.bind", second.do(bind(l, at{path: path})).outcome())
	second.do(unlink(path)).ok()
	s.fact("stale.after_unlink", second.do(bind(l, at{path: path})).outcome())
	second.do(unlink(path)).ok()
	s.fact("removed", s.parent.do(lookFor(path)).outcome())
}

var passDescriptor = Demonstration{
	Number: 20, Name: "rights",
	Title:    "Passing a descriptor",
	Claim:    "SCM_RIGHTS hands over the open file itself, with its position: back to the first demonstration.",
	Question: "A reads 3 bytes of HELLO WORLD and passes its descriptor to B, a process that inherited nothing. What does B read first?",
	Choices:  []string{"HEL, its position is its own", "LO WORLD, the position came along", "nothing"},
	answer:   picks("b.reads", "HEL", "LO WORLD", ""),
	script:   playPassDescriptor,
	expect:   []string{"a.reads=HEL", "b.reads=LO WORLD", "a.offset=11", "offset=shared"},
	Why: "The message carries a reference to the open file description. The receiver's kernel gives it a new number; " +
		"the description behind it is the same one.",
	Trap:    "It looks like magic: the number is not what is passed. A number sent as bytes means nothing to the other process.",
	Further: []string{"unix(7), SCM_RIGHTS", "cmsg(3)", "sendmsg(2)"},
	code:    []string{"playPassDescriptor"},
}

func playPassDescriptor(s *Stage) {
	path := s.path("file")
	fd := s.open(path, unix.O_RDWR|unix.O_CREAT)
	s.parent.do(write(fd, "HELLO WORLD")).ok()
	here, there := s.socketPair(unix.SOCK_SEQPACKET)
	a, b := s.start("A", here), s.start("B", there)
	file := a.do(open(path, unix.O_RDONLY)).ok()
	s.fact("a.reads", string(a.do(read(file, 3)).data()))
	a.do(request{call{Op: "sendfd", FD: inheritedFile(0), N: int64(file)}, fmt.Sprintf("sendmsg(%d, SCM_RIGHTS: %d)", inheritedFile(0), file), 0}).ok()
	got := b.do(request{call{Op: "recvfd", FD: inheritedFile(0)}, fmt.Sprintf("recvmsg(%d), SCM_RIGHTS", inheritedFile(0)), 0}).ok()
	s.fact("b.reads", strings.TrimSpace(string(b.do(read(got, 100)).data())))
	offset := a.do(lseek(file, 0, unix.SEEK_CUR)).ok()
	s.fact("a.offset", offset)
	s.fact("offset", map[bool]string{true: "shared", false: "separate"}[offset == 11])
}
