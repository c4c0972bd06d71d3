package ipc

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// queueKinds are the two kinds of message queues; every demonstration of
// queues is run over both.
var queueKinds = []queueKind{posixQueues, sysvQueues}

// both returns the facts that are expected of either kind of queue.
func both(facts ...string) (all []string) {
	for _, kind := range queueKinds {
		for _, f := range facts {
			all = append(all, kind.name+"."+f)
		}
	}
	return all
}

// overBoth runs a script over both kinds of queues; either may be missing.
func overBoth(script func(s *Stage, kind queueKind)) func(*Stage) {
	return func(s *Stage) {
		for _, kind := range queueKinds {
			s.part(kind.name, func() { script(s, kind) })
		}
	}
}

// eitherPicks is picks for a fact of a demonstration over both kinds of queues.
func eitherPicks(name string, values ...string) func(Facts) int {
	return func(f Facts) int {
		if i := picks("posix."+name, values...)(f); i >= 0 {
			return i
		}
		return picks("sysv."+name, values...)(f)
	}
}

var queueOutlives = Demonstration{
	Number: 8, Name: "queue",
	Title:    "A message queue outlives its processes",
	Claim:    "The sender is gone before the receiver is started, and the message still arrives.",
	Question: "The sender has sent and exited. Nobody has the queue open. Is the message there for a receiver started now?",
	Choices:  []string{"yes", "no, it went with the sender"},
	answer:   eitherPicks("received", "ORDER 66", ""),
	script:   overBoth(playQueueOutlives),
	expect: both("before=ENOENT", "queued_after_exit=1", "received=ORDER 66", "stale=from the first run",
		"after_unlink=ENOENT"),
	Why:     "The queue belongs to the kernel, not to a process. It goes when it is removed or when the system restarts.",
	Trap:    "A program that starts with \"create or open\" finds the messages that the last run left. Remove first, or use O_EXCL.",
	Further: []string{"mq_overview(7)", "sysvipc(7)", "msgget(2)", "ipcs(1)"},
	code:    []string{"playQueueOutlives"},
}

func playQueueOutlives(s *Stage, kind queueKind) {
	s.fact(kind.name+".before", s.lookForQueue(kind))
	sender := s.start("sender")
	q := sender.do(kind.open(s, 0, true)).ok()
	sender.do(kind.send(q, "ORDER 66", 1)).ok()
	sender.exit()

	receiver := s.start("receiver")
	q = receiver.do(kind.open(s, 0, false)).ok()
	s.fact(kind.name+".queued_after_exit", receiver.do(kind.queued(q)).ok())
	s.fact(kind.name+".received", string(receiver.do(kind.receive(q, queueMessage)).data()))

	receiver.do(kind.send(q, "from the first run", 1)).ok()
	receiver.exit()
	again := s.start("second run")
	q = again.do(kind.open(s, 0, true)).ok()
	s.fact(kind.name+".stale", string(again.do(kind.receive(q, queueMessage)).data()))
	again.do(kind.remove(s, 0, q)).ok()
	s.fact(kind.name+".after_unlink", s.lookForQueue(kind))
}

// lookForQueue says whether the queue exists: ok or ENOENT.
func (s *Stage) lookForQueue(kind queueKind) string {
	res := s.parent.do(kind.open(s, 0, false))
	if res.Errno == unix.ENOSYS {
		res.ok()
	}
	if res.Errno == 0 && kind.name == "posix" {
		unix.Close(int(res.N))
	}
	return res.outcome()
}

