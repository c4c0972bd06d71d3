package ipc

import (
	"fmt"
	"testing"

	"golang.org/x/sys/unix"
)

// onStage runs a script and fails the test if it cannot be finished.
func onStage(t *testing.T, script func(s *Stage)) {
	t.Helper()
	r := Demonstration{script: script}.Run(t.Context(), Watcher{})
	if r.Err != nil {
		t.Error(r.Err)
	}
	for _, l := range r.Lacking {
		t.Skip(l.Why)
	}
}

// onEvery runs a script for every mechanism.
func onEvery(t *testing.T, script func(t *testing.T, s *Stage, m *Mechanism)) {
	for i := range Mechanisms {
		m := &Mechanisms[i]
		t.Run(m.Name, func(t *testing.T) { onStage(t, func(s *Stage) { script(t, s, m) }) })
	}
}

func sendBy(end int, data string, deadline int64) request {
	return request{call{Op: "channel.send", FD: end, Data: []byte(data), N: deadline}, "send", unix.SYS_READ}
}

func receiveBy(end int, deadline int64) request {
	return request{call{Op: "channel.receive", FD: end, N: deadline}, "receive", unix.SYS_READ}
}

func want(t *testing.T, what string, got result, n int64, data, fault string) {
	t.Helper()
	if got.N != n || string(got.Data) != data || got.Fault != fault || got.death != "" {
		t.Errorf("%s: %d %q %q %s, expected %d %q %q", what, got.N, got.Data, got.Fault, got.death, n, data, fault)
	}
}

// TestChannel sends messages of different lengths over every mechanism; they
// keep their borders. An empty channel is a timeout, at once or later.
func TestChannel(t *testing.T) {
	const long = "a longer one, of more than fifty-six bytes, so that it takes two lines"
	onEvery(t, func(t *testing.T, s *Stage, m *Mechanism) {
		a, b, e := s.talk(m)
		want(t, "receive now of nothing", b.do(receiveBy(e.bIn, -1)), -1, "", ErrTimeout.Error())
		want(t, "receive of nothing by a deadline", b.do(receiveBy(e.bIn, 1e6)), -1, "", ErrTimeout.Error())
		for _, text := range []string{"one", "", long} {
			want(t, "send", a.do(sendBy(e.aOut, text, -1)), 0, "", "")
		}
		want(t, "first", b.do(receiveBy(e.bIn, -1)), 3, "one", "")
		want(t, "second, empty", b.do(receiveBy(e.bIn, 0)), 0, "", "")
		want(t, "third", b.do(receiveBy(e.bIn, 1e9)), int64(len(long)), long, "")
		want(t, "the other way", b.do(sendBy(e.bOut, "back", 0)), 0, "", "")
		want(t, "the other way", a.do(receiveBy(e.aIn, 0)), 4, "back", "")
	})
}

// TestChannelClosed closes the sending end: what was sent still arrives, and
// then the receiver is told, and told something else than of a death.
func TestChannelClosed(t *testing.T) {
	onEvery(t, func(t *testing.T, s *Stage, m *Mechanism) {
		a, b, e := s.talk(m)
		a.do(sendBy(e.aOut, "last words", 0)).ok()
		a.do(request{call{Op: "channel.close", FD: e.aOut}, "close", 0}).ok()
		a.exit()
		want(t, "receive", b.do(receiveBy(e.bIn, 0)), 10, "last words", "")
		want(t, "receive after close", b.do(receiveBy(e.bIn, 0)), -1, "", ErrClosed.Error())
	})
}

// TestChannelDied kills the sender, once before the receiver waits and once
// while it does.
func TestChannelDied(t *testing.T) {
	onEvery(t, func(t *testing.T, s *Stage, m *Mechanism) {
		for _, waiting := range []bool{false, true} {
			a, b, e := s.talk(m)
			a.do(sendBy(e.aOut, "last words", 0)).ok()
			if !waiting {
				a.signal(unix.SIGKILL)
			}
			want(t, "receive", b.do(receiveBy(e.bIn, 0)), 10, "last words", "")
			last := b.begin(receiveBy(e.bIn, 0))
			if waiting {
				a.signal(unix.SIGKILL)
			}
			want(t, "receive after the death", last.result(), -1, "", ErrDied.Error())
			b.end()
		}
	})
}

