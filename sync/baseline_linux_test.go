package shmsync_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A baseline is the C program that does with the C library what we do.
type baseline struct{ path string }

// buildBaseline builds it with the C compiler, if there is one.
func buildBaseline(b *testing.B) baseline {
	cc, err := exec.LookPath("gcc")
	if err != nil {
		fmt.Println("sync: there is no gcc to build what ours is compared with") // Skip says nothing
		b.SkipNow()
	}
	c := baseline{filepath.Join(b.TempDir(), "baseline")}
	out, err := exec.Command(cc, "-O2", "-pthread", "-o", c.path, "testdata/c/baseline.c").CombinedOutput()
	if err != nil {
		b.Fatalf("gcc: %v\n%s", err, out)
	}
	return c
}

// nanoseconds returns what one of n costs there: of two processes together, if
// the processors are given on which they run.
func (c baseline) nanoseconds(b *testing.B, name string, n int, cpus ...int) float64 {
	args := []string{name, strconv.Itoa(n)}
	for _, cpu := range cpus {
		args = append(args, strconv.Itoa(cpu))
	}
	cmd := exec.Command(c.path, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		b.Fatalf("baseline %s: %v", name, err)
	}
	ns, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	if err != nil {
		b.Fatalf("baseline %s: %v", name, err)
	}
	return ns
}

// onPage returns a zero T in a page of shared memory.
func onPage[T any](b *testing.B) *T {
	page, err := unix.Mmap(-1, 0, 1<<16, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_ANONYMOUS)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { unix.Munmap(page) })
	return (*T)(unsafe.Pointer(unsafe.SliceData(page)))
}

// processors returns the first and the last processor that is allowed.
func processors(b testing.TB) (first, last int) {
	var allowed unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		b.Fatal(err)
	}
	last = len(allowed)*64 - 1
	for !allowed.IsSet(first) {
		first++
	}
	for !allowed.IsSet(last) {
		last--
	}
	return first, last
}

// pin keeps this goroutine, and every process it starts, on one processor until
// unpin is called.
func pin(b testing.TB, cpu int) (unpin func()) {
	runtime.LockOSThread()
	var before, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		b.Fatal(err)
	}
	one.Set(cpu)
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		b.Fatal(err)
	}
	return func() {
		unix.SchedSetaffinity(0, &before) // it was allowed before
		runtime.UnlockOSThread()
	}
}
