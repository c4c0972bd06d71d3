package ipc

import "golang.org/x/sys/unix"

var fifo = Demonstration{
	Number: 7, Name: "fifo",
	Title:    "A FIFO: a pipe with a name",
	Claim:    "open waits for the other side, whoever comes first. The name stays, what was in it does not.",
	Question: "The writer puts 4 bytes into a FIFO; then both sides close it unread. A new reader opens it. What is there?",
	Choices:  []string{"the 4 bytes", "nothing, and the name is gone", "nothing, but the name is still there"},
	answer:   picks("found", "data", "no name", "name"),
	script:   playFIFO,
	expect: []string{"reader_first.waits=yes", "reader_first.data=PING", "writer_first.waits=yes",
		"writer_first.data=PING", "left.n=0", "found=name", "removed=ENOENT"},
	Why: "A FIFO is a file name for a pipe. The pipe itself lives in the kernel while somebody has it open; " +
		"with the last close its contents are gone. Only unlink removes the name.",
	Trap:    "A program that opens two FIFOs must do so in the same order as its partner, else both wait in open.",
	Further: []string{"fifo(7)", "mkfifo(3)", "open(2), ENXIO"},
	code:    []string{"playFIFO", "meet"},
}

func playFIFO(s *Stage) {
	path := s.path("fifo")
	s.parent.do(request{call{Op: "mkfifo", Name: path}, "mkfifo(\"fifo\")", 0}).ok()
	reader, writer := s.start("reader"), s.start("writer")

	s.fact("reader_first.waits", "yes")
	r, w := meet(reader, open(path, unix.O_RDONLY), writer, open(path, unix.O_WRONLY))
	writer.do(write(w, "PING")).ok()
	s.fact("reader_first.data", string(reader.do(read(r, 4)).data()))
	reader.do(closeFile(r)).ok()
	writer.do(closeFile(w)).ok()

	s.fact("writer_first.waits", "yes")
	w, r = meet(writer, open(path, unix.O_WRONLY), reader, open(path, unix.O_RDONLY))
	writer.do(write(w, "PING")).ok()
	s.fact("writer_first.data", string(reader.do(read(r, 4)).data()))

	writer.do(write(w, "LOST")).ok()
	writer.do(closeFile(w)).ok()
	reader.do(closeFile(r)).ok()
	r = reader.do(open(path, unix.O_RDONLY|unix.O_NONBLOCK)).ok()
	left := reader.do(read(r, 4)).ok()
	s.fact("left.n", left)
	named := s.parent.do(lookFor(path)).outcome() == "ok"
	s.fact("found", map[bool]string{true: "name", false: "no name"}[named])
	if left > 0 {
		s.fact("found", "data")
	}
	s.parent.do(unlink(path)).ok()
	s.fact("removed", s.parent.do(lookFor(path)).outcome())
}

// meet lets the first process open its side of a FIFO and block in that, and
// then the second. It returns both descriptors.
func meet(first *Actor, open request, second *Actor, other request) (fd, otherFD int) {
	opening := first.begin(open)
	opening.blocked()
	otherFD = second.do(other).ok()
	return opening.result().ok(), otherFD
}
