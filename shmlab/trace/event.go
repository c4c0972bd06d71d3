package trace

import (
	"fmt"
	"strconv"
	"strings"
)

// An Event is one thing that happened. It holds no process number, time or
// address, so that the same schedule gives the same events on every host.
type Event struct {
	Kind  Kind
	Step  int    // the decision it came of, from 1; 0 before the first
	Actor Actor  // who did it
	Word  string // the word's field path in the state: "Accounts[2].Balance"
	Read  string // the value read; "" if none was
	Wrote string // the value written; "" if none was
	Note  string // a label, a message, or what else there is to say
	At    string // the actor's line: "counter.go:31"; "" if not captured
	Code  string // the text of that line
}

// String returns the event's line: its name, then key=value for what there is.
//
//	Get step=1 actor=A word=Count read=0 at=counter.go:31
func (e *Event) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v step=%d actor=%v", e.Kind, e.Step, e.Actor)
	for _, f := range e.texts() {
		if *f.text != "" {
			b.WriteString(" " + f.key + "=" + quote(*f.text))
		}
	}
	return b.String()
}

type textField struct {
	key  string
	text *string
}

func (e *Event) texts() [6]textField {
	return [...]textField{
		{"word", &e.Word}, {"read", &e.Read}, {"wrote", &e.Wrote},
		{"note", &e.Note}, {"at", &e.At}, {"code", &e.Code},
	}
}

// quote leaves a plain word as it is and quotes everything else as Go does.
func quote(s string) string {
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || c == '"' || c == '#' || c == '=' {
			return strconv.Quote(s)
		}
	}
	return s
}

// ParseEvent is the inverse of [Event.String].
func ParseEvent(line string) (Event, error) {
	var e Event
	name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	kind, err := ParseKind(name)
	if err != nil {
		return e, err
	}
	e.Kind, e.Actor = kind, -1
	for rest = strings.TrimLeft(rest, " "); rest != ""; rest = strings.TrimLeft(rest, " ") {
		var key, value string
		if key, value, rest, err = cutField(rest); err == nil {
			err = e.set(key, value)
		}
		if err != nil {
			return e, err
		}
	}
	if e.Actor < 0 {
		return e, fmt.Errorf("the event names no actor: expected actor=A")
	}
	return e, nil
}

// cutField takes one key=value off the front of text.
func cutField(text string) (key, value, rest string, err error) {
	key, text, ok := strings.Cut(text, "=")
	if !ok {
		return "", "", "", fmt.Errorf("%.40q is not a field: expected key=value", key)
	}
	if !strings.HasPrefix(text, `"`) {
		value, rest, _ = strings.Cut(text, " ")
		return key, value, rest, nil
	}
	quoted, err := strconv.QuotedPrefix(text)
	if err != nil {
		return "", "", "", fmt.Errorf("%s=%.40s: expected a closing quote", key, text)
	}
	value, err = strconv.Unquote(quoted)
	return key, value, text[len(quoted):], err
}

func (e *Event) set(key, value string) (err error) {
	switch key {
	case "step":
		e.Step, err = strconv.Atoi(value)
		if err != nil || e.Step < 0 {
			err = fmt.Errorf("step=%.24s: expected a number from 0", value)
		}
		return err
	case "actor":
		e.Actor, err = ParseActor(value)
		return err
	}
	for _, f := range e.texts() {
		if f.key == key {
			*f.text = value
			return nil
		}
	}
	return fmt.Errorf("unknown field %.24q: expected step, actor, word, read, wrote, note, at or code", key)
}
