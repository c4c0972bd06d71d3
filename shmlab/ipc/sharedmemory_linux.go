package ipc

import (
	"fmt"

	"golang.org/x/sys/unix"
)

var separateMemory = Demonstration{
	Number: 0, Name: "separate",
	Title:    "Separate address spaces",
	Claim:    "Parent and child have a variable at the same address, and it is not the same variable.",
	Question: "A global variable is 1. The child sets it to 2. What does the parent read?",
	Choices:  []string{"1", "2", "1 or 2, it depends on the timing"},
	answer:   picks("parent", "1", "2"),
	script:   playSeparateMemory,
	expect:   []string{"before=1", "child=2", "parent=1", "address=same"},
	Why: "An address is a number that each process's page table gives a meaning of its own. After fork the pages are " +
		"the same until somebody writes (copy on write); after exec, as here, they are new.",
	Trap:    "\"Globals are shared.\" Between threads, not between processes.",
	Further: []string{"fork(2)", "execve(2)", "mmap(2)"},
	code:    []string{"playSeparateMemory"},
}

func playSeparateMemory(s *Stage) {
	address := request{call{Op: "global.address"}, "&global", 0}
	get := request{call{Op: "global.get"}, "read global", 0}
	set := func(v int) request {
		return request{call{Op: "global.set", N: int64(v)}, fmt.Sprintf("global := %d", v), 0}
	}
	s.parent.do(set(1))
	child := s.start("child")
	same := s.parent.do(address).ok() == child.do(address).ok()
	s.fact("address", map[bool]string{true: "same", false: "different"}[same])
	s.fact("before", child.do(get).ok())
	child.do(set(2))
	s.fact("child", child.do(get).ok())
	s.fact("parent", s.parent.do(get).ok())
}

// sharedMemoryDirectory is where shm_open(3) makes its objects.
const sharedMemoryDirectory = "/dev/shm/"

// sharedObject makes a shared memory object, as shm_open does, of size 0.
func (s *Stage) sharedObject() (path string, fd int) {
	path = sharedMemoryDirectory + s.private.name("shm")
	res := s.parent.do(open(path, unix.O_RDWR|unix.O_CREAT|unix.O_EXCL))
	if res.Errno != 0 {
		s.missing("no POSIX shared memory: /dev/shm: %v", res.Errno)
	}
	s.after(func() {
		unix.Close(int(res.N))
		unix.Unlink(path)
	})
	return path, int(res.N)
}

var sharedMemory = Demonstration{
	Number: 14, Name: "shm",
	Title:    "Shared memory",
	Claim:    "Both processes see the same bytes, at different addresses. A pointer stored there is wrong.",
	Question: "A stores the address of its data in shared memory. B takes it and looks there. What does B find?",
	Choices:  []string{"the data", "no memory at all at that address", "a copy of the data"},
	answer:   picks("pointer", "data", "nothing"),
	script:   playSharedMemory,
	expect: []string{"size_at_creation=0", "addresses=different", "data_seen=4711", "pointer=nothing",
		"by_offset=4711", "after_unlink=ENOENT", "still_works=4712"},
	Why: "Each process maps the same pages wherever it has room. What both agree on is the distance from " +
		"the beginning: store offsets, never addresses.",
	Trap:    "A new object has size 0: ftruncate first. And it lives until it is unlinked or the system restarts.",
	Further: []string{"shm_overview(7)", "mmap(2)", "ftruncate(2)"},
	code:    []string{"playSharedMemory"},
}

