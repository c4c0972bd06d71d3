package trace

import (
	"fmt"
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

// eventForm is the keys of an event's line, in the order in which they are written.
var eventForm = form{keys: []string{"step", "actor", "word", "read", "wrote", "note", "at", "code"}, must: 2}

// texts are the fields after step and actor.
func (e *Event) texts() [6]*string {
	return [...]*string{&e.Word, &e.Read, &e.Wrote, &e.Note, &e.At, &e.Code}
}

// String returns the event's line: its name, then key=value for what there is.
//
//	Get step=1 actor=A word=Count read=0 at=counter.go:31
func (e Event) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v step=%d actor=%v", e.Kind, e.Step, e.Actor)
	for i, text := range e.texts() {
		if *text != "" {
			b.WriteString(" " + eventForm.keys[i+2] + "=" + quote(*text))
		}
	}
	return b.String()
}

// bare is e without the source line, which not every run captures.
func (e Event) bare() Event {
	e.At, e.Code = "", ""
	return e
}

// ParseEvent is the inverse of [Event.String]. The fields may come in any
// order, each once; an empty one is as good as none.
func ParseEvent(line string) (Event, error) {
	var e Event
	name, rest := cutWord(line)
	kind, err := ParseKind(name)
	if err == nil {
		e.Kind, err = kind, eventForm.fill(rest, e.set)
	}
	if err != nil {
		return Event{}, err
	}
	return e, nil
}

func (e *Event) set(key, value string) (err error) {
	switch key {
	case "step":
		e.Step, err = number(key, value, 0, MaxDecisions)
		return err
	case "actor":
		e.Actor, err = ParseActor(value)
		return err
	}
	for i, text := range e.texts() {
		if eventForm.keys[i+2] == key {
			*text = value
		}
	}
	return nil
}
