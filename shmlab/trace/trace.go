package trace

import (
	"fmt"
	"hash/fnv"
	"strings"
)

// A Trace is what happened in one run: the schedule taken, what came of it and
// how it ended.
type Trace struct {
	Schedule    Schedule
	Events      []Event // in the order in which they happened
	Verdict     Verdict
	Message     string // why, in one line; "" if it holds
	Preemptions int    // decisions that left an actor which could have gone on
}

// verdictForm is the keys of the verdict's line.
var verdictForm = form{keys: []string{"is", "preemptions", "note"}, must: 2}

// String returns the trace's text: the schedule's line, a line an event, and
// the verdict's line. Lines that begin with # are comments.
func (t *Trace) String() string {
	var b strings.Builder
	b.WriteString(t.Schedule.String() + "\n")
	for i := range t.Events {
		b.WriteString(t.Events[i].String() + "\n")
	}
	fmt.Fprintf(&b, "Verdict is=%v preemptions=%d", t.Verdict, t.Preemptions)
	if t.Message != "" {
		b.WriteString(" note=" + quote(t.Message))
	}
	b.WriteString("\n")
	return b.String()
}

// Parse is the inverse of [Trace.String]. A text of a schedule's line alone is
// a trace of which nothing is known yet. Every event is one of the schedule's
// actors and steps. Errors name the line.
func Parse(text string) (*Trace, error) {
	var p parser
	n := 0
	for line := range strings.SplitSeq(text, "\n") {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if err := p.line(line); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	if p.trace == nil {
		return nil, fmt.Errorf("no schedule: expected a line that begins with %q", Version)
	}
	return p.trace, nil
}

// A parser takes a trace's lines one after the other.
type parser struct {
	trace *Trace // nil before the schedule's line
	over  bool   // the verdict's line was met
}

func (p *parser) line(line string) error {
	if p.trace == nil {
		s, err := ParseSchedule(line)
		if err == nil {
			p.trace = &Trace{Schedule: *s}
		}
		return err
	}
	if p.over {
		return fmt.Errorf("%s follows the verdict: expected the end of the trace", excerpt(line))
	}
	if name, rest := cutWord(line); name == "Verdict" {
		p.over = true
		return verdictForm.fill(rest, p.trace.set)
	}
	e, err := ParseEvent(line)
	if err == nil {
		err = p.event(e)
	}
	return err
}

func (p *parser) event(e Event) error {
	s := &p.trace.Schedule
	if err := s.checkActor(e.Actor); err != nil {
		return err
	}
	if e.Step > len(s.Decisions) {
		return fmt.Errorf("there is no step %d: expected 0 to %d, the decisions of the schedule", e.Step, len(s.Decisions))
	}
	p.trace.Events = append(p.trace.Events, e)
	return nil
}

// set takes over a field of the verdict's line.
func (t *Trace) set(key, value string) (err error) {
	switch key {
	case "is":
		t.Verdict, err = ParseVerdict(value)
	case "preemptions":
		t.Preemptions, err = number(key, value, 0, MaxDecisions)
	case "note":
		t.Message = value
	}
	return err
}

// Hash is a hash of what happened and how it ended, the schedule and the source
// lines left out: equal for equal runs.
func (t *Trace) Hash() uint64 {
	h := fnv.New64a()
	for i := range t.Events {
		h.Write([]byte(t.Events[i].bare().String() + "\n"))
	}
	h.Write([]byte(t.ending()))
	return h.Sum64()
}

// Differs returns the first event in which t, the expected trace, and actual
// are not the same, source lines left out, as two lines; same is true if there
// is none. The verdict counts as the last event, unless t does not know it.
func (t *Trace) Differs(actual *Trace) (expected, found string, same bool) {
	for i := range max(len(t.Events), len(actual.Events)) {
		if i >= len(t.Events) || i >= len(actual.Events) || t.Events[i].bare() != actual.Events[i].bare() {
			return t.at(i), actual.at(i), false
		}
	}
	if expected, found = t.ending(), actual.ending(); t.Verdict != Undecided && expected != found {
		return expected, found, false
	}
	return "", "", true
}

// at is the line of event i, or what comes in its place.
func (t *Trace) at(i int) string {
	if i < len(t.Events) {
		return t.Events[i].bare().String()
	}
	return "the end"
}

// ending is how t ended, in one line.
func (t *Trace) ending() string {
	if t.Message == "" {
		return t.Verdict.String()
	}
	return t.Verdict.String() + ": " + quote(t.Message)
}
