package ipc

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// updateRounds is how often the lost update is shown, without a lock and with.
const updateRounds = 100

var severalWriters = Demonstration{
	Number: 16, Name: "writers",
	Title:    "Several writers, one variable",
	Claim:    "x = x + 1 is a read and a write. When both read first, one update is lost. A lock cures it.",
	Question: "x is 0. A and B both do x = x + 1, and both read before either writes. What is x?",
	Choices:  []string{"2", "1", "0"},
	answer:   picks("one", "2", "1", "0"),
	script:   playSeveralWriters,
	expect:   []string{"one=1", "rounds=100", "bad_without_lock=100", "good_with_lock=100"},
	Why: "The second write stores what was computed from the old value. With the lock B cannot read before A has " +
		"written: it sleeps in the kernel until A wakes it.",
	Trap:    "On one CPU, unscheduled, it practically never shows: that it worked is no argument.",
	Further: []string{"futex(2)", "futex(7)", "pthread_mutexattr_setpshared(3)"},
	code:    []string{"playSeveralWriters"},
}

func playSeveralWriters(s *Stage) {
	a, b, atA, atB := s.twoWithMemory("A", "B")
	const x, lock = 0, 1
	bad, good, last := 0, 0, 0
	s.rounds(updateRounds, func(int) {
		a.do(store(atA, x, 0))
		byA, byB := a.do(load(atA, x)).ok(), b.do(load(atB, x)).ok()
		a.do(store(atA, x, byA+1))
		b.do(store(atB, x, byB+1))
		if last = b.do(load(atB, x)).ok(); last != 2 {
			bad++
		}
	})
	s.fact("one", last)
	s.fact("rounds", updateRounds)
	s.fact("bad_without_lock", bad)
	s.rounds(updateRounds, func(int) {
		a.do(store(atA, x, 0))
		a.do(swap(atA, lock, 0, 1)).ok()
		byA := a.do(load(atA, x)).ok()
		if b.do(swap(atB, lock, 0, 1)).ok() == 1 {
			return // it was not locked at all
		}
		waiting := b.begin(sleepOn(atB, lock, 1))
		waiting.blocked()
		a.do(store(atA, x, byA+1))
		a.do(store(atA, lock, 0))
		a.do(wake(atA, lock))
		waiting.result()
		b.do(swap(atB, lock, 0, 1)).ok()
		b.do(store(atB, x, b.do(load(atB, x)).ok()+1))
		b.do(store(atB, lock, 0))
		if b.do(load(atB, x)).ok() == 2 {
			good++
		}
	})
	s.fact("good_with_lock", good)
}

var whichValue = Demonstration{
	Number: 17, Name: "outcomes",
	Title:    "Which value is there at the end?",
	Claim:    "All interleavings of two small programs, each run: what comes out is exactly what was enumerated.",
	Question: "A writes the two words (1,1), B writes (2,2), word by word. Which results are possible?",
	Choices:  []string{"(1,1) or (2,2)", "those, and (1,2) and (2,1)", "those, and (0,1) too"},
	answer: func(f Facts) int {
		if f.Get("pair.different") == "4" {
			return 1
		}
		return 0
	},
	script: playWhichValue,
	expect: []string{"pair.interleavings=6", "pair.different=4", "pair.observed=as enumerated", "pair.allowed=4 of 6",
		"sum.interleavings=6", "sum.different=2", "sum.observed=as enumerated", "sum.allowed=2 of 6"},
	Why: "With n steps each there are (2n)! / (n!)^2 orders. Allowed is what comes out when one program goes " +
		"before the other whole; nothing but a lock makes the other orders go away.",
	Trap:    "\"Either 1 or 2\" forgets the torn value and the lost update.",
	Further: []string{"futex(7)", "Lamport, \"How to make a multiprocessor computer...\", 1979"},
	code:    []string{"playWhichValue", "pairPrograms", "sumPrograms"},
}

// A program is what one process does, as steps on memory and a register.
type program []func(m accessor, register *int)

// An accessor is a memory: a simulated one, or a process's mapping.
type accessor struct {
	get func(i int) int
	set func(i, v int)
}

// pairPrograms write the two words of a record.
func pairPrograms() [2]program {
	writes := func(v int) program {
		return program{
			func(m accessor, _ *int) { m.set(0, v) },
			func(m accessor, _ *int) { m.set(1, v) },
		}
	}
	return [2]program{writes(1), writes(2)}
}

// sumPrograms count up the first word.
func sumPrograms() [2]program {
	count := program{
		func(m accessor, register *int) { *register = m.get(0) },
		func(m accessor, register *int) { m.set(0, *register+1) },
	}
	return [2]program{count, count}
}

func playWhichValue(s *Stage) {
	a, b, atA, atB := s.twoWithMemory("A", "B")
	real := [2]accessor{s.accessor(a, atA), s.accessor(b, atB)}
	s.compareOutcomes("pair", pairPrograms(), real)
	s.compareOutcomes("sum", sumPrograms(), real)
}

