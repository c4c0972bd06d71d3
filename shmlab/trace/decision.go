package trace

import (
	"fmt"
	"strings"
)

// A Decision is one choice of a scheduler: this actor takes a step or, with a
// fault, this happens to it. In text "A", or "kill(A)".
type Decision struct {
	Actor Actor
	Fault Fault
}

// String returns the decision's text.
func (d Decision) String() string {
	if d.Fault == NoFault {
		return d.Actor.String()
	}
	return d.Fault.String() + "(" + d.Actor.String() + ")"
}

// ParseDecision is the inverse of [Decision.String].
func ParseDecision(text string) (Decision, error) {
	name, inner, ok := cutCall(text)
	if !ok {
		a, err := ParseActor(text)
		if err != nil {
			err = fmt.Errorf("%s is not a decision: expected an actor, A to %v, or a fault as kill(A)", excerpt(text), lastActor)
		}
		return Decision{Actor: a}, err
	}
	f, err := ParseFault(name)
	if err != nil {
		return Decision{}, err
	}
	a, err := ParseActor(inner)
	if err != nil {
		return Decision{}, err
	}
	return Decision{a, f}, nil
}

// cutCall takes "name(inner)" apart.
func cutCall(text string) (name, inner string, ok bool) {
	name, rest, ok := strings.Cut(text, "(")
	if !ok {
		return "", "", false
	}
	inner, ok = strings.CutSuffix(rest, ")")
	return name, inner, ok
}
