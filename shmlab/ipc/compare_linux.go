package ipc

import (
	"context"
	"fmt"
	"golang.org/x/sys/unix"
	"time"
)

// Sizes are the lengths of the messages that are compared, in bytes.
var Sizes = []int{64, 4096, 65536}

// A Measurement is what a mechanism took to carry messages of one size.
type Measurement struct {
	Size      int     `json:"size"`       // bytes
	P50       float64 `json:"p50_ns"`     // one way: half a round trip, in ns
	P99       float64 `json:"p99_ns"`     // the same
	PerSecond float64 `json:"per_second"` // messages, one way, back to back
}

// A Comparison is what one run of [Compare] measured.
type Comparison struct {
	CPUs       [2]int             `json:"cpus"` // where the two processes were pinned
	Rounds     int                `json:"rounds"`
	Sizes      []int              `json:"sizes"`    // of the messages, in bytes
	Bare       Measurement        `json:"bare"`     // a word of a cache line, back and forth, nothing else
	BareTwo    Measurement        `json:"bare_two"` // the same with a cache line for each way, as two channels have
	Mechanisms []MechanismMeasure `json:"mechanisms"`
	Lacking    []Lack             `json:"lacking"`
}

// A MechanismMeasure is a mechanism's measurements, by size.
type MechanismMeasure struct {
	Name  string        `json:"name"`
	Sizes []Measurement `json:"sizes"`
}

// What Compare takes: rounds, of which the best counts for each mechanism alike,
// and how long each measurement is.
const (
	compareRounds = 3
	pingTime      = 25 * time.Millisecond
	floodTime     = 40 * time.Millisecond
)

// Compare runs one producer and one consumer over every mechanism, in two
// processes pinned to two processors, if there are two. Progress is told
// before each mechanism.
func Compare(ctx context.Context, progress func(name string)) (*Comparison, error) {
	c := &Comparison{Rounds: compareRounds, Sizes: Sizes}
	d := Demonstration{script: func(s *Stage) {
		s.quiet++
		for range c.Rounds {
			s.compareAll(c, progress)
		}
	}}
	r := d.Run(ctx, Watcher{})
	return c, r.Err
}

func (s *Stage) compareAll(c *Comparison, progress func(string)) {
	s.guard = patience
	defer func() { s.guard = guard }()
	progress("the bare cache line")
	best(&c.Bare, s.bare(c, 0))
	best(&c.BareTwo, s.bare(c, ringLines*64))
	for i := range Mechanisms {

		m := &Mechanisms[i]
		progress(m.Name)
		before := len(s.report.Lacking)
		s.part(m.Name, func() {
			for n, size := range c.Sizes {
				into := c.of(m.Name, n)
				best(into, s.measure(m, size))
			}
		})
		if lacking := s.report.Lacking[before:]; len(lacking) > 0 && len(c.Lacking) < len(s.report.Lacking) {
			c.Lacking = append(c.Lacking, lacking...)
		}
	}
}

// of returns where the n-th measurement of a mechanism goes.
func (c *Comparison) of(name string, n int) *Measurement {
	for i := range c.Mechanisms {
		if c.Mechanisms[i].Name == name {
			return &c.Mechanisms[i].Sizes[n]
		}
	}
	sizes := make([]Measurement, len(c.Sizes))
	c.Mechanisms = append(c.Mechanisms, MechanismMeasure{name, sizes})
	return &sizes[n]
}

// best keeps the better of two measurements: the one with the smaller latency,
// and the larger throughput.
func best(into *Measurement, m Measurement) {
	into.Size = m.Size
	if into.P50 == 0 || m.P50 < into.P50 {
		into.P50, into.P99 = m.P50, m.P99
	}
	into.PerSecond = max(into.PerSecond, m.PerSecond)
}

