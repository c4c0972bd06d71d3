package ipc

import "golang.org/x/sys/unix"

// tornRounds is how many values the writer is stopped in the middle of.
const tornRounds = 100

// The words of the memory of this demonstration: two copies of a record of two
// words, and what the cures need.
const (
	recordWord   = 0 // and 1
	secondRecord = 2 // and 3
	lockWord     = 4
	sequenceWord = 5 // odd while a write is under way
	currentWord  = 6 // which of the two copies is whole
)

var signalInWrite = Demonstration{
	Number: 12, Name: "torn",
	Title:    "A signal in the middle of a write",
	Claim:    "A writer stopped between two words leaves half of the old record and half of the new. Killed there, it leaves that for ever.",
	Question: "The writer is killed between the two halves. What do readers see from then on?",
	Choices:  []string{"the old record", "the new record", "half of each, for ever"},
	answer:   picks("killed", "old", "new", "torn"),
	script:   playSignalInWrite,
	expect: []string{"rounds=100", "torn=100", "healed=100", "killed=torn", "lock.torn=0", "lock.reader=waits",
		"seqlock.torn=0", "seqlock.reader=looks again", "double.torn=0", "double.reader=reads the old record"},
	Why: "Two words are two stores, and a process can be stopped or killed between any two instructions. The lock makes the " +
		"reader wait, the sequence number makes it notice, two copies let it read the other one.",
	Trap: "In C a handler can run between the two stores. Go runs none there: a signal is noted, and a goroutine hears of " +
		"it at a point of its own choosing. Stop and kill ask nobody.",
	Further: []string{"signal(7)", "signal-safety(7)", "Go: os/signal"},
	code:    []string{"playSignalInWrite"},
}

func playSignalInWrite(s *Stage) {
	writer, reader, atW, atR := s.twoWithMemory("writer", "reader")
	torn, healed := 0, 0
	s.rounds(tornRounds, func(i int) {
		writer.do(store(atW, recordWord, i+1))
		writer.signal(unix.SIGSTOP)
		if readRecord(reader, atR, recordWord) == "torn" {
			torn++
		}
		writer.signal(unix.SIGCONT)
		writer.do(store(atW, recordWord+1, i+1))
		if readRecord(reader, atR, recordWord) == "whole" {
			healed++
		}
	})
	s.fact("rounds", tornRounds)
	s.fact("torn", torn)
	s.fact("healed", healed)
	s.withLock(writer, reader, atW, atR)
	s.withSequence(writer, reader, atW, atR)
	s.withTwoCopies(writer, reader, atW, atR)

	writer.do(store(atW, recordWord, 2000))
	writer.signal(unix.SIGKILL)
	s.fact("killed", readRecord(reader, atR, recordWord))
}

// readRecord says whether both words of a record are of the same write.
func readRecord(reader *Actor, at, word int) string {
	if reader.do(load(at, word)).ok() == reader.do(load(at, word+1)).ok() {
		return "whole"
	}
	return "torn"
}

func (s *Stage) withLock(writer, reader *Actor, atW, atR int) {
	writer.do(swap(atW, lockWord, 0, 1)).ok()
	writer.do(store(atW, recordWord, 1001))
	writer.signal(unix.SIGSTOP)
	torn := 0
	if reader.do(swap(atR, lockWord, 0, 1)).ok() == 1 { // not held: read at once
		torn++
	}
	waiting := reader.begin(sleepOn(atR, lockWord, 1))
	waiting.blocked()
	s.fact("lock.reader", "waits")
	writer.signal(unix.SIGCONT)
	writer.do(store(atW, recordWord+1, 1001))
	writer.do(store(atW, lockWord, 0))
	writer.do(wake(atW, lockWord)).ok()
	waiting.result()
	reader.do(swap(atR, lockWord, 0, 1)).ok()
	if readRecord(reader, atR, recordWord) == "torn" {
		torn++
	}
	reader.do(store(atR, lockWord, 0))
	s.fact("lock.torn", torn)
}

func (s *Stage) withSequence(writer, reader *Actor, atW, atR int) {
	writer.do(store(atW, sequenceWord, 1))
	writer.do(store(atW, recordWord, 1002))
	writer.signal(unix.SIGSTOP)
	before := reader.do(load(atR, sequenceWord)).ok()
	s.fact("seqlock.reader", map[bool]string{true: "looks again", false: "reads"}[before%2 == 1])
	writer.signal(unix.SIGCONT)
	writer.do(store(atW, recordWord+1, 1002))
	writer.do(store(atW, sequenceWord, 2))
	before = reader.do(load(atR, sequenceWord)).ok()
	record := readRecord(reader, atR, recordWord)
	after := reader.do(load(atR, sequenceWord)).ok()
	torn := 0
	if record == "torn" || before != after || before%2 == 1 {
		torn++
	}
	s.fact("seqlock.torn", torn)
}

// withTwoCopies writes the copy that is not the current one, then makes it so.
func (s *Stage) withTwoCopies(writer, reader *Actor, atW, atR int) {
	torn := 0
	look := func() string {
		current := reader.do(load(atR, currentWord)).ok()
		if readRecord(reader, atR, recordWord+2*current) == "torn" {
			torn++
		}
		return [...]string{"reads the old record", "reads the new record"}[current]
	}
	writer.do(store(atW, secondRecord, 1003))
	writer.signal(unix.SIGSTOP)
	s.fact("double.reader", look())
	writer.signal(unix.SIGCONT)
	writer.do(store(atW, secondRecord+1, 1003))
	writer.do(store(atW, currentWord, 1))
	look()
	writer.do(store(atW, currentWord, 0)) // for who comes next
	s.fact("double.torn", torn)
}
