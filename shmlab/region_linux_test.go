package shmlab

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"
)

type twoWords struct{ A, B Var[uint64] }

// A region that is not what was expected is refused with one line.
func TestAttach(t *testing.T) {
	l := hashed[twoWords](t)
	good := header{regionMagic, regionVersion, uint64(l.size), uint64(l.hash)}
	length := regionLength(l.size)
	for _, test := range []struct {
		name   string
		header header
		length int64
		sealed bool
		want   string
	}{
		{"good", good, length, true, ""},
		{"foreign", header{0x1122334455, 1, 16, 2}, length, true, "not a region: its magic number is 0x1122334455, expected 0x656361726d6873"},
		{"unready", header{0, good.version, good.size, good.hash}, length, true, "the region is not ready: its magic number is not written yet"},
		{"version", header{good.magic, 2, good.size, good.hash}, length, true, "the region has version 2, expected 1"},
		{"larger", header{good.magic, good.version, 24, good.hash}, length, true, "the region is for a state of 24 bytes in a file of 8192, expected 16 in 8192"},
		{"longer", good, length + 4096, true, "the region is for a state of 16 bytes in a file of 12288, expected 16 in 8192"},
		{"shorter", good, length - 4096, true, "the region is for a state of 16 bytes in a file of 4096, expected 16 in 8192"},
		{"layout", header{good.magic, good.version, good.size, 0xabc}, length, true, "the region is for a state of another layout (00000abc), expected " + hex(l.hash)},
		{"short", good, 100, true, "not a region: it has 100 bytes, expected at least 4096"},
		{"empty", header{}, 0, true, "not a region: its header cannot be read, expected 32 bytes, found 0"},
		{"unsealed", good, length, false, "the region can shrink: expected it sealed against shrinking and growing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			fd := fileOf(t, test.header, test.length, test.sealed)
			_, err := attach(fd, l)
			if got := text(err); got != test.want {
				t.Errorf("%s\nexpected %s", got, test.want)
			}
		})
	}
	if _, err := attach(-1, l); text(err) != "not a region: bad file descriptor" {
		t.Error(err)
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func hex(n uint32) string {
	const digits = "0123456789abcdef"
	b := make([]byte, 8)
	for i := range b {
		b[i] = digits[n>>(28-4*i)&15]
	}
	return string(b)
}

// fileOf makes a file of length bytes that begins with h.
func fileOf(t *testing.T, h header, length int64, sealed bool) int {
	t.Helper()
	fd, err := unix.MemfdCreate("shmrace-test", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	b := h.encode()
	if _, err := unix.Pwrite(fd, b[:], 0); err != nil {
		t.Fatal(err)
	}
	if err := unix.Ftruncate(fd, length); err != nil {
		t.Fatal(err)
	}
	if sealed {
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, seals); err != nil {
			t.Fatal(err)
		}
	}
	return fd
}

// Nobody can take the memory away from under another, or unseal it.
func TestRegionIsSealed(t *testing.T) {
	r, err := newRegion(hashed[twoWords](t))
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	for _, length := range []int64{0, 4096, 1 << 20} {
		if err := unix.Ftruncate(r.fd, length); !errors.Is(err, unix.EPERM) {
			t.Errorf("to %d bytes: %v, expected %v", length, err, unix.EPERM)
		}
	}
	if _, err := unix.FcntlInt(uintptr(r.fd), unix.F_ADD_SEALS, unix.F_SEAL_WRITE); !errors.Is(err, unix.EPERM) {
		t.Errorf("another seal: %v, expected %v", err, unix.EPERM)
	}
	if b, err := unix.Pread(r.fd, make([]byte, 32), 0); b != 32 || err != nil {
		t.Error(b, err)
	}
}

// Each place has an address of its own, the bytes are the same.
func TestMappings(t *testing.T) {
	l := hashed[twoWords](t)
	r, err := newRegion(l)
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	seen := map[uintptr]bool{}
	var all []*memory
	for place := range 65 {
		m, err := r.mapAt(l, place)
		if err != nil {
			t.Fatal(err)
		}
		defer unmap(m.bytes)
		if seen[m.base()] {
			t.Errorf("two mappings at %#x", m.base())
		}
		seen[m.base()] = true
		all = append(all, m)
	}
	all[3].bytes[9] = 42
	for place, m := range all {
		if m.bytes[9] != 42 || m.load(8, 8) != 42<<8 {
			t.Errorf("place %d does not see what another wrote", place)
		}
	}
}
