package ipc

import (
	"fmt"

	"golang.org/x/sys/unix"
)

var deathOfPartner = Demonstration{
	Number: 21, Name: "death",
	Title:    "Death of a partner",
	Claim:    "Each mechanism tells differently that the other side was killed, and some do not tell at all.",
	Question: "A process waits for a plain lock in shared memory. Its holder is killed. What happens?",
	Choices:  []string{"the kernel frees the lock", "it waits for ever", "it gets an error"},
	answer: func(f Facts) int {
		return map[string]int{"taken": 0, "stuck": 1, "EOWNERDEAD": 2}[f.Get("plain_lock.wait")]
	},
	script: playDeathOfPartner,
	expect: []string{"pipe.read=end of file", "pipe.write=EPIPE", "pipe.signal=signal: broken pipe", "fifo.read=end of file",
		"posix.receive=EAGAIN", "sysv.receive=ENOMSG", "stream.read=end of file", "stream.unread=ECONNRESET",
		"seqpacket.read=end of file", "datagram.send=ECONNREFUSED", "tcp.read=end of file", "memory.read=4711", "plain_lock.wait=stuck",
		"robust_lock.wait=EOWNERDEAD", "signal.kill=ESRCH"},
	Why: "The kernel closes what a dead process had open, so whoever shares a pipe or a connection hears of it. " +
		"Queues and memory belong to nobody. A robust lock is one that the kernel was told of.",
	Trap:    "\"The other side will have noticed.\" With a plain lock or a queue nobody notices.",
	Further: []string{"pipe(7)", "unix(7)", "pthread_mutexattr_setrobust(3)", "get_robust_list(2)", "pidfd_open(2)"},
	code:    []string{"playDeathOfPartner", "deathAcrossLocks"},
}

func playDeathOfPartner(s *Stage) {
	deathAcrossPipes(s)
	deathAcrossFIFO(s)
	for _, kind := range queueKinds {
		s.part(kind.name, func() { deathAcrossQueue(s, kind) })
	}
	deathAcrossSockets(s)
	s.part("tcp", func() { deathAcrossTCP(s) })
	deathAcrossLocks(s)
}

// endOr is how a read came out: its error, the end of the file, or data.
func endOr(r result) string {
	switch {
	case r.outcome() != "ok":
		return r.outcome()
	case r.N == 0:
		return "end of file"
	}
	return fmt.Sprintf("%d bytes", r.N)
}

func deathAcrossPipes(s *Stage) {
	r, w := s.pipe()
	reader, peer := s.start("reader", r), s.start("peer", w)
	s.shut(w)
	waiting := reader.begin(read(inheritedFile(0), 10))
	waiting.blocked()
	peer.signal(unix.SIGKILL)
	s.fact("pipe.read", endOr(waiting.result()))

	r, w = s.pipe()
	writer, plain, peer := s.start("writer", w), s.start("writer without a handler", w), s.start("peer", r)
	s.shut(r)
	writer.do(request{call{Op: "ignore", N: int64(unix.SIGPIPE)}, "sigaction(SIGPIPE, SIG_IGN)", 0}).ok()
	plain.do(defaultAction(unix.SIGPIPE)).ok()
	peer.signal(unix.SIGKILL)
	s.fact("pipe.write", writer.do(write(inheritedFile(0), "x")).outcome())
	s.fact("pipe.signal", plain.do(write(inheritedFile(0), "x")).outcome())
}

func deathAcrossFIFO(s *Stage) {
	path := s.path("fifo")
	s.parent.do(request{call{Op: "mkfifo", Name: path}, "mkfifo(\"fifo\")", 0}).ok()
	reader, peer := s.start("reader"), s.start("peer")
	r, _ := meet(reader, open(path, unix.O_RDONLY), peer, open(path, unix.O_WRONLY))
	s.parent.do(unlink(path)).ok()
	waiting := reader.begin(read(r, 10))
	waiting.blocked()
	peer.signal(unix.SIGKILL)
	s.fact("fifo.read", endOr(waiting.result()))
}

