package trace

import (
	"fmt"
	"strconv"
	"strings"
)

// Version begins the text of every schedule.
const Version = "shmrace/1"

// MaxDecisions is the largest number of decisions a schedule may have.
const MaxDecisions = 1 << 20

// MaxOps is the largest number of operations of an actor.
const MaxOps = 1 << 40

// A Schedule says which lab is run with how many actors and operations, and
// who takes each step. When the decisions are used up and actors are left, the
// actor that stepped last goes on as long as it can, then the first that can.
type Schedule struct {
	Lab         string // "counter/unlocked", fit for [CheckLab]
	Hash        string // of the state's layout and the points met: 4 digits of 0-9a-f; "" if unknown
	Actors      int    // number of actors, 1 to MaxActors
	Ops         int    // operations of each, 1 to MaxOps
	InsideLocks bool   // accesses inside primitives are points of their own
	Staggered   bool   // an actor's start is a step of its own
	Decisions   []Decision
}

// String returns the schedule's one line, without a newline:
//
//	shmrace/1 counter/unlocked#9c41 actors=2 ops=1 : A B2 A
func (s Schedule) String() string {
	var b strings.Builder
	b.WriteString(Version + " " + s.Lab)
	if s.Hash != "" {
		b.WriteString("#" + s.Hash)
	}
	fmt.Fprintf(&b, " actors=%d ops=%d", s.Actors, s.Ops)
	if s.Staggered {
		b.WriteString(" start=staggered")
	}
	if s.InsideLocks {
		b.WriteString(" inside-locks=yes")
	}
	b.WriteString(" :")
	for i := 0; i < len(s.Decisions); {
		run := runLength(s.Decisions[i:])
		b.WriteString(" " + s.Decisions[i].String())
		if run > 1 {
			b.WriteString(strconv.Itoa(run))
		}
		i += run
	}
	return b.String()
}

// runLength counts the equal steps that d begins with; a fault stands alone.
func runLength(d []Decision) int {
	n := 1
	for n < len(d) && d[n] == d[0] && d[0].Fault == NoFault {
		n++
	}
	return n
}

// CheckLab returns an error if no lab can have this name, because a schedule
// with it could not be read back.
func CheckLab(name string) error {
	other := func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_/.", c))
	}
	if name == "" || strings.IndexFunc(name, other) >= 0 {
		return fmt.Errorf("%s cannot be the name of a lab: expected letters, digits and any of -_/. as in family/variant", excerpt(name))
	}
	return nil
}

// checkActor returns an error if a is none of the schedule's actors.
func (s *Schedule) checkActor(a Actor) error {
	if int(a) >= s.Actors {
		return fmt.Errorf("there is no actor %v: expected A to %v, as actors=%d", a, Actor(s.Actors-1), s.Actors)
	}
	return nil
}
