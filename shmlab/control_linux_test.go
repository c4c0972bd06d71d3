package shmlab

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"shmrace/shmlab/trace"
)

// What a worker says is believed only if it can be.
func TestControlRead(t *testing.T) {
	const state = 100
	for _, test := range []struct {
		name string
		lie  func(c *control)
		want string
	}{
		{"truth", func(c *control) {}, ""},
		{"last word", func(c *control) { c.point.Off, c.point.Size = 96, 4 }, ""},
		{"outside", func(c *control) { c.point.Off = outside }, ""},
		{"note", func(c *control) { c.point = Point{Kind: trace.Label} }, ""},
		{"guard", func(c *control) {
			c.point = Point{Kind: trace.Lock, Size: 4, test: equals, or: second{1, 8, 4, 0, different}}
		}, ""},
		{"early", func(c *control) { c.arrivals-- }, "it has arrived 6 times, expected 7"},
		{"late", func(c *control) { c.arrivals = math.MaxUint64 }, "it has arrived 18446744073709551615 times, expected 7"},
		{"no kind", func(c *control) { c.point.Kind = trace.None }, "it stands at None"},
		{"unknown kind", func(c *control) { c.point.Kind = 255 }, "it stands at Kind(255)"},
		{"died", func(c *control) { c.point.Kind = trace.Died }, "it stands at Died, which is for others to say"},
		{"blocked", func(c *control) { c.point.Kind = trace.Blocked }, "it stands at Blocked, which is for others to say"},
		{"injected", func(c *control) { c.point.Kind = trace.Injected }, "it stands at Injected, which is for others to say"},
		{"beyond", func(c *control) { c.point.Off = 100 }, "its word of 8 bytes at 100 is none of the state"},
		{"across", func(c *control) { c.point.Off = 96 }, "its word of 8 bytes at 96 is none of the state"},
		{"far", func(c *control) { c.point.Off = outside - 7 }, "its word of 8 bytes at 4294967288 is none of the state"},
		{"odd", func(c *control) { c.point.Off = 4 }, "its word of 8 bytes at 4 is none of the state"},
		{"size 3", func(c *control) { c.point.Off, c.point.Size = 0, 3 }, "its word of 3 bytes at 0 is none of the state"},
		{"size 16", func(c *control) { c.point.Size = 16 }, "its word of 16 bytes at 8 is none of the state"},
		{"size 255", func(c *control) { c.point.Size = 255 }, "its word of 255 bytes at 8 is none of the state"},
		{"nowhere", func(c *control) { c.point.Off, c.point.Size = 8, 0 }, "its word of 0 bytes at 8 is none of the state"},
		{"no word", func(c *control) { c.point = Point{Kind: trace.Get} }, "its Get has no word"},
		{"no futex", func(c *control) { c.point = Point{Kind: trace.Wait} }, "its Wait has no word"},
		{"no guard's word", func(c *control) { c.point = Point{Kind: trace.Lock, test: equals} }, "its Lock has no word"},
		{"second beyond", func(c *control) { c.point.or = second{0, 200, 4, 0, equals} }, "its guard's word of 4 bytes at 200 is none of the state"},
		{"second size", func(c *control) { c.point.or = second{0, 0, 5, 0, equals} }, "its guard's word of 5 bytes at 0 is none of the state"},
		{"second nowhere", func(c *control) { c.point.or = second{0, 0, 0, 0, equals} }, "its guard's second clause has no word"},
		{"text", func(c *control) { c.textLen = textSize + 1 }, "its text has 1025 bytes and its call stack 0 lines"},
		{"lines", func(c *control) { c.lineLen = math.MaxUint32 }, "its text has 0 bytes and its call stack 4294967295 lines"},
	} {
		c := &control{arrivals: 7, point: Point{Kind: trace.Get, Off: 8, Size: 8}}
		test.lie(c)
		at := standing{text: "before"}
		err := c.read(&at, 7, state)
		if text(err) != test.want {
			t.Errorf("%s: %v, expected %s", test.name, err, test.want)
		}
		if err != nil && (at.text != "before" || at.point != Point{}) {
			t.Errorf("%s: what was not believed is kept", test.name)
		}
	}
}

// Whatever bytes a control has, reading it and telling of it does no harm.
func TestControlNoise(t *testing.T) {
	l := hashed[twoWords](t)
	lines := &lines{}
	rng := rand.New(rand.NewPCG(1, 2))
	believed := 0
	for range 20_000 {
		c := &control{arrivals: 1}
		c.point = Point{
			Kind: trace.Kind(rng.IntN(26)), Size: 1 << rng.IntN(5), Off: uint32(rng.IntN(20)), test: test(rng.IntN(5)),
			timed: rng.IntN(2) == 0, inner: rng.IntN(2) == 0, count: rng.Uint32(), round: rng.Uint32(), want: rng.Uint64(),
			or: second{rng.Uint64(), uint32(rng.IntN(20)), 1 << rng.IntN(5), uint8(rng.IntN(65)), test(rng.IntN(5))},
		}
		c.effect = effect{before: rng.Uint64(), after: rng.Uint64(), read: true, wrote: true}
		c.textLen, c.lineLen = rng.Uint32N(textSize+99), rng.Uint32N(stackDepth+3)
		for i := range c.lines {
			c.lines[i] = uint64(rng.Int64N(1<<22)) - 1<<21 // near the program's code
		}
		var at standing
		if c.read(&at, 1, l.size) != nil {
			continue
		}
		believed++
		m := &memory{l, make([]byte, l.size)}
		at.point.holds(m.load)
		if at.point.round != 0 {
			t.Fatal("a worker says that it spins")
		}
		l.format(&at.point, at.effect.before)
		lines.find(at.lines)
	}
	if believed < 100 {
		t.Errorf("%d of 20000 were believed: too few to have tried anything", believed)
	}
}

// A text that is too long is cut, a long call stack too.
func TestControlTell(t *testing.T) {
	c := &control{}
	p := &Proc{at: standing{point: Point{Kind: trace.Label}, text: strings.Repeat("é", textSize), lines: []uintptr{lineBase + 9}}}
	c.tell(p)
	var at standing
	if err := c.read(&at, 1, 8); err != nil {
		t.Fatal(err)
	}
	if at.text != strings.Repeat("é", textSize/2) || len(at.lines) != 1 || at.lines[0] != lineBase+9 || at.point != p.at.point {
		t.Errorf("%d bytes of text, lines %v, %v", len(at.text), at.lines, at.point)
	}
}
