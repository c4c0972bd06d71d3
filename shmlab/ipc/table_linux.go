package ipc

import (
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"
)

var finalTable = Demonstration{
	Number: 22, Name: "table",
	Title:    "The table that ends the lecture",
	Claim:    "What each mechanism can do and what it costs: every cell is from a run.",
	Question: "All processes have ended. Where is what was sent still there?",
	Choices:  []string{"in pipes and sockets", "in files, named memory and queues", "nowhere"},
	answer: func(f Facts) int {
		switch {
		case f.Get("pipe.persists") == "yes":
			return 0
		case f.Get("file.persists") == "yes":
			return 1
		}
		return 2
	},
	script: playTable,
	expect: tableExpected(),
	Why: "What has a name can be found by anybody and stays; what has none goes with the last who has it. The kernel " +
		"copies what is sent by a call, and keeps it whole; memory is fast because it does neither.",
	Trap:    "Choosing by speed alone: the fastest tells nothing of a death and needs a lock.",
	Further: []string{"pipe(7)", "mq_overview(7)", "sysvipc(7)", "unix(7)", "shm_overview(7)", "futex(7)"},
	code:    []string{"playTable", "probeCopies", "hearsOfDeath"},
}

// tableExpected is what must be observed, in the order of the probes; what is
// measured is not among it.
func tableExpected() (all []string) {
	for _, row := range []struct {
		name  string
		cells [7]string
	}{
		{"file", [7]string{"yes", "yes", "no", "both", "yes", "yes", "no"}},
		{"pipe", [7]string{"no", "no", "no", "one", "yes", "no", "yes"}},
		{"fifo", [7]string{"yes", "name", "no", "one", "yes", "no", "yes"}},
		{"posix queue", [7]string{"yes", "yes", "yes", "both", "yes", "no", "no"}},
		{"sysv queue", [7]string{"yes", "yes", "yes", "both", "yes", "no", "no"}},
		{"socketpair", [7]string{"no", "no", "no", "both", "yes", "no", "yes"}},
		{"unix stream", [7]string{"yes", "name", "no", "both", "yes", "no", "yes"}},
		{"unix datagram", [7]string{"yes", "name", "yes", "one", "yes", "no", "no"}},
		{"unix seqpacket", [7]string{"yes", "name", "yes", "both", "yes", "no", "yes"}},
		{"tcp", [7]string{"yes", "no", "no", "both", "yes", "no", "yes"}},
		{"mapped file", [7]string{"yes", "yes", "no", "both", "no", "yes", "no"}},
		{"shared memory", [7]string{"yes", "yes", "no", "both", "no", "yes", "no"}},
		{"ring", [7]string{"no", "no", "yes", "one", "yes", "yes", "yes"}},
		{"signal", [7]string{"yes", "no", "yes", "both", "", "no", "no"}}, // it carries no bytes that could be copied,
	} {
		for i, cell := range row.cells {
			if cell != "" {
				all = append(all, row.name+"."+probes[i].name+"="+cell)
			}
		}
	}
	return all
}

func playTable(s *Stage) {
	for _, subject := range subjects {
		s.part(subject.name, func() {
			for _, p := range probes {
				s.apart(func() { s.fact(subject.name+"."+p.name, p.ask(s, subject.make(s))) })
			}
		})
	}
	s.apart(func() { probeMappedFile(s) })
	s.part("shared memory", func() { s.apart(func() { probeSharedMemory(s) }) })
	s.apart(func() { probeRing(s) })
	s.apart(func() { probeSignal(s) })
	c := &Comparison{Rounds: 1, Sizes: Sizes[:1]}
	s.silently(func() { s.compareAll(c, func(string) {}) })
	for _, m := range c.Mechanisms {
		s.measured(m.Name, m.Sizes[0])
	}
	s.measured("shared memory", c.Bare)
	s.apart(func() { s.silently(func() { s.measured("signal", s.signalPingPong()) }) })
}