var queueBlocking = Demonstration{
	Number: 9, Name: "nonblock",
	Title:    "Blocking and not, and the order of messages",
	Claim:    "A full queue blocks the sender or refuses, an empty one the receiver; the highest priority comes first, then the oldest.",
	Question: "Messages are sent with priority 1, 9, 5, 9 (POSIX). In which order are they received?",
	Choices:  []string{"as they were sent", "9 9 5 1, the older 9 first", "1 5 9 9"},
	answer: func(f Facts) int {
		return picks("posix.order", "low,first high,middle,second high", "first high,second high,middle,low", "low,middle,first high,second high")(f)
	},
	script: overBoth(playQueueBlocking),
	expect: append(both("sender_blocks=yes", "receiver_blocks=yes", "received=here it is"),
		"posix.full=EAGAIN", "posix.empty=EAGAIN", "sysv.full=EAGAIN", "sysv.empty=ENOMSG",
		"posix.full_timed=ETIMEDOUT", "posix.empty_timed=ETIMEDOUT", "posix.capacity=10",
		"posix.order=first high,second high,middle,low", "sysv.order=low,middle,first high,second high",
		"posix.flag_of_parent=O_NONBLOCK"),
	Why: "POSIX queues sort by priority. System V queues have types: with a negative type msgrcv takes the lowest, " +
		"so there 1 is the most urgent. Equal ones keep their order in both.",
	Trap:    "O_NONBLOCK is a flag of the open description: a child that sets it on what it inherited sets it for the parent. IPC_NOWAIT is one of the call.",
	Further: []string{"mq_send(3)", "mq_receive(3)", "mq_getattr(3)", "msgop(2)"},
	code:    []string{"playQueueBlocking", "fillQueue"},
}

func playQueueBlocking(s *Stage, kind queueKind) {
	q := s.queue(kind, 1)
	s.fact(kind.name+".capacity", s.fillQueue(kind, q))
	s.refusals(kind, "full", kind.send(q, "no room", 1), q)
	sender := s.startWith(kind, q)
	last := sender.begin(kind.send(s.there(kind, q), "last", 1))
	last.blocked()
	s.fact(kind.name+".sender_blocks", "yes")
	s.parent.do(kind.receive(q, queueMessage)).ok() // makes room
	last.result().ok()
	s.silently(func() {
		for s.parent.do(kind.queued(q)).ok() > 0 {
			s.parent.do(kind.receive(q, queueMessage)).ok()
		}
	})

	s.refusals(kind, "empty", kind.receive(q, queueMessage), q)
	receiver := s.startWith(kind, q)
	first := receiver.begin(kind.receive(s.there(kind, q), queueMessage))
	first.blocked()
	s.fact(kind.name+".receiver_blocks", "yes")
	s.parent.do(kind.send(q, "here it is", 1)).ok()
	s.fact(kind.name+".received", string(first.result().data()))
	s.orderOf(kind, q)
	if kind.name == "posix" {
		receiver.do(request{call{Op: "mq_nonblock", FD: inheritedFile(0), N: 1}, "mq_setattr(4, O_NONBLOCK)", 0}).ok()
		s.fact("posix.flag_of_parent", flagNames(int(s.parent.do(kind.queued(q)).M))[len("O_RDONLY|"):])
	}
	s.parent.do(kind.remove(s, 1, q)).ok()
}

// fillQueue sends until the queue is full and returns how many messages it took.
func (s *Stage) fillQueue(kind queueKind, q int) (n int) {
	if kind.name == "sysv" {
		s.parent.do(request{call{Op: "msgctl.size", FD: q, N: 1000}, "msgctl(queue, IPC_SET, 1000 bytes)", 0}).ok()
	}
	message := strings.Repeat("m", 100)
	s.rounds(10, func(int) {
		s.parent.do(kind.send(q, message, 1)).ok()
		n++
	})
	return n
}

// refusals observes what a call that would block returns if it must not.
func (s *Stage) refusals(kind queueKind, state string, r request, q int) {
	if kind.name == "sysv" {
		s.fact("sysv."+state, s.parent.do(kind.now(r)).outcome())
		return
	}
	nonblock := func(on int64) request {
		return request{call{Op: "mq_nonblock", FD: q, N: on}, fmt.Sprintf("mq_setattr(%d, O_NONBLOCK %s)", q, [...]string{"off", "on"}[on]), 0}
	}
	s.parent.do(nonblock(1)).ok()
	s.fact("posix."+state, s.parent.do(r).outcome())
	s.parent.do(nonblock(0)).ok()
	s.fact("posix."+state+"_timed", s.parent.do(kind.now(r)).outcome())
}