func playSharedMemory(s *Stage) {
	path, fd := s.sharedObject()
	s.fact("size_at_creation", s.parent.do(size(fd)).ok())
	s.parent.do(truncate(fd, pageSize)).ok()
	a, b := s.start("A", fd), s.start("B", fd)
	at := memoryOf(inheritedFile(0), a, b)
	s.fact("addresses", map[bool]string{true: "different", false: "same"}[at[0] != at[1]])

	a.do(store(at[0], 2, 4711))
	s.fact("data_seen", b.do(load(at[1], 2)).ok())
	a.do(store(at[0], 0, at[0]+2*8)) // a pointer
	a.do(store(at[0], 1, 2))         // an offset
	pointer := b.do(load(at[1], 0)).ok()
	if b.do(mapped(pointer)).Errno == unix.ENOMEM {
		s.fact("pointer", "nothing")
	} else {
		s.fact("pointer", "data")
	}
	s.fact("by_offset", b.do(load(at[1], b.do(load(at[1], 1)).ok())).ok())

	s.parent.do(unlink(path)).ok()
	s.fact("after_unlink", s.parent.do(lookFor(path)).outcome())
	a.do(store(at[0], 2, 4712))
	s.fact("still_works", b.do(load(at[1], 2)).ok())
}

var howMuchMemory = Demonstration{
	Number: 15, Name: "size",
	Title:    "How much shared memory there is",
	Claim:    "ftruncate promises more than there is. Memory cut off under a process is SIGBUS, and a seal forbids that.",
	Question: "A has a page mapped. The file is truncated to 0, and then A touches the page. What happens?",
	Choices:  []string{"A reads zeros", "A gets SIGBUS", "the truncation is refused"},
	answer:   picks("cut.died", "no", "signal: bus error"),
	script:   playHowMuchMemory,
	expect: []string{"shm.promised=ok", "shm.reserved=ENOSPC", "cut.handled=yes", "cut.died=signal: bus error",
		"sealed.truncate=EPERM", "sealed.load=7"},
	Why: "A mapping is only a view of a file. Behind the file's end there is no page to show, and the kernel can say " +
		"that only by a signal. F_SEAL_SHRINK makes the length of a memfd final.",
	Trap:    "In a container /dev/shm is often 64 MB; the write that is too much dies of SIGBUS. Use fallocate, which says ENOSPC.",
	Further: []string{"tmpfs(5)", "fcntl(2), \"File Sealing\"", "posix_fallocate(3)", "mmap(2), SIGBUS"},
	code:    []string{"playHowMuchMemory"},
}

func playHowMuchMemory(s *Stage) {
	s.part("shm", func() {
		var stat unix.Statfs_t
		if err := unix.Statfs(sharedMemoryDirectory, &stat); err != nil {
			s.missing("no POSIX shared memory: /dev/shm: %v", err)
		}
		total := int64(stat.Blocks) * stat.Bsize
		s.fact("shm.total", total)
		_, fd := s.sharedObject()
		s.fact("shm.promised", s.parent.do(truncate(fd, int(2*total+pageSize))).outcome())
		s.fact("shm.reserved", s.parent.do(request{call{Op: "fallocate", FD: fd, N: 2*total + pageSize}, "fallocate(twice as much as there is)", 0}).outcome())
		s.parent.do(truncate(fd, 0)).ok()
	})
	fd := s.memfd(pageSize)
	a, b := s.start("A", fd), s.start("B", fd)
	at := memoryOf(inheritedFile(0), a, b)
	s.parent.do(truncate(fd, 0)).ok()
	touched := a.do(load(at[0], 0))
	s.fact("cut.handled", yes(touched.Fault != "" && touched.death == ""))
	b.do(defaultAction(unix.SIGBUS)).ok() // no handler, as in a C program
	death := b.do(load(at[1], 0)).death
	if death == "" {
		death = "no"
	}
	s.fact("cut.died", death)

	sealed := s.memfd(pageSize)
	s.parent.do(request{call{Op: "seals", FD: sealed, N: unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_SEAL}, "fcntl(F_ADD_SEALS, shrink, grow)", 0}).ok()
	c := s.start("C", sealed)
	there := memoryOf(inheritedFile(0), c)[0]
	c.do(store(there, 0, 7))
	s.fact("sealed.truncate", s.parent.do(truncate(sealed, 0)).outcome())
	s.fact("sealed.load", c.do(load(there, 0)).ok())
}
