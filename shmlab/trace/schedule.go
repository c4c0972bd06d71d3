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

// A Schedule says which lab is run with how many actors and operations, and
// who takes each step. When the decisions are used up and actors are left, the
// actor that stepped last goes on as long as it can, then the first that can.
type Schedule struct {
	Lab         string // "counter/unlocked"
	Hash        string // of the state's layout and the points met; "" if unknown
	Actors      int    // number of actors
	Ops         int    // operations of each
	InsideLocks bool   // accesses inside primitives are points of their own
	Staggered   bool   // an actor's start is a step of its own
	Decisions   []Decision
}

// String returns the schedule's one line, without a newline:
//
//	shmrace/1 counter/unlocked#9c41 actors=2 ops=1 : A B2 A
func (s *Schedule) String() string {
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

// ParseSchedule is the inverse of [Schedule.String]. Its errors say what was
// wrong and what was expected.
func ParseSchedule(line string) (*Schedule, error) {
	head, tail, ok := strings.Cut(strings.TrimSpace(line), " :")
	fields := strings.Fields(head)
	if len(fields) == 0 || fields[0] != Version {
		return nil, fmt.Errorf("not a schedule: expected it to begin with %q, found %.20q", Version, line)
	}
	if !ok || len(fields) < 2 {
		return nil, fmt.Errorf("not a whole schedule: expected \"%s LAB actors=N ops=N : A B ...\"", Version)
	}
	s := &Schedule{}
	lab, hash, hashed := strings.Cut(fields[1], "#")
	if !validName(lab) {
		return nil, fmt.Errorf("%.40q is not the name of a lab: expected family/variant", lab)
	}
	if hashed && (len(hash) != 4 || strings.Trim(hash, "0123456789abcdef") != "") {
		return nil, fmt.Errorf("#%.20s is not the hash of a lab: expected four hexadecimal digits", hash)
	}
	s.Lab, s.Hash = lab, hash
	for _, f := range fields[2:] {
		if err := s.parseSetting(f); err != nil {
			return nil, err
		}
	}
	if s.Actors == 0 || s.Ops == 0 {
		return nil, fmt.Errorf("the schedule does not say actors=N and ops=N")
	}
	return s, s.parseDecisions(tail)
}

// validName reports whether name can be a lab's: letters, digits, "-", "_", "/" and ".".
func validName(name string) bool {
	other := func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_/.", c))
	}
	return name != "" && strings.IndexFunc(name, other) < 0
}

func (s *Schedule) parseSetting(field string) (err error) {
	key, value, _ := strings.Cut(field, "=")
	switch field {
	case "start=staggered":
		s.Staggered = true
		return nil
	case "start=barrier":
		return nil
	case "inside-locks=yes":
		s.InsideLocks = true
		return nil
	}
	switch key {
	case "actors":
		s.Actors, err = positive(key, value, MaxActors)
	case "ops":
		s.Ops, err = positive(key, value, 1<<40)
	default:
		err = fmt.Errorf("unknown setting %.40q in a schedule: expected actors=N, ops=N, start=staggered or inside-locks=yes", field)
	}
	return err
}

func positive(key, value string, most int) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > most {
		return 0, fmt.Errorf("%s=%.24s: expected a number from 1 to %d", key, value, most)
	}
	return n, nil
}

func (s *Schedule) parseDecisions(text string) error {
	for _, word := range strings.Fields(text) {
		name := strings.TrimRight(word, "0123456789")
		run := 1
		if name != word {
			var err error
			if run, err = positive(name, word[len(name):], MaxDecisions); err != nil {
				return err
			}
		}
		d, err := ParseDecision(name)
		if err != nil {
			return err
		}
		if run > 1 && d.Fault != NoFault {
			return fmt.Errorf("%q repeats a fault: expected it written out", word)
		}
		if int(d.Actor) >= s.Actors {
			return fmt.Errorf("the schedule lets %v step, but actors=%d", d.Actor, s.Actors)
		}
		if len(s.Decisions)+run > MaxDecisions {
			return fmt.Errorf("the schedule is too long: expected at most %d decisions", MaxDecisions)
		}
		for range run {
			s.Decisions = append(s.Decisions, d)
		}
	}
	return nil
}
