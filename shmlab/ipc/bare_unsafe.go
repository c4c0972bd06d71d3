package ipc

import (
	"runtime"
	"sync/atomic"
	"time"
	"unsafe"
)

// bareLines is how many cache lines the bare ping-pong goes through, one after
// the other: as many as the ring does. What a line costs depends on the page it
// is in; one page may be half as dear again as another.
const bareLines = ringLines

// bareLine is the word that the trip-th round trip goes through, there or back:
// the same for both, or one K bytes further on for the way back.
func bareLine(c *call, trip uint64, back bool) *uint64 {
	at := trip % bareLines * 64
	if back {
		at += uint64(c.K)
	}
	return (*uint64)(unsafe.Add(unsafe.Pointer(word(c)), at))
}

// bareEnd in place of the next number ends the ping-pong.
const bareEnd = 1<<64 - 1

// barePing writes the number of a round trip, an odd one, and waits for the
// even one after it. The memory is zeros at first.
func barePing(c *call) answer {
	alone := runtime.NumCPU() == 1
	t := newTrips(time.Duration(c.M))
	trip := uint64(0)
	for more := true; more; trip++ {
		publish(bareLine(c, trip, false), 2*trip+1)
		back := bareLine(c, trip, true)
		for atomic.LoadUint64(back) != 2*trip+2 {
			if alone {
				runtime.Gosched()
			}
		}
		more = t.lap()
	}
	publish(bareLine(c, trip, false), bareEnd)
	return answer{N: int64(t.n), Data: t.percentiles()}
}

// barePong answers each number with the next.
func barePong(c *call) answer {
	alone := runtime.NumCPU() == 1
	for trip := uint64(0); ; trip++ {
		there := bareLine(c, trip, false)
		v := atomic.LoadUint64(there)
		for ; v != 2*trip+1; v = atomic.LoadUint64(there) {
			if v == bareEnd {
				return answer{}
			}
			if alone {
				runtime.Gosched()
			}
		}
		publish(bareLine(c, trip, true), v+1)
	}
}
