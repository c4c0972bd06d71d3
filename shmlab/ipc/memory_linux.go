package ipc

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// mapping is mmap of a file, at a hint of an address that spreads the mappings:
// the same bytes are at another address in each process.
func mapping(fd, length, flags, place int) request {
	text := fmt.Sprintf("mmap(fd %d, %d bytes, %s)", fd, length, map[int]string{unix.MAP_SHARED: "MAP_SHARED", unix.MAP_PRIVATE: "MAP_PRIVATE"}[flags])
	return request{call{Op: "mmap", FD: fd, N: int64(length), M: int64(flags), K: firstPlace + int64(place)<<32}, text, 0}
}

// firstPlace is about where mappings are asked for: no other number of a
// demonstration is as large, so that one is written as an address is.
const firstPlace = 0x5b0000000000

// number is what a word holds, or a call returned, for people.
func number(n int64) string {
	if n >= firstPlace {
		return fmt.Sprintf("%#x", n)
	}
	return fmt.Sprint(n)
}

// memoryOf maps a page of fd, shared, in each of the processes; the fd has the same
// number in all. It returns the addresses.
func memoryOf(fd int, actors ...*Actor) (at []int) {
	for i, a := range actors {
		at = append(at, a.do(mapping(fd, pageSize, unix.MAP_SHARED, i+1)).ok())
	}
	return at
}

const pageSize = 4096

// load reads the i-th word of the mapping at this address.
func load(at, i int) request {
	return request{call{Op: "load", N: int64(at + 8*i)}, fmt.Sprintf("read word %d", i), 0}
}

// store writes the i-th word of the mapping.
func store(at, i int, v int) request {
	return request{call{Op: "store", N: int64(at + 8*i), M: int64(v)}, fmt.Sprintf("word %d := %s", i, number(int64(v))), 0}
}

// swap writes the i-th word if it holds from; it returns 1 if it did.
func swap(at, i, from, to int) request {
	return request{call{Op: "cas", N: int64(at + 8*i), M: int64(from), K: int64(to)}, fmt.Sprintf("compare-and-swap word %d: %d to %d", i, from, to), 0}
}

// sleepOn is futex(FUTEX_WAIT) on the i-th word while it holds want.
func sleepOn(at, i, want int) request {
	return request{call{Op: "fwait", N: int64(at + 8*i), M: int64(want)}, fmt.Sprintf("futex_wait(word %d while %d)", i, want), unix.SYS_FUTEX}
}

// wake is futex(FUTEX_WAKE) of one sleeper on the i-th word.
func wake(at, i int) request {
	return request{call{Op: "fwake", N: int64(at + 8*i), M: 1}, fmt.Sprintf("futex_wake(word %d)", i), 0}
}

// takeRobust takes the i-th word as a robust lock.
func takeRobust(at, i int) request {
	return request{call{Op: "robust", N: int64(at + 8*i)}, fmt.Sprintf("robust lock of word %d", i), 0}
}

// mapped is mincore: whether there is memory at an address at all.
func mapped(at int) request {
	return request{call{Op: "mapped", N: int64(at)}, "is there memory at that address?", 0}
}

// memfd makes an anonymous file in memory until the run is over.
func (s *Stage) memfd(length int) int {
	fd := s.parent.do(request{call{Op: "memfd", Name: "shmrace"}, "memfd_create()", 0}).ok()
	s.after(func() { unix.Close(fd) })
	s.parent.do(truncate(fd, length)).ok()
	return fd
}

// twoWithMemory starts two processes that share a page, and returns where each has it.
func (s *Stage) twoWithMemory(first, second string) (a, b *Actor, atA, atB int) {
	fd := s.memfd(pageSize)
	a, b = s.start(first, fd), s.start(second, fd)
	at := memoryOf(inheritedFile(0), a, b)
	return a, b, at[0], at[1]
}
