package ipc

import (
	"fmt"

	"golang.org/x/sys/unix"
)

var queueOperations = map[string]func(*call) answer{
	"mq_open": func(c *call) answer {
		var attributes *PosixAttributes
		if c.M > 0 {
			attributes = &PosixAttributes{Capacity: c.M, Size: c.K}
		}
		q, err := OpenPosixQueue(c.Name, int(c.N), attributes)
		return done(int(q), err)
	},
	"mq_unlink": func(c *call) answer { return done(0, UnlinkPosixQueue(c.Name)) },
	"mq_send": func(c *call) answer {
		return done(0, PosixQueue(c.FD).Send(c.Data, uint32(c.N), c.M))
	},
	"mq_receive": func(c *call) answer {
		b := make([]byte, c.N)
		n, priority, err := PosixQueue(c.FD).Receive(b, c.M)
		a := done(n, err)
		a.Data, a.M = b[:max(n, 0)], int64(priority)
		return a
	},
	"mq_queued": func(c *call) answer {
		attributes, err := PosixQueue(c.FD).Attributes()
		a := done(attributes.Queued, err)
		a.M = attributes.Flags
		return a
	},
	"mq_nonblock": func(c *call) answer { return done(0, PosixQueue(c.FD).SetNonblock(c.N != 0)) },
	"msgget": func(c *call) answer {
		q, err := OpenSysVQueue(int32(c.N), int(c.M))
		return done(int(q), err)
	},
	"msgsnd": func(c *call) answer { return done(0, SysVQueue(c.FD).Send(c.N, c.Data, int(c.M))) },
	"msgrcv": func(c *call) answer {
		b := make([]byte, c.K)
		n, kind, err := SysVQueue(c.FD).Receive(c.N, b, int(c.M))
		a := done(n, err)
		a.Data, a.M = b[:max(n, 0)], kind
		return a
	},
	"msgctl.stat": func(c *call) answer {
		n, err := SysVQueue(c.FD).Queued()
		return done(n, err)
	},
	"msgctl.size": func(c *call) answer { return done(0, SysVQueue(c.FD).SetCapacity(int(c.N))) },
	"msgctl.rm":   func(c *call) answer { return done(0, SysVQueue(c.FD).Remove()) },
}

// A queueKind is what the scripts need of a kind of message queue, so that one
// script runs over both.
type queueKind struct {
	name string // of the part: posix, sysv
	// open is mq_open or msgget of the run's n-th queue; create makes it, anew.
	open    func(s *Stage, n int, create bool) request
	send    func(q int, message string, priority int) request
	receive func(q, size int) request
	now     func(request) request // the same, but it does not block
	queued  func(q int) request
	remove  func(s *Stage, n, q int) request
}

// queueCapacity is how many messages of queueMessage bytes a queue of a
// demonstration holds. An ordinary user may have 10 messages of 8192; what all
// the queues of a user may take together is limited too.
const (
	queueCapacity = 10
	queueMessage  = 1024
)

// queuesOfRun bounds the numbers of a run's queues.
const queuesOfRun = 4

var posixQueues = queueKind{
	name: "posix",
	open: func(s *Stage, n int, create bool) request {
		name := s.private.name(fmt.Sprint("queue", n))
		r := request{call{Op: "mq_open", Name: name, N: unix.O_RDWR}, fmt.Sprintf("mq_open(\"/queue%d\")", n), 0}
		if create {
			s.path("") // the directory's name tells shmrace clean of the queue
			s.after(func() { UnlinkPosixQueue(name) })
			r.N |= unix.O_CREAT
			r.M, r.K = queueCapacity, queueMessage
			r.text = fmt.Sprintf("mq_open(\"/queue%d\", O_CREAT)", n)
		}
		return r
	},
	send: func(q int, message string, priority int) request {
		return request{call{Op: "mq_send", FD: q, Data: []byte(message), N: int64(priority)},
			fmt.Sprintf("mq_send(%d, %s, priority %d)", q, quote([]byte(message)), priority), unix.SYS_MQ_TIMEDSEND}
	},
	receive: func(q, size int) request {
		return request{call{Op: "mq_receive", FD: q, N: int64(size)}, fmt.Sprintf("mq_receive(%d, %d bytes)", q, size), unix.SYS_MQ_TIMEDRECEIVE}
	},
	now: func(r request) request {
		r.M = 1 // a deadline that has passed
		r.text = "timed " + r.text
		return r
	},
	queued: func(q int) request {
		return request{call{Op: "mq_queued", FD: q}, fmt.Sprintf("mq_getattr(%d).mq_curmsgs", q), 0}
	},
	remove: func(s *Stage, n, _ int) request {
		return request{call{Op: "mq_unlink", Name: s.private.name(fmt.Sprint("queue", n))}, fmt.Sprintf("mq_unlink(\"/queue%d\")", n), 0}
	},
}

var sysvQueues = queueKind{
	name: "sysv",
	open: func(s *Stage, n int, create bool) request {
		key := queueKey(n)
		r := request{call{Op: "msgget", N: int64(key)}, fmt.Sprintf("msgget(key %d)", n), 0}
		if create {
			s.after(func() {
				if q, err := OpenSysVQueue(key, 0); err == nil {
					q.Remove()
				}
			})
			r.M = ipcCreate | 0o600
			r.text = fmt.Sprintf("msgget(key %d, IPC_CREAT)", n)
		}
		return r
	},
	send: func(q int, message string, kind int) request {
		return request{call{Op: "msgsnd", FD: q, Data: []byte(message), N: int64(kind)},
			fmt.Sprintf("msgsnd(queue, %s, type %d)", quote([]byte(message)), kind), unix.SYS_MSGSND}
	},
	receive: func(q, size int) request {
		return request{call{Op: "msgrcv", FD: q, N: -9, K: int64(size)}, fmt.Sprintf("msgrcv(queue, %d bytes, type -9)", size), unix.SYS_MSGRCV}
	},
	now: func(r request) request {
		r.M = ipcNoWait
		r.text += " IPC_NOWAIT"
		return r
	},
	queued: func(q int) request {
		return request{call{Op: "msgctl.stat", FD: q}, "msgctl(queue, IPC_STAT).msg_qnum", 0}
	},
	remove: func(_ *Stage, _, q int) request {
		return request{call{Op: "msgctl.rm", FD: q}, "msgctl(queue, IPC_RMID)", 0}
	},
}

// keyPrefix begins the keys of the kit's System V queues; the number of the
// queue and the owner's pid, which has at most 22 bits, follow.
const (
	keyPrefix = 0x53
	pidBits   = 22
)

func queueKey(n int) int32 {
	return keyPrefix<<24 | int32(n%queuesOfRun)<<pidBits | int32(unix.Getpid())
}

// queue opens or makes the run's n-th queue in this process until the run is over.
func (s *Stage) queue(kind queueKind, n int) int {
	q := s.parent.do(kind.open(s, n, true)).ok()
	if kind.name == "posix" {
		s.after(func() { unix.Close(q) })
	}
	return q
}
