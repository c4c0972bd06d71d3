package ipc

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// A Limit is something that this system allows, or does not, with its value.
type Limit struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Limits says what this system allows of communication between processes.
func Limits() []Limit {
	limits := []Limit{
		{"POSIX queues", posixSupport()},
		{"  messages in a queue", setting("fs/mqueue/msg_max")},
		{"  bytes in a message", setting("fs/mqueue/msgsize_max")},
		{"  queues", setting("fs/mqueue/queues_max")},
		{"  bytes of a user (RLIMIT_MSGQUEUE)", resource(unix.RLIMIT_MSGQUEUE)},
		{"System V queues", setting("kernel/msgmni")},
		{"  bytes in a message", setting("kernel/msgmax")},
		{"  bytes in a queue", setting("kernel/msgmnb")},
		{"/dev/shm", fileSystem(sharedMemoryDirectory)},
		{"pipe, largest capacity", setting("fs/pipe-max-size") + " bytes"},
		{"pending signals (RLIMIT_SIGPENDING)", resource(unix.RLIMIT_SIGPENDING)},
		{"TCP on the loopback interface", loopback()},
		{"robust locks", support(robustSupport())},
		{"barriers between processes (membarrier)", support(barrierSupport())},
		{"ptrace", ptraceScope()},
		{"container", container()},
	}
	return limits
}

// setting is a value of sysctl(8).
func setting(name string) string {
	b, err := os.ReadFile("/proc/sys/" + name)
	if err != nil {
		return "not there"
	}
	return strings.TrimSpace(string(b))
}

func resource(which int) string {
	var limit unix.Rlimit
	if err := unix.Getrlimit(which, &limit); err != nil {
		return err.Error()
	}
	if limit.Cur == unix.RLIM_INFINITY {
		return "unlimited"
	}
	return fmt.Sprint(limit.Cur)
}

func fileSystem(path string) string {
	var stat unix.Statfs_t
	if err := unix.Statfs(path, &stat); err != nil {
		return "missing: " + err.Error()
	}
	const mega = 1 << 20
	size := uint64(stat.Bsize)
	return fmt.Sprintf("%d MB, %d MB free", stat.Blocks*size/mega, stat.Bavail*size/mega)
}

func support(err error) string {
	if err != nil {
		return "missing: " + err.Error()
	}
	return "yes"
}

func posixSupport() string {
	_, err := OpenPosixQueue("shmrace-no-such-queue", unix.O_RDONLY, nil)
	switch {
	case err == unix.ENOSYS:
		return "missing: this kernel has none"
	case queueDirectory() == "":
		return "yes; cannot be listed, no mqueue file system is mounted"
	}
	return "yes, listed in " + queueDirectory()
}

func loopback() string { return support(loopbackError()) }

// loopbackError says why there is no TCP on the loopback interface.
func loopbackError() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		defer unix.Close(fd)
		err = unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	}
	return err
}

func ptraceScope() string {
	scope := setting("kernel/yama/ptrace_scope")
	return map[string]string{
		"not there": "no Yama: processes of the same user",
		"0":         "Yama 0: processes of the same user",
		"1":         "Yama 1: descendants only",
		"2":         "Yama 2: administrators only",
		"3":         "Yama 3: forbidden",
	}[scope]
}

// container says whether this looks like one, by the marks that the common
// ones leave.
func container() string {
	for file, name := range map[string]string{"/.dockerenv": "docker", "/run/.containerenv": "podman"} {
		if _, err := os.Stat(file); err == nil {
			return name
		}
	}
	b, _ := os.ReadFile("/proc/1/environ")
	for v := range strings.SplitSeq(string(b), "\x00") {
		if name, ok := strings.CutPrefix(v, "container="); ok {
			return name
		}
	}
	return "none seen"
}
