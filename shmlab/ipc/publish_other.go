//go:build !amd64

package ipc

import "sync/atomic"

// publish makes v visible after all that was stored before.
func publish(word *uint64, v uint64) { atomic.StoreUint64(word, v) }
