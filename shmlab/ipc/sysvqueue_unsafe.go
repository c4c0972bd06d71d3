package ipc

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// A SysVQueue is the identifier of a System V message queue, sysvipc(7). It is
// no descriptor: any process that may can use it, and it cannot be polled.
type SysVQueue int

// The constants of msgget(2), msgop(2) and msgctl(2) that are used here.
const (
	ipcCreate  = 0o1000
	ipcExcl    = 0o2000
	ipcNoWait  = 0o4000
	ipcRemove  = 0
	ipcSet     = 1
	ipcStat    = 2
	msgNoError = 0o10000
)

// OpenSysVQueue returns the queue of this key and makes it if flags say so.
func OpenSysVQueue(key int32, flags int) (SysVQueue, error) {
	id, _, errno := unix.Syscall(unix.SYS_MSGGET, uintptr(key), uintptr(flags), 0)
	if errno != 0 {
		return -1, errno
	}
	return SysVQueue(id), nil
}

// maxSysVMessage is the longest message that is sent or received here, in bytes.
const maxSysVMessage = 8192

// sysvMessage is struct msgbuf.
type sysvMessage struct {
	kind int64
	text [maxSysVMessage]byte
}

// Send puts a message of a kind, which is at least 1, in the queue. A full
// queue blocks, or is EAGAIN with IPC_NOWAIT.
func (q SysVQueue) Send(kind int64, message []byte, flags int) error {
	if len(message) > maxSysVMessage {
		return unix.EINVAL
	}
	m := sysvMessage{kind: kind}
	copy(m.text[:], message)
	return errorOf(unix.Syscall6(unix.SYS_MSGSND, uintptr(q), uintptr(unsafe.Pointer(&m)), uintptr(len(message)), uintptr(flags), 0, 0))
}

// Receive takes the oldest message: of any kind if kind is 0, of that kind, or,
// if it is negative, of the lowest kind up to -kind. A buffer that is too small
// is E2BIG. An empty queue blocks, or is ENOMSG with IPC_NOWAIT.
func (q SysVQueue) Receive(kind int64, buffer []byte, flags int) (n int, gotKind int64, err error) {
	var m sysvMessage
	size := min(len(buffer), maxSysVMessage)
	r, _, errno := unix.Syscall6(unix.SYS_MSGRCV, uintptr(q), uintptr(unsafe.Pointer(&m)), uintptr(size), uintptr(kind), uintptr(flags), 0)
	if errno != 0 {
		return -1, 0, errno
	}
	copy(buffer, m.text[:r])
	return int(r), m.kind, nil
}

// Remove removes the queue. Whoever waits on it gets EIDRM.
func (q SysVQueue) Remove() error {
	return errorOf(unix.Syscall(unix.SYS_MSGCTL, uintptr(q), ipcRemove, 0))
}

// sysvState is struct msqid64_ds of 64-bit systems.
type sysvState struct {
	key                       int32
	uid, gid, cuid, cgid      uint32
	mode                      uint32
	seq                       uint16
	_                         [2]byte
	_                         [2]uint64
	sent, received, changed   int64 // times
	bytes, messages, capacity uint64
	sender, receiver          int32 // the last, pids
	_                         [2]uint64
}

// Queued returns how many messages are in the queue.
func (q SysVQueue) Queued() (int, error) {
	var state sysvState
	err := q.control(ipcStat, &state)
	return int(state.messages), err
}

// SetCapacity sets how many bytes of messages the queue holds.
func (q SysVQueue) SetCapacity(bytes int) error {
	var state sysvState
	if err := q.control(ipcStat, &state); err != nil {
		return err
	}
	state.capacity = uint64(bytes)
	return q.control(ipcSet, &state)
}

func (q SysVQueue) control(command uintptr, state *sysvState) error {
	return errorOf(unix.Syscall(unix.SYS_MSGCTL, uintptr(q), command, uintptr(unsafe.Pointer(state))))
}
