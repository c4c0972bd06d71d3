package ipc

import (
	"bytes"
	"fmt"

	"golang.org/x/sys/unix"
)

var anonymousPipe = Demonstration{
	Number: 4, Name: "pipe",
	Title:    "An anonymous pipe",
	Claim:    "A pipe is a stream of bytes, and it ends when the last writer has closed it.",
	Question: "The only writer has exited. The reader reads once more, but the parent still has its own copy of the write end open. What happens?",
	Choices:  []string{"read returns 0: end of file", "read blocks for ever", "the reader gets SIGPIPE"},
	answer:   picks("hang", "no", "yes"),
	script:   playAnonymousPipe,
	expect:   []string{"written=2", "data=ABCD", "hang=yes", "holders=1", "holder=parent", "after_close.n=0"},
	Why: "The kernel counts the open write ends. It cannot know that the parent will never write. " +
		"The reader gets the end of the stream only when the count is 0.",
	Trap:    "A forgotten write end hangs the reader. /proc/PID/fd says who holds it.",
	Further: []string{"pipe(2)", "pipe(7)", "proc_pid_fd(5)"},
	code:    []string{"playAnonymousPipe"},
}

func playAnonymousPipe(s *Stage) {
	r, w := s.pipe()
	writer, reader := s.start("writer", w), s.start("reader", r)
	for _, data := range []string{"AB", "CD"} {
		s.fact("written", writer.do(write(inheritedFile(0), data)).ok())
	}
	s.fact("data", string(reader.do(read(inheritedFile(0), 100)).data()))

	writer.exit()
	last := reader.begin(read(inheritedFile(0), 100))
	last.blocked()
	s.fact("hang", "yes")
	writers := 0
	for _, h := range holders(w, []int{s.parent.Pid, reader.Pid}) {
		if h.write {
			writers++
			s.fact("holder", s.nameOf(h.pid))
			s.record(Step{s.parent.Name, "who holds a write end? look in /proc/*/fd", fmt.Sprintf("%s, as %d", s.nameOf(h.pid), h.fd)})
		}
	}
	s.fact("holders", writers)
	s.shut(w)
	s.fact("after_close.n", last.result().ok())
}

// nameOf returns the name of the process on this stage that has the pid.
func (s *Stage) nameOf(pid int) string {
	for _, a := range append(s.actors, s.parent) {
		if a.Pid == pid {
			return a.Name
		}
	}
	return fmt.Sprint("process ", pid)
}

var twoPipes = Demonstration{
	Number: 5, Name: "twopipes",
	Title:    "Two pipes: request and response, and a deadlock",
	Claim:    "Two processes that both write first are fine up to a pipe's capacity, and above it wait for each other for ever.",
	Question: "A and B each write one byte more than a pipe holds to the other, and only then read. What happens?",
	Choices:  []string{"both writes return", "both block for ever", "one of them gets EAGAIN"},
	answer:   picks("above", "returned", "deadlock"),
	script:   playTwoPipes,
	expect:   []string{"response=PONG", "at_capacity=returned", "above=deadlock"},
	Why: "write returns when all bytes are in the pipe. Above the capacity somebody must read meanwhile, " +
		"and each is waiting for the other to do that.",
	Trap:    "A pipe goes one way, so a conversation needs two; and a test with small messages never shows the deadlock.",
	Further: []string{"pipe(7), \"Pipe capacity\"", "fcntl(2), F_GETPIPE_SZ"},
	code:    []string{"playTwoPipes"},
}