// measured writes a measurement down, if there is one.
func (s *Stage) measured(name string, m Measurement) {
	if m.P50 > 0 {
		s.fact(name+".p50_ns", strconv.FormatFloat(m.P50, 'f', 0, 64))
	}
	if m.PerSecond > 0 {
		s.fact(name+".per_second", strconv.FormatFloat(m.PerSecond, 'f', 0, 64))
	}
}

// A Row is a line of the table: what was observed of a mechanism.
type Row struct {
	Name      string   `json:"name"`
	Cells     []string `json:"cells"`      // in the order of [Columns]; "" was not observed
	P50       string   `json:"p50_ns"`     // one way, 64 bytes, in ns
	PerSecond string   `json:"per_second"` // messages of 64 bytes
}

// Columns are what the table tells of each mechanism.
func Columns() (names []string) {
	for _, p := range probes {
		names = append(names, p.name)
	}
	return names
}

// Table returns the table that a run of the demonstration "table" observed.
func Table(r *Report) (rows []Row) {
	names := []string{}
	for _, subject := range subjects {
		names = append(names, subject.name)
	}
	for _, name := range append(names, "mapped file", "shared memory", "ring", "signal") {
		row := Row{Name: name, P50: r.Facts.Get(name + ".p50_ns"), PerSecond: r.Facts.Get(name + ".per_second")}
		for _, p := range probes {
			row.Cells = append(row.Cells, r.Facts.Get(name+"."+p.name))
		}
		rows = append(rows, row)
	}
	return rows
}

func probeMappedFile(s *Stage) {
	path := s.path("mapped")
	fd := s.open(path, unix.O_RDWR|unix.O_CREAT)
	probeMemory(s, "mapped file", path, fd)
}

func probeSharedMemory(s *Stage) {
	path, fd := s.sharedObject()
	probeMemory(s, "shared memory", path, fd)
}

// probeMemory asks the same questions of memory that two processes map: to send
// is to store, to receive is to load.
func probeMemory(s *Stage, name, path string, fd int) {
	s.parent.do(truncate(fd, pageSize)).ok()
	a, b := s.start("A", fd), s.start("B", fd)
	s.shut(fd)
	at := memoryOf(inheritedFile(0), a, b)
	stranger := s.start("stranger")
	s.fact(name+".unrelated", yes(stranger.do(open(path, unix.O_RDWR)).Errno == 0))

	a.do(store(at[0], 0, 1)).ok()
	a.do(store(at[0], 0, 2)).ok()
	s.fact(name+".borders", yes(b.do(load(at[1], 0)).ok() == 1)) // the first message, kept apart from the second
	b.do(store(at[1], 1, 3)).ok()
	s.fact(name+".ways", map[bool]string{true: "both", false: "one"}[a.do(load(at[0], 1)).ok() == 3])
	a.do(store(at[0], 0, 4)).ok()
	s.fact(name+".copies", yes(b.do(load(at[1], 0)).ok() != 4))

	byA, byB := a.do(load(at[0], 2)).ok(), b.do(load(at[1], 2)).ok()
	a.do(store(at[0], 2, byA+1)).ok()
	b.do(store(at[1], 2, byB+1)).ok()
	s.fact(name+".needs a lock", yes(b.do(load(at[1], 2)).ok() != 2))

	waiting := b.begin(sleepOn(at[1], 3, 0))
	s.fact(name+".tells of death", s.hearsOfDeath(waiting, a))
	b.signal(unix.SIGKILL)
	later := stranger.do(open(path, unix.O_RDWR))
	kept := later.Errno == 0 && littleEndian(stranger.do(pread(int(later.N), 8, 0)).data()) == 4
	s.fact(name+".persists", yes(kept))
}