// TestChannelFull sends without waiting until there is no room: a timeout, but
// of a file. Then all of it is received, in order.
func TestChannelFull(t *testing.T) {
	onEvery(t, func(t *testing.T, s *Stage, m *Mechanism) {
		a, b, e := s.talk(m)
		s.quiet++
		sent, most := 0, 50_000
		if m.Name == "file" {
			most = 500 // there is always room
		}
		for ; sent < most; sent++ {
			r := a.do(sendBy(e.aOut, fmt.Sprintf("%-2000d", sent), -1))
			if r.Fault == ErrTimeout.Error() {
				break
			}
			r.ok()
		}
		if m.Name != "file" && sent == most {
			t.Error("it is never full")
		}
		for i := range sent {
			if got := b.do(receiveBy(e.bIn, 1e9)).data(); string(got) != fmt.Sprintf("%-128d", i) {
				t.Fatalf("message %d is %s", i, got)
			}
		}
		want(t, "after the last", b.do(receiveBy(e.bIn, -1)), -1, "", ErrTimeout.Error())
	})
}

// TestProducerConsumer runs one program over every mechanism and size; the
// consumer checks each message.
func TestProducerConsumer(t *testing.T) {
	onEvery(t, func(t *testing.T, s *Stage, m *Mechanism) {
		for _, size := range append(Sizes, 57, 224, 225, 1000) {
			a, b, e := s.talk(m)
			const n = 500
			producing := a.begin(request{call{Op: "channel.produce", FD: e.aOut, N: int64(size), K: n}, "produce", 0})
			got := b.do(request{call{Op: "channel.consume", FD: e.bIn, N: int64(size)}, "consume", 0}).ok()
			if sent := producing.result().ok(); sent != n || got != n {
				t.Errorf("%d bytes: %d sent and %d received, expected %d", size, sent, got, n)
			}
			a.end()
			b.end()
		}
	})
}

// TestRingGoesRound sends more than the ring holds in pieces that do not divide
// it, so that lines and store wrap at every place.
func TestRingGoesRound(t *testing.T) {
	onStage(t, func(s *Stage) {
		m, err := mechanism("ring")
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{64, 16, 200, 777, 100_003, longest} {
			a, b, e := s.talk(m)
			n := int64(max(3*ringLines, 30*ringStore/size))
			if size > shortest {
				n = int64(30 * ringStore / size)
			}
			producing := a.begin(request{call{Op: "channel.produce", FD: e.aOut, N: int64(size), K: n}, "produce", 0})
			consumed := b.do(request{call{Op: "channel.consume", FD: e.bIn, N: int64(size), K: longest}, "consume", 0})
			if consumed.ok(); consumed.N != n {
				t.Errorf("%d bytes: received %d, expected %d", size, consumed.N, n)
			}
			producing.result().ok()
			a.end()
			b.end()
		}
	})
}

// TestRingSleeps lets both ends of the ring have one processor, so that each
// must sleep for the other to go on. A sleep that nobody ends takes 20 ms: so
// many of them would take longer than the guard allows.
func TestRingSleeps(t *testing.T) {
	onStage(t, func(s *Stage) {
		m, err := mechanism("ring")
		if err != nil {
			t.Fatal(err)
		}
		a, b, e := s.talk(m)
		pinned(a, 0)
		pinned(b, 0)
		const trips = 600
		pong := b.begin(request{call{Op: "channel.pong", FD: e.bOut, K: int64(e.bIn), N: 64}, "pong", 0})
		ping := a.do(request{call{Op: "channel.ping", FD: e.aOut, K: int64(e.aIn), N: 64, M: -trips}, "ping", 0})
		if n := ping.ok(); n != trips {
			t.Errorf("%d round trips, expected %d", n, trips)
		}
		pong.result().ok()
	})
}
