//go:build race

package shmsync

import (
	"runtime"
	"sync"
	"unsafe"
)

const raced = true

// The race detector sees neither the memory that processes share nor the order
// that locks in it make: what a goroutine wrote to the heap under such a lock it
// reports as a race when another reads it under the same lock. So each lock has
// a shadow, a word of the heap of this process, and what the lock does to the
// order of things is said of the shadow. Under the detector shadows are never
// given back; a lock that is mapped twice has two.
var shadows sync.Map // a lock's address to its *byte

func shadow[L any](lock *L) unsafe.Pointer {
	key := uintptr(unsafe.Pointer(lock))
	s, ok := shadows.Load(key)
	if !ok {
		s, _ = shadows.LoadOrStore(key, new(int64))
	}
	return unsafe.Pointer(s.(*int64))
}

// shadowAcquire says that what was done before every shadowRelease of lock was
// done before what comes now.
func shadowAcquire[L any](lock *L) { runtime.RaceAcquire(shadow(lock)) }

// shadowRelease says that what was done so far is done before what comes after
// the next shadowAcquire of lock.
func shadowRelease[L any](lock *L) { runtime.RaceReleaseMerge(shadow(lock)) }
