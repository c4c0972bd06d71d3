package trace

import (
	"fmt"
	"strings"
)

// A Verdict is how a run ended.
type Verdict uint8

// The verdicts, with their names in text. The zero Verdict is a run that is not over.
const (
	Undecided Verdict = iota
	Holds             // every actor finished and every check held
	Violated          // a check did not hold, or an actor's code failed
	Deadlock          // every actor that is left waits
	Livelock          // every actor that is left waits, and one of them busily, for ever
	Budget            // the run used up its steps without an end
	Stuck             // an actor came back from no point, within the guard's time
	Diverged          // the schedule asks for a step that the lab cannot take
	Tampered          // an actor wrote what only the scheduler may write
	verdicts
)

var verdictNames = [verdicts]string{
	"undecided", "holds", "violated", "deadlock", "livelock", "budget", "stuck", "diverged", "tampered",
}

// String returns the verdict's name.
func (v Verdict) String() string {
	if v < verdicts {
		return verdictNames[v]
	}
	return fmt.Sprintf("verdict(%d)", uint8(v))
}

// Bad reports whether v shows the lab to be wrong. Of an undecided run, one out
// of budget and one that left its schedule nothing is known.
func (v Verdict) Bad() bool {
	return v == Violated || v == Deadlock || v == Livelock || v == Stuck || v == Tampered
}

// ParseVerdict is the inverse of [Verdict.String].
func ParseVerdict(name string) (Verdict, error) {
	for v := Undecided; v < verdicts; v++ {
		if verdictNames[v] == name {
			return v, nil
		}
	}
	return 0, fmt.Errorf("no verdict is called %s: expected one of %s", excerpt(name), strings.Join(verdictNames[:], " "))
}
