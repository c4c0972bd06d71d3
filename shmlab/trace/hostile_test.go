package trace_test

import (
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestHostileText reads megabytes of what a parser could stumble over. Time and
// memory are to grow with the text and no faster: a parser that looks again at
// what it has passed would need minutes here.
func TestHostileText(t *testing.T) {
	const size = 1 << 20
	fill := func(text string) string { return strings.Repeat(text, size/len(text)) }
	for name, text := range map[string]string{
		"one word":       fill("z"),
		"newlines":       fill("\n"),
		"comments":       fill("#\n"),
		"digits":         begun + "A" + fill("9"),
		"letters":        begun + fill("A"),
		"brackets":       begun + fill("kill("),
		"colons":         "shmrace/1 a/b" + fill(" :"),
		"settings":       "shmrace/1 a/b" + fill(" ops=1"),
		"decisions":      begun + fill("A B "),
		"long runs":      begun + fill("A524289 "),
		"blanks":         head + "Get" + fill(" ") + "step=1 actor=A",
		"trailing tabs":  head + "Get step=1 actor=A" + fill("\t"),
		"keys":           head + "Get " + fill("word=x "),
		"equals":         head + "Get word" + fill("="),
		"quotes":         head + "Get word=" + fill(`"`),
		"escapes":        head + `Get word="` + fill(`\"`),
		"closed escapes": head + `Get step=1 actor=A word="` + fill(`\"`) + `"`,
		"wide":           head + `Get step=1 actor=A word="` + fill("é") + `"`,
		"events":         head + fill("Get step=1 actor=A\n"),
		"verdicts":       head + fill("Verdict is=holds preemptions=0\n"),
	} {
		within(t, name, 30*time.Second, func() {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			stable(t, text)
			runtime.ReadMemStats(&after)
			if took := after.TotalAlloc - before.TotalAlloc; took > 256*size {
				t.Errorf("%s: %d MB are used to read, print and read %d MB", name, took>>20, size>>20)
			}
		})
	}
}

// within is a guard: f is not to hang.
func within(t *testing.T, name string, guard time.Duration, f func()) {
	t.Helper()
	done := make(chan bool)
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(guard):
		t.Fatalf("%s: not read within %v", name, guard)
	}
}
