package ipc

// publish makes v visible after all that was stored before: amd64 keeps stores
// in order. An atomic store would be an exchange, which also waits until all of
// them have left the processor: that costs more than sending 64 bytes. Not
// inlined, so that the compiler keeps them in order too.
//
//go:noinline
func publish(word *uint64, v uint64) { *word = v }
