package ipc

import (
	"time"

	"golang.org/x/sys/unix"
)

// Records is a channel over a mechanism that keeps the borders of messages but
// bounds their size. The first byte of each record says what it is.
type records struct {
	io     recordIO
	sends  bool
	record []byte
	size   int // of a record, at most
}

// A recordIO sends and receives records.
type recordIO interface {
	send(record []byte, deadline time.Time) error
	receive(buffer []byte, deadline time.Time) (int, error)
	close() error
}

const (
	lastRecord byte = iota // the message ends with it
	moreRecord
	closeRecord
)

func newRecords(io recordIO, sends bool, size int) *records {
	return &records{io: io, sends: sends, record: make([]byte, size), size: size}
}

// Send sends a message in as many records as it needs. Once the first is on its
// way the others follow, whatever the deadline.
func (r *records) Send(message []byte, deadline time.Time) error {
	for {
		n := copy(r.record[1:], message)
		message = message[n:]
		r.record[0] = lastRecord
		if len(message) > 0 {
			r.record[0] = moreRecord
		}
		if err := r.io.send(r.record[:1+n], deadline); err != nil || len(message) == 0 {
			return err
		}
		deadline = Never
	}
}

// Receive takes a message.
func (r *records) Receive(buffer []byte, deadline time.Time) (size int, err error) {
	for {
		n, err := r.io.receive(r.record, deadline)
		if err != nil {
			return 0, err
		}
		if n < 1 || r.record[0] == closeRecord {
			return 0, ErrClosed
		}
		if size+n-1 > len(buffer) {
			return 0, unix.EMSGSIZE
		}
		size += copy(buffer[size:], r.record[1:n])
		if r.record[0] == lastRecord {
			return size, nil
		}
		deadline = Never
	}
}

// Close closes this end.
func (r *records) Close() error {
	if r.sends {
		r.record[0] = closeRecord
		r.io.send(r.record[:1], time.Now().Add(time.Second)) // a receiver that is gone needs no mark
	}
	return r.io.close()
}

// A packetSocket is a datagram or a seqpacket socket.
type packetSocket struct {
	fd   int
	peer peer
}

func (p packetSocket) send(record []byte, deadline time.Time) error {
	for {
		_, err := unix.SendmsgN(p.fd, record, nil, nil, unix.MSG_NOSIGNAL|unix.MSG_DONTWAIT)
		switch err {
		case nil:
			return nil
		case unix.EINTR:
		case unix.EAGAIN, unix.ENOBUFS:
			if err := p.peer.await(p.fd, unix.POLLOUT, deadline); err != nil {
				return err
			}
		case unix.EPIPE, unix.ECONNREFUSED, unix.ECONNRESET, unix.ENOTCONN:
			return p.peer.gone()
		default:
			return err
		}
	}
}

func (p packetSocket) receive(buffer []byte, deadline time.Time) (int, error) {
	for {
		n, _, err := unix.Recvfrom(p.fd, buffer, unix.MSG_DONTWAIT)
		switch {
		case err == nil && n == 0 || err == unix.ECONNRESET:
			return 0, ErrDied // every record has a byte: this is the end of the connection
		case err == nil:
			return n, nil
		case err == unix.EINTR:
		case err != unix.EAGAIN:
			return 0, err
		default:
			if err := p.peer.await(p.fd, unix.POLLIN, deadline); err != nil {
				return p.last(buffer, err)
			}
		}
	}
}

// last looks once more after why: what was sent before a death is there.
func (p packetSocket) last(buffer []byte, why error) (int, error) {
	if n, _, err := unix.Recvfrom(p.fd, buffer, unix.MSG_DONTWAIT); err == nil && n > 0 {
		return n, nil
	}
	return 0, why
}

func (p packetSocket) close() error {
	p.peer.close()
	return unix.Close(p.fd)
}

// A posixEnd is an end of a POSIX queue whose description does not block. The
// queue tells nothing of the other end: that is watched beside it.
type posixEnd struct {
	queue PosixQueue
	peer  peer
}

func (p posixEnd) send(record []byte, deadline time.Time) error {
	for {
		err := p.queue.Send(record, 0, 0)
		switch err {
		case nil:
			return nil
		case unix.EINTR:
		case unix.EAGAIN:
			if err := p.peer.await(int(p.queue), unix.POLLOUT, deadline); err != nil {
				return err
			}
		default:
			return err
		}
	}
}

func (p posixEnd) receive(buffer []byte, deadline time.Time) (int, error) {
	var why error
	for {
		n, _, err := p.queue.Receive(buffer, 0)
		switch {
		case err == nil:
			return n, nil
		case err == unix.EINTR:
		case err != unix.EAGAIN:
			return 0, err
		case why != nil:
			return 0, why // looked once more
		default:
			why = p.peer.await(int(p.queue), unix.POLLIN, deadline)
		}
	}
}

func (p posixEnd) close() error {
	p.peer.close()
	return unix.Close(int(p.queue))
}