// measure carries messages of one size, there and back and then one way.
func (s *Stage) measure(m *Mechanism, size int) Measurement {
	a, b, ends := s.talk(m)
	defer a.end()
	defer b.end()
	pinned(a, 0)
	pinned(b, 1)
	ping := a.begin(request{call{Op: "channel.ping", FD: ends.aOut, K: int64(ends.aIn), N: int64(size), M: int64(pingTime)}, "ping", 0})
	pong := b.begin(request{call{Op: "channel.pong", FD: ends.bOut, K: int64(ends.bIn), N: int64(size)}, "pong", 0})
	result := measurement(size, ping.result().data())
	pong.result().ok()

	producing := a.begin(request{call{Op: "channel.produce", FD: ends.aOut, N: int64(size), M: int64(floodTime)}, "produce", 0})
	consumed := b.do(request{call{Op: "channel.consume", FD: ends.bIn, N: int64(size)}, "consume", 0})
	n := consumed.ok()
	if sent := producing.result().ok(); sent != n {
		s.abort(fmt.Errorf("%s: %d messages were sent and %d received", m.Name, sent, n))
	}
	result.PerSecond = float64(n-1) / (float64(consumed.M) / 1e9)
	return result
}

// measurement is half the round trips that data has, in picoseconds.
func measurement(size int, data []byte) Measurement {
	return Measurement{Size: size, P50: float64(littleEndian(data[:8])) / 2000, P99: float64(littleEndian(data[8:])) / 2000}
}

func pinned(a *Actor, n int64) int {
	return a.do(request{call{Op: "pin", N: n}, "sched_setaffinity", 0}).ok()
}

// ends are the numbers of the channels in either process.
type ends struct{ aOut, aIn, bOut, bIn int }

// talk starts two processes with a way there and a way back. This process keeps
// nothing of the ways, so that their ends tell of each other.
func (s *Stage) talk(m *Mechanism) (a, b *Actor, e ends) {
	mark := len(s.undo)
	there, back := m.lay(s, 0), m.lay(s, 1)
	if there.sender < 0 {
		a, b = s.start("A"), s.start("B")
	} else {
		a, b = s.start("A", there.sender, back.receiver), s.start("B", there.receiver, back.sender)
		s.undoTo(mark)
	}
	open := func(on *Actor, w way, i int, sends int64, other *Actor) int {
		return on.do(request{call{Op: "channel", Name: m.Name, FD: inheritedFile(i), M: int64(w.key), N: sends, K: int64(other.Pid)}, "open " + m.Name, 0}).ok()
	}
	e.aOut = open(a, there, 0, 1, b)
	e.aIn = open(a, back, 1, 0, b)
	e.bIn = open(b, there, 0, 0, a)
	e.bOut = open(b, back, 1, 1, a)
	return a, b, e
}

// undoTo undoes what was done since there were so many things to undo.
func (s *Stage) undoTo(mark int) {
	for len(s.undo) > mark {
		s.undo[len(s.undo)-1]()
		s.undo = s.undo[:len(s.undo)-1]
	}
}

// bare is the floor: words that two processes write in turn, the answers so many
// bytes further on.
func (s *Stage) bare(c *Comparison, apart int) Measurement {
	fd := s.memfd(ringSize)
	a, b := s.start("A", fd), s.start("B", fd)
	defer a.end()
	defer b.end()
	c.CPUs = [2]int{pinned(a, 0), pinned(b, 1)}
	atA := a.do(mapping(inheritedFile(0), ringSize, unix.MAP_SHARED, 1)).ok()
	atB := b.do(mapping(inheritedFile(0), ringSize, unix.MAP_SHARED, 2)).ok()
	ping := a.begin(request{call{Op: "bare.ping", N: int64(atA), M: int64(pingTime), K: int64(apart)}, "ping", 0})
	pong := b.begin(request{call{Op: "bare.pong", N: int64(atB), K: int64(apart)}, "pong", 0})
	m := measurement(8, ping.result().data())
	pong.result().ok()
	return m
}
