package ipc

import (
	"encoding/binary"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// channels are the ends that this process has open, by number.
var channels []Channel

var channelOperations = map[string]func(*call) answer{
	"channel": func(c *call) answer {
		m, err := mechanism(c.Name)
		var p peer
		if err == nil {
			p, err = watch(int(c.K))
		}
		if err != nil {
			return answer{N: -1, Fault: err.Error()}
		}
		end, err := m.open(address{fd: c.FD, key: int32(c.M)}, c.N == 1, p)
		if err != nil {
			return answer{N: -1, Fault: err.Error()}
		}
		channels = append(channels, end)
		return answer{N: int64(len(channels) - 1)}
	},
	"channel.send": func(c *call) answer {
		return told(0, channels[c.FD].Send(c.Data, deadlineOf(c.N)))
	},
	"channel.receive": func(c *call) answer {
		b := make([]byte, MaxMessage)
		n, err := channels[c.FD].Receive(b, deadlineOf(c.N))
		a := told(n, err)
		a.Data = b[:min(n, 128)]
		return a
	},
	"channel.close":   func(c *call) answer { return told(0, channels[c.FD].Close()) },
	"channel.produce": produce,
	"channel.consume": consume,
	"channel.ping":    func(c *call) answer { return pingPong(c, true) },
	"channel.pong":    func(c *call) answer { return pingPong(c, false) },
	"pin":             pinToCPU,
}

// deadlineOf is never for 0, now for a negative number, else that many
// nanoseconds from now.
func deadlineOf(n int64) time.Time {
	switch {
	case n == 0:
		return Never
	case n < 0:
		return Now
	}
	return time.Now().Add(time.Duration(n))
}

func told(n int, err error) answer {
	if err != nil {
		return answer{N: -1, Fault: err.Error()}
	}
	return answer{N: int64(n)}
}

func mechanism(name string) (*Mechanism, error) {
	for i := range Mechanisms {
		if Mechanisms[i].Name == name {
			return &Mechanisms[i], nil
		}
	}
	return nil, fmt.Errorf("no mechanism is called %q", name)
}

// pinToCPU lets this thread run on the N-th of the processors it may run on.
func pinToCPU(c *call) answer {
	var allowed, set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		return done(-1, err)
	}
	n := int(c.N) % allowed.Count()
	for cpu := 0; ; cpu++ {
		if allowed.IsSet(cpu) {
			if n--; n < 0 {
				set.Set(cpu)
				debug.SetGCPercent(-1) // what is measured makes no garbage
				return done(cpu, unix.SchedSetaffinity(0, &set))
			}
		}
	}
}

// stamp numbers a message, at both of its ends.
func stamp(message []byte, i int) {
	if len(message) >= 16 {
		binary.LittleEndian.PutUint64(message, uint64(i))
		binary.LittleEndian.PutUint64(message[len(message)-8:], uint64(i))
	}
}

func stamped(message []byte, i int) bool {
	return binary.LittleEndian.Uint64(message) == uint64(i) && binary.LittleEndian.Uint64(message[len(message)-8:]) == uint64(i)
}

// produce sends messages of N bytes for M nanoseconds, or K of them, and then
// an empty one. It returns how many it sent.
func produce(c *call) answer {
	out, message := channels[c.FD], make([]byte, c.N)
	begin, look := time.Now(), 64 // how seldom it looks at the clock
	if c.N > 1024 {
		look = 1
	}
	for i := 0; ; i++ {
		if c.M == 0 && int64(i) == c.K || c.M > 0 && i%look == 0 && time.Since(begin) > time.Duration(c.M) {
			return told(i, out.Send(nil, Never))
		}
		stamp(message, i)
		if err := out.Send(message, Never); err != nil {
			return told(i, err)
		}
	}
}

