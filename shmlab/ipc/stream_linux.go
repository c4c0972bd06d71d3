package ipc

import (
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"
)

// A stream is a channel over bytes without borders: a pipe, a FIFO, a stream
// socket. Each message has its length in front of it, 4 bytes.
type stream struct {
	fd      int
	peer    peer
	sends   bool
	frame   []byte // sender: what is being sent
	left    []byte // sender: the rest of a message whose deadline passed in the middle
	arrived []byte // receiver: what was read and not yet taken
	buffer  []byte
}

// closeMark in place of a length says that the sender has closed its end.
const closeMark = 1<<32 - 1

func openStream(fd int, sends bool, p peer) (Channel, error) {
	return &stream{fd: fd, sends: sends, peer: p, buffer: make([]byte, MaxMessage+4)}, nil
}

// Send sends a message. One whose deadline passes when part of it is on its way
// counts as sent: the rest goes with the next.
func (s *stream) Send(message []byte, deadline time.Time) error {
	if err := s.flush(deadline); err != nil {
		return err
	}
	s.frame = binary.LittleEndian.AppendUint32(s.frame[:0], uint32(len(message)))
	s.frame = append(s.frame, message...)
	s.left = s.frame
	if err := s.flush(deadline); err != nil && (err != ErrTimeout || len(s.left) == len(s.frame)) {
		s.left = nil
		return err
	}
	return nil
}

// flush writes what is left. Without a deadline that is one blocking write,
// with one it is as much as fits without waiting at a time.
func (s *stream) flush(deadline time.Time) error {
	for len(s.left) > 0 {
		part := s.left
		if !deadline.IsZero() {
			part = part[:min(len(part), pipeBuf)]
			if err := s.peer.await(s.fd, unix.POLLOUT, deadline); err != nil {
				return err
			}
		}
		n, err := unix.Write(s.fd, part)
		switch {
		case err == unix.EINTR:
		case err == unix.EPIPE || err == unix.ECONNRESET:
			return s.peer.gone()
		case err != nil:
			return err
		}
		s.left = s.left[max(n, 0):]
	}
	return nil
}

// gone says why nobody is at the other end.
func (p peer) gone() error {
	if p.dead() {
		return ErrDied
	}
	return ErrClosed
}

// Receive takes a message.
func (s *stream) Receive(buffer []byte, deadline time.Time) (int, error) {
	if err := s.have(4, deadline); err != nil {
		return 0, err
	}
	size := int(binary.LittleEndian.Uint32(s.arrived))
	if size == closeMark {
		return 0, ErrClosed
	}
	if size > len(buffer) {
		return 0, unix.EMSGSIZE
	}
	if err := s.have(4+size, deadline); err != nil {
		return 0, err
	}
	copy(buffer, s.arrived[4:4+size])
	s.arrived = s.arrived[4+size:]
	return size, nil
}

// have reads until n bytes have arrived. A stream that ends without a mark does
// so because its writer died.
func (s *stream) have(n int, deadline time.Time) error {
	for len(s.arrived) < n {
		if !deadline.IsZero() {
			if err := s.peer.await(s.fd, unix.POLLIN, deadline); err != nil && err != ErrDied {
				return err
			}
		}
		kept := copy(s.buffer, s.arrived)
		got, err := unix.Read(s.fd, s.buffer[kept:])
		s.arrived = s.buffer[:kept+max(got, 0)]
		switch {
		case err == unix.EINTR:
		case err == unix.ECONNRESET || err == nil && got == 0:
			return ErrDied
		case err != nil:
			return err
		}
	}
	return nil
}

// Close closes this end.
func (s *stream) Close() error {
	if s.sends {
		s.left = binary.LittleEndian.AppendUint32(s.left, closeMark)
		s.flush(time.Now().Add(time.Second)) // a receiver that is gone needs no mark
	}
	s.peer.close()
	return unix.Close(s.fd)
}
