package ipc

import (
	"fmt"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// global is an ordinary variable: each process has one, at the same address.
var global int64 = 1

var memoryOperations = map[string]func(*call) answer{
	"global.address": func(*call) answer { return answer{N: int64(uintptr(unsafe.Pointer(&global)))} },
	"global.get":     func(*call) answer { return answer{N: global} },
	"global.set":     func(c *call) answer { global = c.N; return answer{} },
	"mmap": func(c *call) answer {
		hint := unsafe.Add(unsafe.Pointer(nil), c.K)
		at, err := unix.MmapPtr(c.FD, 0, hint, uintptr(c.N), unix.PROT_READ|unix.PROT_WRITE, int(c.M))
		return done(uintptr(at), err)
	},
	"msync": func(c *call) answer {
		_, _, errno := unix.Syscall(unix.SYS_MSYNC, uintptr(c.N), 4096, unix.MS_SYNC)
		return answer{Errno: errno}
	},
	"mapped": func(c *call) answer {
		var resident [1]byte
		_, _, errno := unix.Syscall(unix.SYS_MINCORE, uintptr(c.N)&^4095, 4096, uintptr(unsafe.Pointer(&resident)))
		return answer{Errno: errno}
	},
	"load":   guarded(func(c *call) int64 { return atomic.LoadInt64(word(c)) }),
	"store":  guarded(func(c *call) int64 { atomic.StoreInt64(word(c), c.M); return 0 }),
	"cas":    guarded(func(c *call) int64 { return truth(atomic.CompareAndSwapInt64(word(c), c.M, c.K)) }),
	"fwait":  func(c *call) answer { return futex(c, 0) },
	"fwake":  func(c *call) answer { return futex(c, 1) },
	"robust": takeRobustly,

	"bare.ping": barePing,
	"bare.pong": barePong,
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// word is the word of this process's memory that a call names by its address.
func word(c *call) *int64 { return (*int64)(unsafe.Add(unsafe.Pointer(nil), c.N)) }

// bytesAt is memory of this process.
func bytesAt(address int64, n int) []byte {
	return unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(nil), address)), n)
}

// guarded is an access to memory. One that faults is an answer, not a crash.
func guarded(access func(*call) int64) func(*call) answer {
	return func(c *call) (a answer) {
		defer func() {
			if r := recover(); r != nil {
				a = answer{N: -1, Fault: fmt.Sprintf("fault: %v", r)}
			}
		}()
		return answer{N: access(c)}
	}
}

// futex waits while the word's low half holds M, or wakes M sleepers.
func futex(c *call, op uintptr) answer {
	n, _, errno := unix.Syscall6(unix.SYS_FUTEX, uintptr(c.N), op, uintptr(c.M), 0, 0, 0)
	if errno != 0 {
		return answer{N: -1, Errno: errno}
	}
	return answer{N: int64(n)}
}

// A robustHead is what the kernel walks when a thread dies: struct
// robust_list_head. A list with one lock in it is all that is needed here.
type robustHead struct {
	first   *robustNode
	offset  int64 // of the lock word from the node
	pending uintptr
}

// A robustNode is an entry of the list. The last points back to the head.
type robustNode struct{ next unsafe.Pointer }

var held struct {
	head robustHead
	node robustNode
}

// takeRobustly takes the lock word at the call's address: it writes the thread's id into
// it and has the kernel look after it. If its owner died it says so by EOWNERDEAD.
func takeRobustly(c *call) answer {
	lock := (*uint32)(unsafe.Pointer(word(c)))
	held.node.next = unsafe.Pointer(&held.head)
	held.head.first = &held.node
	held.head.offset = int64(uintptr(unsafe.Pointer(lock)) - uintptr(unsafe.Pointer(&held.node)))
	if _, _, errno := unix.Syscall(unix.SYS_SET_ROBUST_LIST, uintptr(unsafe.Pointer(&held.head)), unsafe.Sizeof(held.head), 0); errno != 0 {
		return answer{N: -1, Errno: errno}
	}
	const ownerDied = 1 << 30
	before := atomic.LoadUint32(lock)
	owner := before & (1<<30 - 1)
	if owner != 0 && before&ownerDied == 0 || !atomic.CompareAndSwapUint32(lock, before, uint32(unix.Gettid())) {
		return answer{N: -1, Errno: unix.EBUSY}
	}
	if before&ownerDied != 0 {
		return answer{N: -1, Errno: unix.EOWNERDEAD}
	}
	return answer{}
}