// accessor is the memory of a process.
func (s *Stage) accessor(a *Actor, at int) accessor {
	return accessor{
		get: func(i int) int { return a.do(load(at, i)).ok() },
		set: func(i, v int) { a.do(store(at, i, v)).ok() },
	}
}

// compareOutcomes runs all interleavings of two programs on numbers and on
// real memory.
func (s *Stage) compareOutcomes(name string, programs [2]program, real [2]accessor) {
	var numbers [2]int
	simulated := accessor{func(i int) int { return numbers[i] }, func(i, v int) { numbers[i] = v }}
	enumerated, observed := map[string]int{}, map[string]int{}
	orders := interleavings(len(programs[0]), len(programs[1]))
	allowed := map[string]bool{}
	s.rounds(len(orders), func(i int) {
		want := outcomeOf(orders[i], programs, [2]accessor{simulated, simulated})
		got := outcomeOf(orders[i], programs, real)
		enumerated[want]++
		observed[got]++
		if i == 0 || i == len(orders)-1 { // A before B, B before A
			allowed[want] = true
		}
	})
	total := 0
	for _, outcome := range slices.Sorted(maps.Keys(observed)) {
		verdict := "not allowed"
		if allowed[outcome] {
			verdict, total = "allowed", total+observed[outcome]
		}
		s.fact(name+"."+outcome, fmt.Sprintf("%d times, %s", observed[outcome], verdict))
	}
	s.fact(name+".interleavings", len(orders))
	s.fact(name+".different", len(observed))
	s.fact(name+".allowed", fmt.Sprintf("%d of %d", total, len(orders)))
	s.fact(name+".observed", map[bool]string{true: "as enumerated", false: "otherwise"}[maps.Equal(enumerated, observed)])
}

// outcomeOf runs two programs in this order, from memory of zeros.
func outcomeOf(order string, programs [2]program, memory [2]accessor) string {
	memory[0].set(0, 0)
	memory[0].set(1, 0)
	var register, at [2]int
	for _, who := range order {
		i := int(who - 'A')
		programs[i][at[i]](memory[i], &register[i])
		at[i]++
	}
	return fmt.Sprintf("(%d,%d)", memory[0].get(0), memory[0].get(1))
}

// interleavings returns all orders of a steps of A and b steps of B. The first
// has all of A before B, the last all of B before A.
func interleavings(a, b int) (all []string) {
	if a == 0 || b == 0 {
		return []string{strings.Repeat("A", a) + strings.Repeat("B", b)}
	}
	for _, rest := range interleavings(a-1, b) {
		all = append(all, "A"+rest)
	}
	for _, rest := range interleavings(a, b-1) {
		all = append(all, "B"+rest)
	}
	return all
}

var mappedFile = Demonstration{
	Number: 18, Name: "mapfile",
	Title:    "A memory-mapped file",
	Claim:    "What is written through MAP_SHARED is read by read() of another process and stays in the file. MAP_PRIVATE: neither.",
	Question: "The child writes through MAP_SHARED and does not call msync. The parent reads the file with read(). What is there?",
	Choices:  []string{"the old bytes, until msync", "the new bytes"},
	answer:   picks("shared.read", "0", "4711"),
	script:   playMappedFile,
	expect: []string{"shared.read=4711", "shared.after_death=4711", "private.own=42", "private.read=4711",
		"private.after_death=4711"},
	Why: "read, write and MAP_SHARED go to the same pages, the page cache. MAP_PRIVATE makes a copy of a page at the " +
		"first write, and that copy is nobody else's.",
	Trap:    "msync is about the disk, not about who can see it.",
	Further: []string{"mmap(2)", "msync(2)"},
	code:    []string{"playMappedFile"},
}

func playMappedFile(s *Stage) {
	path := s.path("file")
	fd := s.open(path, unix.O_RDWR|unix.O_CREAT)
	s.parent.do(truncate(fd, pageSize)).ok()
	inFile := func(fd int) uint64 {
		return littleEndian(s.parent.do(pread(fd, 8, 0)).data())
	}
	child := s.start("child", fd)
	at := memoryOf(inheritedFile(0), child)[0]
	child.do(store(at, 0, 4711))
	s.fact("shared.read", inFile(fd))
	child.exit()
	s.fact("shared.after_death", inFile(s.open(path, unix.O_RDONLY)))

	second := s.start("second", fd)
	at = second.do(mapping(inheritedFile(0), pageSize, unix.MAP_PRIVATE, 3)).ok()
	second.do(store(at, 0, 42))
	s.fact("private.own", second.do(load(at, 0)).ok())
	s.fact("private.read", inFile(fd))
	second.exit()
	s.fact("private.after_death", inFile(s.open(path, unix.O_RDONLY)))
}

// littleEndian is the number in 8 bytes; amd64 and arm64 are little-endian.
func littleEndian(b []byte) (n uint64) {
	for i, c := range b {
		n |= uint64(c) << (8 * i)
	}
	return n
}
