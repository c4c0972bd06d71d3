package ipc

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// robustSupport says whether the kernel frees the locks of the dead.
func robustSupport() error {
	var head, size uintptr
	return errorOf(unix.RawSyscall(unix.SYS_GET_ROBUST_LIST, 0, uintptr(unsafe.Pointer(&head)), uintptr(unsafe.Pointer(&size))))
}

// The commands of membarrier(2) that are used.
const (
	barrierQuery                   = 0
	barrierGlobalExpedited         = 1 << 1
	barrierRegisterGlobalExpedited = 1 << 2
)

// barrierSupport says whether a process can make all others of its kind pass a
// memory barrier.
func barrierSupport() error {
	commands, _, errno := unix.RawSyscall(unix.SYS_MEMBARRIER, barrierQuery, 0, 0)
	if errno != 0 {
		return errno
	}
	if commands&barrierGlobalExpedited == 0 {
		return unix.ENOSYS
	}
	return nil
}

func membarrier(command uintptr) error {
	return errorOf(unix.RawSyscall(unix.SYS_MEMBARRIER, command, 0, 0))
}
