package property

import (
	"fmt"
	"strings"

	"shmrace/property/waiting"
	"shmrace/shmlab/trace"
)

// String tells the failure on one screen: the verdict, the columns, the pair of
// accesses whose order decides, and why. The columns have the room that the rest
// and the lines behind, which replay it, leave.
func (f *Failure) String() string {
	head, tail := f.Headline(), f.reason()
	room := screenHeight - linesBehind - strings.Count(head+tail, "\n") - 3 // heading, a line above and one below
	return head + "\n" + columns(f.Trace, max(room, fewestRows), f.marked(), f.matters) + "\n" + tail
}

// linesBehind are the lines kept free below a failure: how it was found, how
// to replay it in up to three, and where the next command is typed.
const linesBehind = 5

// Headline tells the verdict, and how small the schedule is.
func (f *Failure) Headline() string {
	t := f.Trace
	line := fmt.Sprintf("%s: %s in %s with %s\n", t.Schedule.Lab, strings.ToUpper(t.Verdict.String()),
		Count(len(t.Schedule.Decisions), "step"), Count(t.Preemptions, "preemption"))
	if t.Verdict == trace.Holds && extinct(t) {
		return line + "  Nobody survived: only what holds at every point was asked.\n"
	}
	if t.Message == "" || hangs(t) { // whose message says less than reason
		return line
	}
	return line + Wrap("  "+t.Message, "  ") + "\n"
}

// extinct reports whether t ends with every actor killed.
func extinct(t *trace.Trace) bool {
	var h trace.Holders
	for i := range t.Events {
		h.Take(&t.Events[i])
	}
	for a := range trace.Actor(t.Schedule.Actors) {
		if !h.Dead(a) {
			return false
		}
	}
	return true
}

func (f *Failure) reason() string {
	if !f.Trace.Verdict.Bad() {
		return f.racing() + busy(f.Trace) + passed(f.Trace)
	}
	if f.Why == "" {
		return f.cause() + f.racing()
	}
	return f.cause() + f.racing() + Wrap("Why: "+f.Why, "  ") + "\n"
}

func (f *Failure) marked() []int {
	if f.Blow > 0 {
		return []int{f.Blow}
	}
	if f.Pair == nil {
		return nil
	}
	if f.Pair.Late {
		return []int{f.Pair.First.Step}
	}
	return []int{f.Pair.First.Step, f.Pair.Second.Step}
}

// hangs reports whether t ends with all who are left waiting.
func hangs(t *trace.Trace) bool { return t.Verdict == trace.Deadlock || t.Verdict == trace.Livelock }

// cause says what decided, and of those who wait for ever who waits for whom.
func (f *Failure) cause() string {
	if !hangs(f.Trace) {
		return f.decided()
	}
	return rereads(f.Trace) + waits(f.Trace) + deaths(f.Trace, f.Blow) + cycle(f.Trace) + f.decided() + overslept(f.Trace, f.Pair)
}

// mostWaits is how many of those who wait are told one by one, if there are many.
const mostWaits = 2

// waits says who waits for what, and who holds it.
func waits(t *trace.Trace) (text string) {
	var lines []string
	for _, w := range waiting.Waits(t) {
		if w.Note == trace.Spins {
			continue
		}
		who := w.Actor.String()
		if sig := within(t, w.Actor); sig != "" {
			who += ", in its handler of " + sig + ","
		}
		lines = append(lines, fmt.Sprintf("%s waits for %s%s.", who, w.Word, w.Held()))
	}
	if n := len(lines); n > mostWaits+1 {
		lines = append(lines[:mostWaits], fmt.Sprintf("... and %d more wait.", n-mostWaits))
	}
	for _, line := range lines {
		text += Wrap(line, "  ") + "\n"
	}
	return text
}

// deaths says where each was killed of whom nobody knows that he held a lock, but
// for who was in the step that decides.
func deaths(t *trace.Trace, blow int) (text string) {
	known := map[trace.Actor]bool{}
	for _, w := range waiting.Waits(t) {
		for _, holder := range w.Holders {
			known[holder] = true
		}
	}
	last := map[trace.Actor]*trace.Event{}
	for i := range t.Events {
		e := &t.Events[i]
		if e.Kind.Point() {
			last[e.Actor] = e
		} else if end := waiting.Fatal(t, i); end == "" || known[e.Actor] || e.Step == blow {
			continue
		} else if before := last[e.Actor]; before == nil || before.At == "" {
			text += fmt.Sprintf("%v %s before it did anything.\n", e.Actor, end)
		} else {
			text += fmt.Sprintf("%v %s after its step %d (%s).\n", e.Actor, end, before.Step, before.At)
		}
	}
	return text
}

// rereads says who reads what again and again, and finds each time.
func rereads(t *trace.Trace) string {
	var lines []string
	for i, e := range t.Events {
		if e.Kind != trace.Blocked || e.Note != trace.Spins {
			continue
		}
		found := fmt.Sprintf("%s (%s)", e.Word, e.Read)
		if e.Word == "" {
			found = "nothing"
		}
		if before := t.Events[i-1]; before.Kind == trace.Blocked && before.Note == trace.Spins && before.Actor == e.Actor {
			lines[len(lines)-1] += " and " + found
		} else {
			lines = append(lines, fmt.Sprintf("%v goes round for ever: it reads %s", e.Actor, found))
		}
	}
	text := ""
	for i, line := range lines {
		if i == mostWaits {
			return text + fmt.Sprintf("... and %d more go round.\n", len(lines)-i)
		}
		text += Wrap(line+" again and again, and nobody is left to change it.", "  ") + "\n"
	}
	return text
}

// Count says how many there are of something, whose plural ends in s or es.
func Count(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "s"):
		noun += "e"
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Wrap breaks text into lines that fit the screen. The first keeps the space it
// begins with, later ones begin with indent.
func Wrap(text, indent string) string {
	var b strings.Builder
	column := len(text) - len(strings.TrimLeft(text, " "))
	b.WriteString(text[:column])
	for i, word := range strings.Fields(text) {
		if i > 0 && column+1+len(word) >= screenWidth {
			b.WriteString("\n" + indent)
			column = len(indent)
		} else if i > 0 {
			b.WriteString(" ")
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	return b.String()
}