func deathAcrossQueue(s *Stage, kind queueKind) {
	peer, receiver := s.start("peer"), s.start("receiver")
	q := peer.do(kind.open(s, 3, true)).ok()
	there := receiver.do(kind.open(s, 3, false)).ok()
	waiting := receiver.begin(kind.receive(there, queueMessage))
	waiting.blocked()
	peer.signal(unix.SIGKILL)
	waiting.blocked() // still
	s.fact(kind.name+".wait", "goes on")
	s.silently(func() { // somebody else's message gets it out of there
		mine := s.parent.do(kind.open(s, 3, false)).ok()
		s.parent.do(kind.send(mine, "anybody", 1)).ok()
		if kind.name == "posix" {
			unix.Close(mine)
		}
	})
	waiting.result()
	last := kind.now(kind.receive(there, queueMessage))
	if kind.name == "posix" {
		receiver.do(request{call{Op: "mq_nonblock", FD: there, N: 1}, "mq_setattr(O_NONBLOCK)", 0}).ok()
		last = kind.receive(there, queueMessage)
	}
	s.fact(kind.name+".receive", receiver.do(last).outcome())
	receiver.do(kind.remove(s, 3, q)).ok()
}

func deathAcrossSockets(s *Stage) {
	for kind, name := range socketKinds {
		a, b := s.socketPair(kind)
		survivor, peer := s.start("survivor", a), s.start("peer", b)
		s.shut(b)
		if kind == unix.SOCK_DGRAM { // nothing to read, ever: only a send tells
			peer.signal(unix.SIGKILL)
			s.fact(name+".send", survivor.do(send(inheritedFile(0), "x")).outcome())
			continue
		}
		waiting := survivor.begin(receive(inheritedFile(0), 10))
		waiting.blocked()
		peer.signal(unix.SIGKILL)
		s.fact(name+".read", endOr(waiting.result()))
	}
	a, b := s.socketPair(unix.SOCK_STREAM)
	survivor, peer := s.start("survivor", a), s.start("peer", b)
	s.shut(b)
	survivor.do(send(inheritedFile(0), "never read")).ok()
	peer.signal(unix.SIGKILL)
	s.fact("stream.unread", endOr(survivor.do(receive(inheritedFile(0), 10))))
}

func deathAcrossTCP(s *Stage) {
	survivor, peer := s.start("survivor"), s.start("peer")
	res := survivor.do(socket(unix.AF_INET, unix.SOCK_STREAM))
	if res.Errno != 0 {
		s.missing("no TCP: socket: %v", res.Errno)
	}
	l := res.ok()
	if res := survivor.do(bind(l, at{})); res.Errno != 0 {
		s.missing("no TCP on the loopback interface: bind: %v", res.Errno)
	}
	survivor.do(listen(l)).ok()
	port := survivor.do(request{call{Op: "port", FD: l}, fmt.Sprintf("getsockname(%d)", l), 0}).ok()
	c := peer.do(socket(unix.AF_INET, unix.SOCK_STREAM)).ok()
	peer.do(connect(c, at{port: port})).ok()
	waiting := survivor.begin(receive(survivor.do(accept(l)).ok(), 10))
	waiting.blocked()
	peer.signal(unix.SIGKILL)
	s.fact("tcp.read", endOr(waiting.result()))
}

func deathAcrossLocks(s *Stage) {
	const plain, robust, data = 0, 1, 2
	survivor, holder, atS, atH := s.twoWithMemory("survivor", "holder")
	holder.do(store(atH, data, 4711))
	holder.do(swap(atH, plain, 0, 1)).ok()
	holder.do(takeRobust(atH, robust)).ok()
	s.fact("robust_lock.while_held", survivor.do(takeRobust(atS, robust)).outcome())
	holder.signal(unix.SIGKILL)
	s.fact("memory.read", survivor.do(load(atS, data)).ok())
	s.fact("signal.kill", s.parent.do(kill(holder, unix.SIGUSR1)).outcome())
	s.fact("robust_lock.wait", survivor.do(takeRobust(atS, robust)).outcome())
	waiting := survivor.begin(sleepOn(atS, plain, 1))
	waiting.blocked()
	s.fact("plain_lock.wait", "stuck")
}