func playTwoPipes(s *Stage) {
	fromA, toB := s.pipe()
	fromB, toA := s.pipe()
	a, b := s.start("A", fromB, toB), s.start("B", fromA, toA)
	const in, out = controlFile + 1, controlFile + 2
	a.do(write(out, "PING")).ok()
	b.do(read(in, 4)).ok()
	b.do(write(out, "PONG")).ok()
	s.fact("response", string(a.do(read(in, 4)).data()))

	capacity, err := unix.FcntlInt(uintptr(toB), unix.F_GETPIPE_SZ, 0)
	if err != nil {
		s.abort(err)
	}
	s.fact("capacity", capacity)
	a.do(fill(out, "a", capacity)).ok()
	b.do(fill(out, "b", capacity)).ok()
	s.fact("at_capacity", "returned")
	s.silently(func() {
		s.parent.do(read(fromA, capacity)).ok()
		s.parent.do(read(fromB, capacity)).ok()
	})

	writeOfA, writeOfB := a.begin(fill(out, "a", capacity+1)), b.begin(fill(out, "b", capacity+1))
	writeOfA.blocked()
	writeOfB.blocked()
	s.fact("above", "deadlock")
}

// pipeMessages is how many messages each writer sends.
const pipeMessages = 64

var pipeAtomicity = Demonstration{
	Number: 6, Name: "pipebuf",
	Title:    "Two writers in one pipe",
	Claim:    "A write of at most PIPE_BUF bytes stays whole. A larger one can be mixed with another.",
	Question: "Two processes write messages of 16384 bytes each into one pipe. Are they whole at the other end?",
	Choices:  []string{"yes, write is atomic", "no: pieces of both are mixed"},
	answer:   picks("large.mixed", "no", "yes"),
	script:   playPipeAtomicity,
	expect:   []string{"small.bytes=1000", "small.messages=128", "small.torn=0", "pipe_buf.torn=0", "large.mixed=yes"},
	Why: "POSIX promises atomicity up to PIPE_BUF, 4096 bytes on Linux. A larger write fills the pipe, sleeps, " +
		"and when there is room again another writer may be first.",
	Trap:    "\"It worked\": with small messages. Put a lock around it, or use a queue or a datagram socket.",
	Further: []string{"pipe(7), \"PIPE_BUF\"", "write(2)"},
	code:    []string{"playPipeAtomicity"},
}

func playPipeAtomicity(s *Stage) {
	r, w := s.pipe()
	a, b := s.start("A", w), s.start("B", w)
	s.parent.do(request{call{Op: "pipesize", FD: w, N: pipeBuf}, "fcntl(F_SETPIPE_SZ, 4096)", 0}).ok()

	torn := s.tornMessages(a, b, r, 1000, pipeMessages)
	s.fact("small.bytes", 1000)
	s.fact("small.messages", 2*pipeMessages)
	s.fact("small.torn", torn)
	s.fact("pipe_buf.torn", s.tornMessages(a, b, r, pipeBuf, pipeMessages))

	torn = s.tornMessages(a, b, r, 4*pipeBuf, 1)
	s.fact("large.torn", torn)
	s.fact("large.mixed", yes(torn > 0))
}

// pipeBuf is PIPE_BUF of Linux, in bytes. A pipe of this capacity is the
// smallest there is.
const pipeBuf = 4096

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// tornMessages lets A and B write count messages of size bytes each at once,
// and returns how many are not whole where they should be. Both are blocked
// before anything is read. Between two pieces of a large message both are
// asleep again, in the order in which they came: the next piece is the other's.
func (s *Stage) tornMessages(a, b *Actor, r, size, count int) (torn int) {
	fromA := a.begin(floodWith(inheritedFile(0), "a", size, count))
	if size*count > pipeBuf {
		fromA.blocked()
	}
	fromB := b.begin(floodWith(inheritedFile(0), "b", size, count))
	fromB.blocked()
	var all []byte
	s.silently(func() {
		for len(all) < 2*size*count {
			if size > pipeBuf {
				s.await("both writers to be asleep or done", func() bool { return fromA.settled() && fromB.settled() })
			}
			s.poll(r, "bytes in the pipe")
			all = append(all, s.parent.do(read(r, pipeBuf)).data()...)
		}
	})
	s.record(Step{s.parent.Name, fmt.Sprintf("read(%d) until all is there", r), fmt.Sprint(len(all))})
	fromA.result().ok()
	fromB.result().ok()
	for len(all) > 0 {
		whole := bytes.Count(all[:size], all[:1]) == size
		if !whole {
			torn++
		}
		all = all[size:]
	}
	return torn
}
