package ipc

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// readable reports whether fd can be read without blocking, waiting at most
// that many milliseconds.
func readable(fd int, milliseconds int) bool {
	fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	n, err := unix.Poll(fds, milliseconds)
	return err == nil && n > 0
}

// threadState is the state letter of a thread in /proc: R, S, T, Z; 0 if it is
// gone.
func threadState(pid, tid int) byte {
	fields := statFields(fmt.Sprintf("/proc/%d/task/%d/stat", pid, tid))
	if len(fields) == 0 || fields[0] == "" {
		return 0
	}
	return fields[0][0]
}

// statFields are the fields of a stat file in /proc behind the command's name,
// which may itself contain spaces and parentheses. The first is the state.
func statFields(file string) []string {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	return strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
}

// startTime is when a process started, in clock ticks since boot; "" if there
// is no such process.
func startTime(pid int) string {
	fields := statFields(fmt.Sprintf("/proc/%d/stat", pid))
	if len(fields) < 20 {
		return ""
	}
	return fields[19]
}

// asleepIn reports whether the actor's thread sleeps in the system call nr. The
// first argument tells a read that was asked for from the wait for orders.
func asleepIn(a *Actor, nr uintptr, fd int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/syscall", a.Pid, a.tid))
	if err != nil { // not allowed to look: be content with the state
		return threadState(a.Pid, a.tid) == 'S' && !waitsForOrders(a)
	}
	fields := strings.Fields(string(b))
	if len(fields) < 2 || fields[0] != fmt.Sprint(nr) {
		return false
	}
	first, err := strconv.ParseInt(fields[1], 0, 64)
	return err != nil || nr != unix.SYS_READ || first == int64(fd)
}

// waitsForOrders reports whether the last order has not been picked up yet.
func waitsForOrders(a *Actor) bool {
	n, err := unix.IoctlGetInt(a.control, unix.TIOCOUTQ)
	return err != nil || n > 0
}

// A holder is a process that has a file open.
type holder struct {
	pid, fd int
	write   bool
}

// holders finds who has the pipe or file of this process's descriptor fd open,
// among the processes that may be looked at.
func holders(fd int, pids []int) (found []holder) {
	name, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd))
	if err != nil {
		return nil
	}
	for _, pid := range pids {
		links, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
		for _, link := range links {
			if at, _ := os.Readlink(link); at != name {
				continue
			}
			h := holder{pid: pid}
			h.fd, _ = strconv.Atoi(filepath.Base(link))
			h.write = openForWriting(pid, h.fd)
			found = append(found, h)
		}
	}
	return found
}

func openForWriting(pid, fd int) bool {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/fdinfo/%d", pid, fd))
	for line := range strings.Lines(string(b)) {
		if text, ok := strings.CutPrefix(line, "flags:"); ok {
			flags, _ := strconv.ParseInt(strings.TrimSpace(text), 8, 64)
			return flags&unix.O_ACCMODE != unix.O_RDONLY
		}
	}
	return false
}
