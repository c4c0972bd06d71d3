package shmlab

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

const seals = unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_SEAL

// newRegion makes a region of zeros for a state of the given layout.
func newRegion(l *layout) (*Region, error) {
	fd, err := sealedFile("shmrace-region", regionLength(l.size))
	if err != nil {
		return nil, err
	}
	h := header{0, regionVersion, uint64(l.size), uint64(l.hash)}.encode()
	magic := header{magic: regionMagic}.encode()
	if _, err = unix.Pwrite(fd, h[8:], 8); err == nil {
		_, err = unix.Pwrite(fd, magic[:8], 0)
	}
	if err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("cannot write the region's header: %w", err)
	}
	return &Region{fd, l.size, l.hash}, nil
}

// sealedFile makes an anonymous file whose length is fixed, so that no process
// can take the memory away from under another.
func sealedFile(name string, length int64) (fd int, err error) {
	fd, err = unix.MemfdCreate(name, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return -1, fmt.Errorf("cannot make shared memory: memfd_create: %w", err)
	}
	if err = unix.Ftruncate(fd, length); err == nil {
		_, err = unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, seals)
	}
	if err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("cannot make %d bytes of shared memory: %w", length, err)
	}
	return fd, nil
}

// attach checks that fd is a region for a state of the given layout.
func attach(fd int, l *layout) (*Region, error) {
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return nil, fmt.Errorf("not a region: %w", err)
	}
	var b [32]byte
	if n, err := unix.Pread(fd, b[:], 0); err != nil || n < len(b) {
		return nil, fmt.Errorf("not a region: its header cannot be read, expected %d bytes, found %d", len(b), n)
	}
	if err := decodeHeader(b[:]).check(stat.Size, l.size, l.hash); err != nil {
		return nil, err
	}
	if got, err := unix.FcntlInt(uintptr(fd), unix.F_GET_SEALS, 0); err != nil || got&seals != seals {
		return nil, fmt.Errorf("the region can shrink: expected it sealed against shrinking and growing")
	}
	return &Region{fd, l.size, l.hash}, nil
}

// mapAt maps the state, at a different address for each place.
func (r *Region) mapAt(l *layout, place int) (*memory, error) {
	b, err := mapShared(r.fd, headerSize, r.size, place)
	return &memory{l, b}, err
}

// mapShared maps size bytes of a file. The address is a hint that spreads the
// mappings of a run: the same bytes are at another address for each actor.
func mapShared(fd int, offset int64, size uintptr, place int) ([]byte, error) {
	hint := unsafe.Add(unsafe.Pointer(nil), 0x5a0000000000+place<<32)
	at, err := unix.MmapPtr(fd, offset, hint, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("cannot map %d bytes of shared memory: %w", size, err)
	}
	return unsafe.Slice((*byte)(at), size), nil
}

func unmap(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	return unix.MunmapPtr(unsafe.Pointer(unsafe.SliceData(b)), uintptr(len(b)))
}

// close closes the region's file; its mappings stay.
func (r *Region) close() error { return unix.Close(r.fd) }