// probeRing asks them of the ring, whose ends look after each other.
func probeRing(s *Stage) {
	m, err := mechanism("ring")
	if err != nil {
		s.abort(err)
	}
	a, b, e := s.talk(m)
	out := func(end int, text string) request {
		return request{call{Op: "channel.send", FD: end, Data: []byte(text)}, fmt.Sprintf("send(%q)", text), 0}
	}
	in := func(end int) request { return request{call{Op: "channel.receive", FD: end}, "receive()", 0} }
	a.do(out(e.aOut, "AB")).ok()
	a.do(out(e.aOut, "CD")).ok()
	first := string(b.do(in(e.bIn)).data())
	s.fact("ring.borders", yes(first == "AB"))
	s.fact("ring.copies", yes(string(b.do(in(e.bIn)).data()) == "CD"))
	s.fact("ring.ways", map[bool]string{true: "both", false: "one"}[b.do(out(e.bIn, "BACK")).Fault == ""])
	dying := b.begin(in(e.bIn))
	a.signal(unix.SIGKILL)
	s.fact("ring.tells of death", yes(dying.result().Fault == ErrDied.Error()))

	fd := s.memfd(ringSize)
	link := byLink(fd)
	stranger := s.start("stranger")
	s.fact("ring.unrelated", yes(stranger.do(link).Errno == 0))
	one, two, reader := s.start("A", fd), s.start("B", fd), s.start("C", fd)
	s.shut(fd)
	take := func(on *Actor, sends int64) int {
		return on.do(request{call{Op: "channel", Name: "ring", FD: inheritedFile(0), N: sends, K: int64(s.parent.Pid)}, "open ring", 0}).ok()
	}
	byOne, byTwo, there := take(one, 1), take(two, 1), take(reader, 0)
	one.do(out(byOne, "of A")).ok()
	two.do(out(byTwo, "of B")).ok()
	s.fact("ring.needs a lock", yes(string(reader.do(in(there)).data()) != "of A"))
	for _, a := range []*Actor{one, two, reader} {
		a.signal(unix.SIGKILL)
	}
	s.fact("ring.persists", yes(stranger.do(link).Errno == 0))
}

// probeSignal asks them of a real-time signal, which carries nothing but its number.
func probeSignal(s *Stage) {
	const sig = unix.Signal(35)
	restore := blockSignals(sig)
	defer restore()
	a, b := s.start("A"), s.start("B")
	restore()
	s.fact("signal.unrelated", yes(a.do(kill(b, 0)).Errno == 0))
	a.do(kill(b, sig)).ok()
	a.do(kill(b, sig)).ok()
	n := 0
	for b.do(takeSignal(sig)).Errno == 0 {
		n++
	}
	s.fact("signal.borders", yes(n == 2))
	s.fact("signal.needs a lock", yes(n != 2))
	b.do(kill(a, sig)).ok()
	s.fact("signal.ways", map[bool]string{true: "both", false: "one"}[a.do(takeSignal(sig)).Errno == 0])
	waiting := b.begin(request{call{Op: "sigwait", N: int64(sig)}, "sigwait", unix.SYS_RT_SIGTIMEDWAIT})
	s.fact("signal.tells of death", s.hearsOfDeath(waiting, a))
	s.fact("signal.persists", yes(s.parent.do(kill(a, 0)).Errno == 0))
}

// signalPingPong measures a signal there and one back.
func (s *Stage) signalPingPong() Measurement {
	const sig = unix.Signal(35)
	restore := blockSignals(sig)
	defer restore()
	a, b := s.start("A"), s.start("B")
	restore()
	pinned(a, 0)
	pinned(b, 1)
	exchange := func(op string, other *Actor) request {
		return request{call{Op: op, N: int64(sig), K: int64(other.Pid), M: 1000}, op, 0}
	}
	pong := b.begin(exchange("signal.pong", a))
	ping := a.begin(exchange("signal.ping", b))
	m := measurement(0, ping.result().data())
	pong.result().ok()
	return m
}