// startWith starts a process that has the queue: a descriptor is inherited, an
// identifier is good everywhere.
func (s *Stage) startWith(kind queueKind, q int) *Actor {
	if kind.name == "posix" {
		return s.start("child", q)
	}
	return s.start("child")
}

// there is what the queue is called in a process of startWith.
func (s *Stage) there(kind queueKind, q int) int {
	if kind.name == "posix" {
		return inheritedFile(0)
	}
	return q
}

// orderOf observes in which order messages of several priorities arrive.
func (s *Stage) orderOf(kind queueKind, q int) {
	for _, m := range []struct {
		text     string
		priority int
	}{{"low", 1}, {"first high", 9}, {"middle", 5}, {"second high", 9}} {
		s.parent.do(kind.send(q, m.text, m.priority)).ok()
	}
	var order []string
	for range 4 {
		order = append(order, string(s.parent.do(kind.receive(q, queueMessage)).data()))
	}
	s.fact(kind.name+".order", strings.Join(order, ","))
}

var queueBinary = Demonstration{
	Number: 10, Name: "binary",
	Title:    "Binary data in a message",
	Claim:    "A struct with zero bytes in it arrives whole, and each message keeps its own length.",
	Question: "A message of 24 bytes is waiting. The receiver's buffer has 16. What does it get (POSIX)?",
	Choices:  []string{"the first 16 bytes", "an error, and the message stays", "16 bytes now and 8 with the next call"},
	answer: func(f Facts) int {
		return map[string]int{"ok": 0, "EMSGSIZE": 1, "E2BIG": 1}[f.Get("posix.small_buffer")+""]
	},
	script: overBoth(playQueueBinary),
	expect: append(both("bytes=equal", "sent=24", "c_string=1", "lengths=24,5,0", "still_queued=1"),
		"posix.small_buffer=EMSGSIZE", "sysv.small_buffer=E2BIG"),
	Why: "The kernel counts bytes and does not look at them. A message is taken whole or not at all; mq_receive " +
		"even refuses a buffer smaller than the largest message possible.",
	Trap:    "strlen of a struct stops at its first zero byte: send sizeof(struct) bytes.",
	Further: []string{"mq_receive(3), EMSGSIZE", "msgop(2), E2BIG and MSG_NOERROR"},
	code:    []string{"playQueueBinary"},
}

// A reading is a message as programs send it: numbers, some of their bytes zero.
type reading struct {
	Sensor  int32
	Name    [4]byte
	Value   float64
	Counter int64
}

func playQueueBinary(s *Stage, kind queueKind) {
	q := s.queue(kind, 2)
	var message bytes.Buffer
	binary.Write(&message, binary.LittleEndian, reading{7, [4]byte{'t', 0, 'x', 0}, 21.5, 1 << 40})
	receiver := s.startWith(kind, q)
	there := s.there(kind, q)

	sent := message.String()
	s.parent.do(kind.send(q, sent, 1)).ok()
	s.fact(kind.name+".sent", len(sent))
	s.fact(kind.name+".c_string", strings.IndexByte(sent, 0))
	s.fact(kind.name+".small_buffer", receiver.do(kind.receive(there, 16)).outcome())
	s.fact(kind.name+".still_queued", receiver.do(kind.queued(there)).ok())
	got := receiver.do(kind.receive(there, queueMessage)).data()
	s.fact(kind.name+".bytes", map[bool]string{true: "equal", false: "different"}[string(got) == sent])

	var lengths []string
	for _, text := range []string{sent, "HELLO", ""} {
		s.parent.do(kind.send(q, text, 1)).ok()
		lengths = append(lengths, fmt.Sprint(receiver.do(kind.receive(there, queueMessage)).ok()))
	}
	s.fact(kind.name+".lengths", strings.Join(lengths, ","))
	s.parent.do(kind.remove(s, 2, q)).ok()
}
