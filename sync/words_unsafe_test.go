package shmsync_test

import (
	"unsafe"

	"shmrace/shmlab"
)

// wordsOf is the memory of a lock.
func wordsOf[L any](lock *L) []shmlab.Uint64 {
	return unsafe.Slice((*shmlab.Uint64)(unsafe.Pointer(lock)), (unsafe.Sizeof(*lock)+7)/8)
}
