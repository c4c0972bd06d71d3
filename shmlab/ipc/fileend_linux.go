package ipc

import (
	"encoding/binary"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// A fileEnd is an end of a file used as a channel: the sender appends, the
// receiver reads on from where it was, and, as nothing tells it of more, looks
// again and again.
type fileEnd struct {
	fd     int
	at     int64
	sends  bool
	frame  []byte
	buffer []byte
	peer   peer
}

func openFileEnd(fd int, sends bool, p peer) (Channel, error) {
	return &fileEnd{fd: fd, sends: sends, peer: p, buffer: make([]byte, MaxMessage+4)}, nil
}

// Send appends a message, with its length in front. There is always room, but
// for a full disk.
func (f *fileEnd) Send(message []byte, _ time.Time) error {
	f.frame = binary.LittleEndian.AppendUint32(f.frame[:0], uint32(len(message)))
	f.frame = append(f.frame, message...)
	return f.append()
}

func (f *fileEnd) append() error {
	n, err := unix.Pwrite(f.fd, f.frame, f.at)
	f.at += int64(max(n, 0))
	return err
}

// Receive takes a message.
func (f *fileEnd) Receive(buffer []byte, deadline time.Time) (int, error) {
	for last := false; ; {
		n, err := unix.Pread(f.fd, f.buffer[:min(len(f.buffer), 4+len(buffer))], f.at)
		if err != nil {
			return 0, err
		}
		if n >= 4 {
			size := int(binary.LittleEndian.Uint32(f.buffer))
			switch {
			case size == closeMark:
				return 0, ErrClosed
			case size > len(buffer):
				return 0, unix.EMSGSIZE
			case n >= 4+size:
				f.at += 4 + int64(size)
				return copy(buffer, f.buffer[4:4+size]), nil
			}
		}
		switch {
		case last:
			return 0, ErrDied
		case f.peer.dead():
			last = true // look once more
		case !deadline.IsZero() && !time.Now().Before(deadline):
			return 0, ErrTimeout
		}
		runtime.Gosched()
	}
}

// Close closes this end.
func (f *fileEnd) Close() error {
	if f.sends {
		f.frame = binary.LittleEndian.AppendUint32(f.frame[:0], closeMark)
		f.append() // a receiver sees the end, or that this process has ended
	}
	f.peer.close()
	return unix.Close(f.fd)
}