// consume receives messages of N bytes until an empty one, and checks that each
// is the next. It returns how many, and the nanoseconds from the first to the last.
func consume(c *call) answer {
	in, buffer := channels[c.FD], make([]byte, max(c.N, MaxMessage))
	var begin time.Time
	for i := 0; ; i++ {
		n, err := in.Receive(buffer, Never)
		switch {
		case err != nil:
			return told(i, err)
		case n == 0:
			return answer{N: int64(i), M: time.Since(begin).Nanoseconds()}
		case n != int(c.N) || !stamped(buffer[:n], i):
			return answer{N: -1, Fault: fmt.Sprintf("message %d is damaged: %d bytes, expected %d", i, n, c.N)}
		case i == 0:
			begin = time.Now()
		}
	}
}

// pingPong sends a message of N bytes by channel FD and takes the answer from
// channel K, or the other way round, for M nanoseconds, or -M times; an empty
// one ends it.
// Who begins returns percentiles of the round trips, less what it takes to read
// the clock, in picoseconds, one 8-byte number each: p50, p99.
func pingPong(c *call, first bool) answer {
	out, in := channels[c.FD], channels[c.K]
	message := make([]byte, c.N, MaxMessage)
	if !first {
		for {
			n, err := in.Receive(message[:MaxMessage], Never)
			if err == nil {
				err = out.Send(message[:n], Never)
			}
			if err != nil || n == 0 {
				return told(0, err)
			}
		}
	}
	t := newTrips(time.Duration(c.M))
	if c.M < 0 {
		t.until = time.Hour
	}
	for more := true; more; {
		stamp(message, t.n)
		err := out.Send(message, Never)
		var n int
		if err == nil {
			n, err = in.Receive(message[:MaxMessage], Never)
		}
		if err != nil || n != len(message) || !stamped(message, t.n) {
			return answer{N: -1, Fault: fmt.Sprintf("round trip %d is damaged: %d bytes, %v", t.n, n, err)}
		}
		more = t.lap() && (c.M >= 0 || int64(t.n) < -c.M)
	}
	if err := out.Send(nil, Never); err != nil {
		return told(0, err)
	}
	_, err := in.Receive(message[:MaxMessage], Never)
	a := told(t.n, err)
	a.Data = t.percentiles()
	return a
}

// trips are measured round trips. The clock is read once for each.
type trips struct {
	base  time.Time
	last  time.Duration
	until time.Duration
	n     int
	took  []time.Duration
}

const mostTrips = 200_000

func newTrips(most time.Duration) *trips {
	t := &trips{base: time.Now(), until: most, took: make([]time.Duration, mostTrips)}
	t.last = time.Since(t.base)
	return t
}

// lap notes a round trip and reports whether there is to be another.
func (t *trips) lap() bool {
	now := time.Since(t.base)
	t.took[t.n] = now - t.last
	t.last = now
	t.n++
	return t.n < mostTrips && now < t.until
}

// percentiles returns p50 and p99 in picoseconds, less the clock. Beyond the
// resolution of a nanosecond the middle of the samples is averaged: the values
// of the tenth around a percentile.
func (t *trips) percentiles() (b []byte) {
	clock := clockCost()
	slices.Sort(t.took[:t.n])
	for _, p := range []float64{0.50, 0.99} {
		around := max(t.n/1000, 1)
		if p == 0.50 {
			around = max(t.n/20, 1)
		}
		from := min(max(int(p*float64(t.n))-around, 0), t.n-1)
		to := min(from+2*around, t.n)
		sum := time.Duration(0)
		for _, d := range t.took[from:to] {
			sum += d
		}
		picoseconds := int64(sum)*1000/int64(to-from) - clock
		b = binary.LittleEndian.AppendUint64(b, uint64(max(picoseconds, 0)))
	}
	return b
}

// clockCost is what it takes to read the clock, in picoseconds.
func clockCost() int64 {
	const n = 1000
	base := time.Now()
	best := time.Hour
	for range 5 {
		begin := time.Since(base)
		for range n {
			_ = time.Since(base)
		}
		best = min(best, time.Since(base)-begin)
	}
	return int64(best) * 1000 / n
}
