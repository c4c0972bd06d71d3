package ipc

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// A PosixQueue is a descriptor of a POSIX message queue, mq_overview(7). On
// Linux it is a file descriptor: it is inherited, closed on exec if so opened,
// and can be polled.
type PosixQueue int

// PosixAttributes are struct mq_attr: flags is 0 or O_NONBLOCK, sizes are in
// bytes.
type PosixAttributes struct {
	Flags    int64
	Capacity int64 // messages
	Size     int64 // of a message, at most
	Queued   int64 // messages in it now
	_        [4]int64
}

// OpenPosixQueue opens the queue of this name; the system call wants it
// without the slash that mq_open(3) wants. With O_CREAT it makes it, with these
// attributes or, if nil, the system's.
func OpenPosixQueue(name string, flags int, attributes *PosixAttributes) (PosixQueue, error) {
	b, err := unix.BytePtrFromString(name)
	if err != nil {
		return -1, err
	}
	fd, _, errno := unix.Syscall6(unix.SYS_MQ_OPEN, uintptr(unsafe.Pointer(b)), uintptr(flags|unix.O_CLOEXEC),
		0o600, uintptr(unsafe.Pointer(attributes)), 0, 0)
	if errno != 0 {
		return -1, errno
	}
	return PosixQueue(fd), nil
}

// UnlinkPosixQueue removes a queue's name. The queue goes when nobody has it open.
func UnlinkPosixQueue(name string) error {
	b, err := unix.BytePtrFromString(name)
	if err != nil {
		return err
	}
	return errorOf(unix.Syscall(unix.SYS_MQ_UNLINK, uintptr(unsafe.Pointer(b)), 0, 0))
}

// Send puts a message in the queue. It waits for room until deadline, a time of
// the real-time clock in nanoseconds, or for ever if that is 0; a queue opened
// with O_NONBLOCK is EAGAIN at once.
func (q PosixQueue) Send(message []byte, priority uint32, deadline int64) error {
	at, t := unsafe.Pointer(unsafe.SliceData(message)), timespec(deadline)
	return errorOf(unix.Syscall6(unix.SYS_MQ_TIMEDSEND, uintptr(q), uintptr(at), uintptr(len(message)),
		uintptr(priority), uintptr(unsafe.Pointer(t)), 0))
}

// Receive takes the oldest of the messages with the highest priority. The
// buffer must be as large as the queue's messages can be, else it is EMSGSIZE.
func (q PosixQueue) Receive(buffer []byte, deadline int64) (n int, priority uint32, err error) {
	at, t := unsafe.Pointer(unsafe.SliceData(buffer)), timespec(deadline)
	r, _, errno := unix.Syscall6(unix.SYS_MQ_TIMEDRECEIVE, uintptr(q), uintptr(at), uintptr(len(buffer)),
		uintptr(unsafe.Pointer(&priority)), uintptr(unsafe.Pointer(t)), 0)
	if errno != 0 {
		return -1, 0, errno
	}
	return int(r), priority, nil
}

// Attributes returns the queue's attributes.
func (q PosixQueue) Attributes() (a PosixAttributes, err error) {
	err = errorOf(unix.Syscall(unix.SYS_MQ_GETSETATTR, uintptr(q), 0, uintptr(unsafe.Pointer(&a))))
	return a, err
}

// SetNonblock sets or clears O_NONBLOCK of the open description: for all that
// share it.
func (q PosixQueue) SetNonblock(nonblock bool) error {
	var a PosixAttributes
	if nonblock {
		a.Flags = unix.O_NONBLOCK
	}
	return errorOf(unix.Syscall(unix.SYS_MQ_GETSETATTR, uintptr(q), uintptr(unsafe.Pointer(&a)), 0))
}

func timespec(nanoseconds int64) *unix.Timespec {
	if nanoseconds == 0 {
		return nil
	}
	t := unix.NsecToTimespec(nanoseconds)
	return &t
}

func errorOf(_, _ uintptr, errno unix.Errno) error {
	if errno != 0 {
		return errno
	}
	return nil
}
