package ipc

import (
	"bytes"
	"fmt"

	"golang.org/x/sys/unix"
)

var fileOperations = map[string]func(*call) answer{
	"open": func(c *call) answer { return done(unix.Open(c.Name, int(c.N)|unix.O_CLOEXEC, 0o600)) },
	"read": func(c *call) answer {
		b := make([]byte, c.N)
		n, err := unix.Read(c.FD, b)
		a := done(n, err)
		a.Data = b[:max(n, 0)]
		return a
	},
	"pread": func(c *call) answer {
		b := make([]byte, c.N)
		n, err := unix.Pread(c.FD, b, c.M)
		a := done(n, err)
		a.Data = b[:max(n, 0)]
		return a
	},
	"write":     func(c *call) answer { return done(unix.Write(c.FD, c.Data)) },
	"fill":      func(c *call) answer { return done(unix.Write(c.FD, bytes.Repeat(c.Data, int(c.N)))) },
	"flood":     flood,
	"pwrite":    func(c *call) answer { return done(unix.Pwrite(c.FD, c.Data, c.M)) },
	"close":     func(c *call) answer { return done(0, unix.Close(c.FD)) },
	"unlink":    func(c *call) answer { return done(0, unix.Unlink(c.Name)) },
	"mkfifo":    func(c *call) answer { return done(0, unix.Mkfifo(c.Name, 0o600)) },
	"ftruncate": func(c *call) answer { return done(0, unix.Ftruncate(c.FD, c.N)) },
	"fallocate": func(c *call) answer { return done(0, unix.Fallocate(c.FD, 0, 0, c.N)) },
	"seals":     func(c *call) answer { return done(unix.FcntlInt(uintptr(c.FD), unix.F_ADD_SEALS, int(c.N))) },
	"memfd":     func(c *call) answer { return done(unix.MemfdCreate(c.Name, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)) },
	"pipesize":  func(c *call) answer { return done(unix.FcntlInt(uintptr(c.FD), unix.F_SETPIPE_SZ, int(c.N))) },
	"lseek": func(c *call) answer {
		n, err := unix.Seek(c.FD, c.N, int(c.M))
		return done(n, err)
	},
	"size": func(c *call) answer {
		var stat unix.Stat_t
		err := unix.Fstat(c.FD, &stat)
		return done(stat.Size, err)
	},
	"access": func(c *call) answer { return done(0, unix.Access(c.Name, unix.F_OK)) },
	"pipe": func(c *call) answer {
		var fds [2]int
		err := unix.Pipe2(fds[:], unix.O_CLOEXEC)
		return answer{N: int64(fds[0]), M: int64(fds[1]), Errno: done(0, err).Errno}
	},
	"unread": func(c *call) answer { return done(unix.IoctlGetInt(c.FD, unix.TIOCINQ)) },
}

// flood writes the message M times, each with one write.
func flood(c *call) answer {
	message := bytes.Repeat(c.Data, int(c.N))
	for i := range c.M {
		n, err := unix.Write(c.FD, message)
		if err != nil || n < len(message) {
			return done(i, err)
		}
	}
	return answer{N: c.M}
}

// openFlags are those that scripts use, with their names.
var openFlags = []struct {
	flag int
	name string
}{
	{unix.O_CREAT, "O_CREAT"}, {unix.O_EXCL, "O_EXCL"}, {unix.O_TRUNC, "O_TRUNC"},
	{unix.O_APPEND, "O_APPEND"}, {unix.O_NONBLOCK, "O_NONBLOCK"},
}

func flagNames(flags int) string {
	text := [...]string{"O_RDONLY", "O_WRONLY", "O_RDWR"}[flags&unix.O_ACCMODE]
	for _, f := range openFlags {
		if flags&f.flag != 0 {
			text += "|" + f.name
		}
	}
	return text
}

func open(path string, flags int) request {
	return request{call{Op: "open", Name: path, N: int64(flags)}, fmt.Sprintf("open(%q, %s)", base(path), flagNames(flags)), unix.SYS_OPENAT}
}

