package ipc

import (
	"fmt"

	"golang.org/x/sys/unix"
)

var socketOperations = map[string]func(*call) answer{
	"socketpair": func(c *call) answer {
		fds, err := unix.Socketpair(unix.AF_UNIX, int(c.N)|unix.SOCK_CLOEXEC, 0)
		return answer{N: int64(fds[0]), M: int64(fds[1]), Errno: done(0, err).Errno}
	},
	"socket": func(c *call) answer { return done(unix.Socket(int(c.N), int(c.M)|unix.SOCK_CLOEXEC, 0)) },
	"bind":   func(c *call) answer { return done(0, unix.Bind(c.FD, addressOf(c))) },
	"listen": func(c *call) answer { return done(0, unix.Listen(c.FD, 5)) },
	"accept": func(c *call) answer {
		fd, _, err := unix.Accept4(c.FD, unix.SOCK_CLOEXEC)
		return done(fd, err)
	},
	"connect": func(c *call) answer { return done(0, unix.Connect(c.FD, addressOf(c))) },
	"port": func(c *call) answer {
		name, err := unix.Getsockname(c.FD)
		if v4, ok := name.(*unix.SockaddrInet4); ok {
			return answer{N: int64(v4.Port)}
		}
		return done(-1, err)
	},
	"send": func(c *call) answer {
		n, err := unix.SendmsgN(c.FD, c.Data, nil, nil, unix.MSG_NOSIGNAL)
		return done(n, err)
	},
	"recv": func(c *call) answer {
		b := make([]byte, c.N)
		n, _, err := unix.Recvfrom(c.FD, b, int(c.M))
		a := done(n, err)
		a.Data = b[:max(n, 0)]
		return a
	},
	"sendfd": func(c *call) answer {
		n, err := unix.SendmsgN(c.FD, []byte{0}, unix.UnixRights(int(c.N)), nil, unix.MSG_NOSIGNAL)
		return done(n, err)
	},
	"recvfd": receiveDescriptor,
	"dial":   dial,
}

// addressOf is a path, or a port of the loopback interface.
func addressOf(c *call) unix.Sockaddr {
	if c.Name != "" {
		return &unix.SockaddrUnix{Name: c.Name}
	}
	return &unix.SockaddrInet4{Port: int(c.N), Addr: [4]byte{127, 0, 0, 1}}
}

// receiveDescriptor takes a descriptor that came with a message.
func receiveDescriptor(c *call) answer {
	b, control := make([]byte, 1), make([]byte, unix.CmsgSpace(4))
	_, n, _, _, err := unix.Recvmsg(c.FD, b, control, unix.MSG_CMSG_CLOEXEC)
	if err != nil {
		return done(-1, err)
	}
	messages, err := unix.ParseSocketControlMessage(control[:n])
	if err != nil || len(messages) == 0 {
		return answer{N: -1, Errno: unix.EBADMSG}
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(fds) == 0 {
		return answer{N: -1, Errno: unix.EBADMSG}
	}
	return answer{N: int64(fds[0])}
}

var socketTypes = map[int]string{unix.SOCK_STREAM: "SOCK_STREAM", unix.SOCK_DGRAM: "SOCK_DGRAM", unix.SOCK_SEQPACKET: "SOCK_SEQPACKET"}

func socket(family, kind int) request {
	text := fmt.Sprintf("socket(%s, %s)", map[int]string{unix.AF_UNIX: "AF_UNIX", unix.AF_INET: "AF_INET"}[family], socketTypes[kind])
	return request{call{Op: "socket", N: int64(family), M: int64(kind)}, text, 0}
}

// at is where a socket is bound or connected: a path, or a port on loopback.
type at struct {
	path string
	port int
}

func (a at) String() string {
	if a.path != "" {
		return fmt.Sprintf("%q", base(a.path))
	}
	return fmt.Sprintf("127.0.0.1:%d", a.port)
}

func bind(fd int, a at) request {
	return request{call{Op: "bind", FD: fd, Name: a.path, N: int64(a.port)}, fmt.Sprintf("bind(%d, %v)", fd, a), 0}
}

func connect(fd int, a at) request {
	return request{call{Op: "connect", FD: fd, Name: a.path, N: int64(a.port)}, fmt.Sprintf("connect(%d, %v)", fd, a), unix.SYS_CONNECT}
}

func listen(fd int) request {
	return request{call{Op: "listen", FD: fd}, fmt.Sprintf("listen(%d)", fd), 0}
}

func accept(fd int) request {
	return request{call{Op: "accept", FD: fd}, fmt.Sprintf("accept(%d)", fd), unix.SYS_ACCEPT4}
}

func send(fd int, data string) request {
	return request{call{Op: "send", FD: fd, Data: []byte(data)}, fmt.Sprintf("send(%d, %s)", fd, quote([]byte(data))), unix.SYS_SENDMSG}
}

func receive(fd, n int) request {
	return request{call{Op: "recv", FD: fd, N: int64(n)}, fmt.Sprintf("recv(%d, %d bytes)", fd, n), unix.SYS_RECVFROM}
}

// socketPair makes two connected sockets until the run is over.
func (s *Stage) socketPair(kind int) (a, b int) {
	res := s.parent.do(request{call{Op: "socketpair", N: int64(kind)}, fmt.Sprintf("socketpair(AF_UNIX, %s)", socketTypes[kind]), 0})
	res.ok()
	s.after(func() {
		unix.Close(int(res.N))
		unix.Close(int(res.M))
	})
	return int(res.N), int(res.M)
}
