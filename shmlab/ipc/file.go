package ipc

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

var sharedFile = Demonstration{
	Number: 1, Name: "file",
	Title:    "A file opened before the child starts",
	Claim:    "Memory is not shared, but an open file is: and so is its position.",
	Question: "The parent opens an empty file, the child writes HELLO, the parent reads 5 bytes. What does it get?",
	Choices:  []string{"HELLO", "nothing: 0 bytes", "an error"},
	answer:   picks("n", "5", "0", "-1"),
	script:   playSharedFile,
	expect:   []string{"written=5", "n=0", "size=5", "offset=5"},
	Why: "Both descriptors name one open file description, and that is where the kernel keeps " +
		"the position. The child's write moved it to 5. The parent reads from there on, and there is nothing.",
	Trap:    "\"The file is empty.\" It holds 5 bytes; it is the position that is at the end.",
	Further: []string{"open(2), \"Open file descriptions\"", "lseek(2)", "fork(2)"},
	code:    []string{"playSharedFile"},
}

func playSharedFile(s *Stage) {
	fd := s.open(s.path("file"), unix.O_RDWR|unix.O_CREAT)
	child := s.start("child", fd)
	s.fact("written", child.do(write(inheritedFile(0), "HELLO")).ok())
	s.fact("n", s.parent.do(read(fd, 5)).ok())
	s.fact("size", s.parent.do(size(fd)).ok())
	s.fact("offset", s.parent.do(lseek(fd, 0, unix.SEEK_CUR)).ok())
}

var seekFile = Demonstration{
	Number: 2, Name: "seek",
	Title:    "The same file after a seek, and opened twice",
	Claim:    "A seek to 0 finds what the child wrote. A second open has a position of its own.",
	Question: "The child has written HELLO. The parent opens the file a second time and reads without any seek. What does it get?",
	Choices:  []string{"HELLO", "nothing: 0 bytes", "an error"},
	answer:   picks("own.n", "5", "0", "-1"),
	script:   playSeekFile,
	expect:   []string{"own.offset=0", "own.n=5", "own.data=HELLO", "seek.n=5", "seek.data=HELLO", "shared.offset=5"},
	Why: "Each open makes a new open file description with a position of its own, at 0. The inherited descriptor " +
		"shares the description with the child, so it needs the seek.",
	Trap:    "dup and inheritance share the position, a second open does not: the two look alike.",
	Further: []string{"open(2)", "dup(2)", "lseek(2)"},
	code:    []string{"playSeekFile"},
}

func playSeekFile(s *Stage) {
	path := s.path("file")
	fd := s.open(path, unix.O_RDWR|unix.O_CREAT)
	child := s.start("child", fd)
	child.do(write(inheritedFile(0), "HELLO")).ok()

	second := s.open(path, unix.O_RDONLY)
	s.fact("own.offset", s.parent.do(lseek(second, 0, unix.SEEK_CUR)).ok())
	own := s.parent.do(read(second, 5)).data()
	s.fact("own.n", len(own))
	s.fact("own.data", string(own))

	s.parent.do(lseek(fd, 0, unix.SEEK_SET)).ok()
	shared := s.parent.do(read(fd, 5)).data()
	s.fact("seek.n", len(shared))
	s.fact("seek.data", string(shared))
	s.fact("shared.offset", s.parent.do(lseek(fd, 0, unix.SEEK_CUR)).ok())
}

// fileRounds is how often each of the two writers of a file writes.
const fileRounds = 50

var fileChannel = Demonstration{
	Number: 3, Name: "append",
	Title:    "A file as a channel between two writers",
	Claim:    "Reading, adding and writing back loses updates; separate opens without O_APPEND lose half; with it nothing is lost.",
	Question: "A and B append 50 lines each to one file, in turn, each with an open of its own and without O_APPEND. How many lines are in it?",
	Choices:  []string{"100", "50", "it depends on the timing"},
	answer:   picks("plain.lines", "100", "50"),
	script:   playFileChannel,
	expect:   []string{"counter.want=100", "counter.got=50", "plain.lines=50", "append.lines=100"},
	Why: "Each open has its own position, so B writes where A has just written. With O_APPEND the kernel moves to " +
		"the end and writes in one call. The counter needs three calls, and no flag makes three calls one.",
	Trap:    "Being whole is a property of the call, not of the file.",
	Further: []string{"open(2), O_APPEND", "write(2)", "fcntl(2), \"Advisory record locking\""},
	code:    []string{"playFileChannel", "appendInTurn"},
}

func playFileChannel(s *Stage) {
	fd := s.open(s.path("counter"), unix.O_RDWR|unix.O_CREAT)
	s.parent.do(pwrite(fd, "000", 0)).ok()
	a, b := s.start("A", fd), s.start("B", fd)
	s.rounds(fileRounds, func(int) {
		seenByA := a.do(pread(inheritedFile(0), 3, 0)).data()
		seenByB := b.do(pread(inheritedFile(0), 3, 0)).data()
		a.do(pwrite(inheritedFile(0), addOne(seenByA), 0)).ok()
		b.do(pwrite(inheritedFile(0), addOne(seenByB), 0)).ok()
	})
	s.fact("counter.want", 2*fileRounds)
	got, _ := strconv.Atoi(string(s.parent.do(pread(fd, 3, 0)).data()))
	s.fact("counter.got", got)
	s.fact("plain.lines", appendInTurn(s, s.path("plain"), 0, a, b))
	s.fact("append.lines", appendInTurn(s, s.path("append"), unix.O_APPEND, a, b))
}

func addOne(number []byte) string {
	n, _ := strconv.Atoi(string(number))
	return fmt.Sprintf("%03d", n+1)
}

// appendInTurn lets A and B open a file each and write to it in turn. It
// returns how many lines are in the file then.
func appendInTurn(s *Stage, path string, flag int, a, b *Actor) int {
	forA := a.do(open(path, unix.O_WRONLY|unix.O_CREAT|flag)).ok()
	forB := b.do(open(path, unix.O_WRONLY|flag)).ok()
	s.rounds(fileRounds, func(int) {
		a.do(write(forA, "line from A\n")).ok()
		b.do(write(forB, "line from B\n")).ok()
	})
	fd := s.open(path, unix.O_RDONLY)
	return strings.Count(string(s.parent.do(read(fd, 4096)).data()), "\n")
}