func read(fd, n int) request {
	return request{call{Op: "read", FD: fd, N: int64(n)}, fmt.Sprintf("read(%d, %d bytes)", fd, n), unix.SYS_READ}
}

func pread(fd, n, at int) request {
	return request{call{Op: "pread", FD: fd, N: int64(n), M: int64(at)}, fmt.Sprintf("pread(%d, %d bytes, at %d)", fd, n, at), 0}
}

func write(fd int, data string) request {
	return request{call{Op: "write", FD: fd, Data: []byte(data)}, fmt.Sprintf("write(%d, %s)", fd, quote([]byte(data))), unix.SYS_WRITE}
}

func pwrite(fd int, data string, at int) request {
	return request{call{Op: "pwrite", FD: fd, Data: []byte(data), M: int64(at)}, fmt.Sprintf("pwrite(%d, %q, at %d)", fd, data, at), 0}
}

// fill is one write of n times the letter.
func fill(fd int, letter string, n int) request {
	return request{call{Op: "fill", FD: fd, N: int64(n), Data: []byte(letter)}, fmt.Sprintf("write(%d, %d times %q)", fd, n, letter), unix.SYS_WRITE}
}

// floodWith is count writes of n times the letter each.
func floodWith(fd int, letter string, n, count int) request {
	return request{call{Op: "flood", FD: fd, N: int64(n), M: int64(count), Data: []byte(letter)},
		fmt.Sprintf("%d times write(%d, %d times %q)", count, fd, n, letter), unix.SYS_WRITE}
}

func closeFile(fd int) request {
	return request{call{Op: "close", FD: fd}, fmt.Sprintf("close(%d)", fd), 0}
}

func unlink(path string) request {
	return request{call{Op: "unlink", Name: path}, fmt.Sprintf("unlink(%q)", base(path)), 0}
}

func lookFor(path string) request {
	return request{call{Op: "access", Name: path}, fmt.Sprintf("access(%q)", base(path)), 0}
}

func lseek(fd, to, whence int) request {
	text := fmt.Sprintf("lseek(%d, %d, %s)", fd, to, [...]string{"SEEK_SET", "SEEK_CUR", "SEEK_END"}[whence])
	return request{call{Op: "lseek", FD: fd, N: int64(to), M: int64(whence)}, text, 0}
}

// size is fstat, and of that the size.
func size(fd int) request {
	return request{call{Op: "size", FD: fd}, fmt.Sprintf("fstat(%d).st_size", fd), 0}
}

func truncate(fd, n int) request {
	return request{call{Op: "ftruncate", FD: fd, N: int64(n)}, fmt.Sprintf("ftruncate(%d, %d)", fd, n), 0}
}

// base is a path as steps show it: a private name is long, and never the same.
func base(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '/' || path[i] == '-' {
			return path[i+1:]
		}
	}
	return path
}

// pipe makes a pipe and returns the end to read from and the end to write to.
func (s *Stage) pipe() (r, w int) {
	res := s.parent.do(request{call{Op: "pipe"}, "pipe()", 0})
	res.ok()
	s.after(func() {
		unix.Close(int(res.N))
		unix.Close(int(res.M))
	})
	return int(res.N), int(res.M)
}

// shut closes a descriptor of this process early, and shows it. Closed once
// more at the end it would be somebody else's by then, so it becomes /dev/null.
func (s *Stage) shut(fd int) {
	s.announce(s.parent.Name, closeFile(fd).text)
	null, err := unix.Open("/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err == nil {
		err = unix.Dup3(null, fd, unix.O_CLOEXEC)
		unix.Close(null)
	}
	if err != nil {
		s.abort(fmt.Errorf("cannot close %d: %w", fd, err))
	}
	s.record(Step{Who: s.parent.Name, Call: closeFile(fd).text, Result: "0"})
}

// open opens a file in this process until the run is over.
func (s *Stage) open(path string, flags int) int {
	fd := s.parent.do(open(path, flags)).ok()
	s.after(func() { unix.Close(fd) })
	return fd
}
