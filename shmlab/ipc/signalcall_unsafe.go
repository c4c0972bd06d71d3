package ipc

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

var signalOperations = map[string]func(*call) answer{
	"default": func(c *call) answer { return setAction(c.N, 0) },
	"ignore":  func(c *call) answer { return setAction(c.N, 1) },
	"catch": func(c *call) answer {
		var old sigaction
		if err := action(c.N, nil, &old); err != nil {
			return done(-1, err)
		}
		if old.handler <= 1 { // never called here: any address will do
			old.handler = uintptr(unsafe.Pointer(&global))
		}
		return done(0, action(c.N, &old, nil))
	},
	"tgkill": func(c *call) answer {
		return done(0, unix.Tgkill(unix.Getpid(), unix.Gettid(), unix.Signal(c.N)))
	},
	"kill": func(c *call) answer { return done(0, unix.Kill(int(c.N), unix.Signal(c.M))) },
	"sigtimedwait": func(c *call) answer {
		set := uint64(1) << (c.N - 1)
		var info [128]byte
		var none unix.Timespec
		n, _, errno := unix.Syscall6(unix.SYS_RT_SIGTIMEDWAIT, uintptr(unsafe.Pointer(&set)),
			uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&none)), 8, 0, 0)
		if errno != 0 {
			return answer{N: -1, Errno: errno}
		}
		return answer{N: int64(n)}
	},
	"sigwait":     func(c *call) answer { return done(0, waitSignal(c.N)) },
	"signal.ping": func(c *call) answer { return signalPing(c, true) },
	"signal.pong": func(c *call) answer { return signalPing(c, false) },
	"getpid":      func(*call) answer { return answer{N: int64(unix.Getpid())} },
}

// sigaction is the kernel's struct sigaction: amd64 has a restorer in it.
type sigaction struct {
	handler uintptr
	flags   uint64
	rest    [2]uint64 // amd64: restorer and mask, arm64: mask
}

// action sets a signal's action and returns the old one, for this whole process.
func action(sig int64, to, old *sigaction) error {
	return errorOf(unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(to)), uintptr(unsafe.Pointer(old)), 8, 0, 0))
}

// setAction sets SIG_DFL, 0, or SIG_IGN, 1. It does so behind the Go runtime's
// back, which would not give its own handlers up.
func setAction(sig int64, handler uintptr) answer {
	return done(0, action(sig, &sigaction{handler: handler}, nil))
}

// blockSignals blocks signals for this thread, and so for processes that it
// starts. It returns the function that undoes it.
func blockSignals(signals ...unix.Signal) (restore func()) {
	var set, old unix.Sigset_t
	for _, sig := range signals {
		set.Val[0] |= 1 << (sig - 1)
	}
	unix.PthreadSigmask(unix.SIG_BLOCK, &set, &old) // cannot fail: the arguments are ours
	return func() { unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil) }
}

// waitSignal waits for a signal that is blocked.
func waitSignal(sig int64) error {
	set := uint64(1) << (sig - 1)
	for {
		_, _, errno := unix.Syscall6(unix.SYS_RT_SIGTIMEDWAIT, uintptr(unsafe.Pointer(&set)), 0, 0, 8, 0, 0)
		if errno != unix.EINTR {
			return errorOf(0, 0, errno)
		}
	}
}

// signalPing sends signal N to process K and waits for one back, or the other
// way round, M times. Who begins returns percentiles, as of [pingPong].
func signalPing(c *call, first bool) answer {
	t := newTrips(0)
	for range min(c.M, mostTrips) {
		if !first {
			if err := waitSignal(c.N); err != nil {
				return done(-1, err)
			}
		}
		if err := unix.Kill(int(c.K), unix.Signal(c.N)); err != nil {
			return done(-1, err)
		}
		if first {
			if err := waitSignal(c.N); err != nil {
				return done(-1, err)
			}
		}
		t.lap()
	}
	return answer{N: int64(t.n), Data: t.percentiles()}
}
