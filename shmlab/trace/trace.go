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
	Events      []Event
	Verdict     Verdict
	Message     string // why, in one line; "" if it holds
	Preemptions int    // decisions that left an actor which could have gone on
}

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
// a trace of which nothing is known yet. Errors name the line.
func Parse(text string) (*Trace, error) {
	var t *Trace
	for n, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := parseLine(&t, line); err != nil {
			return nil, fmt.Errorf("line %d: %w", n+1, err)
		}
	}
	if t == nil {
		return nil, fmt.Errorf("no schedule: expected a line that begins with %q", Version)
	}
	return t, nil
}

func parseLine(t **Trace, line string) error {
	if *t == nil {
		s, err := ParseSchedule(line)
		if err == nil {
			*t = &Trace{Schedule: *s}
		}
		return err
	}
	if rest, ok := strings.CutPrefix(line, "Verdict "); ok {
		return (*t).parseVerdict(rest)
	}
	e, err := ParseEvent(line)
	if err == nil {
		(*t).Events = append((*t).Events, e)
	}
	return err
}

func (t *Trace) parseVerdict(rest string) error {
	for rest != "" {
		key, value, more, err := cutField(rest)
		if err != nil {
			return err
		}
		switch key {
		case "is":
			t.Verdict, err = ParseVerdict(value)
		case "preemptions":
			_, err = fmt.Sscanf(value, "%d", &t.Preemptions)
		case "note":
			t.Message = value
		default:
			err = fmt.Errorf("unknown field %.24q: expected is, preemptions or note", key)
		}
		if err != nil {
			return err
		}
		rest = strings.TrimLeft(more, " ")
	}
	return nil
}

// Hash is a hash of what happened, source lines left out: equal for equal runs.
func (t *Trace) Hash() uint64 {
	h := fnv.New64a()
	for _, e := range t.Events {
		e.At, e.Code = "", ""
		h.Write([]byte(e.String() + "\n"))
	}
	fmt.Fprintf(h, "%v %s", t.Verdict, t.Message)
	return h.Sum64()
}

// Differs returns the first event in which t, the expected trace, and actual
// are not the same, source lines left out, as two lines; same is true if there
// is none.
func (t *Trace) Differs(actual *Trace) (expected, found string, same bool) {
	for i := range max(len(t.Events), len(actual.Events)) {
		expected, found = bare(t.Events, i), bare(actual.Events, i)
		if expected != found {
			return expected, found, false
		}
	}
	return "", "", true
}

func bare(events []Event, i int) string {
	if i >= len(events) {
		return "the end"
	}
	e := events[i]
	e.At, e.Code = "", ""
	return e.String()
}
