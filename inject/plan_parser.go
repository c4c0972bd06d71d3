package inject

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// longPlan is the longest text of a plan, in bytes.
const longPlan = 1 << 16

// ParsePlan is the inverse of [Plan.String]. An error says at which column what
// was expected.
func ParsePlan(text string) (Plan, error) {
	if len(text) > longPlan {
		return nil, fmt.Errorf("a plan of %d bytes: expected at most %d", len(text), longPlan)
	}
	s := planScanner{text: text}
	var p Plan
	for {
		if len(p) == shmlab.MaxTraps {
			return nil, s.wrong(s.at, "the end of the plan, after %d clauses", shmlab.MaxTraps)
		}
		s.space()
		begin := s.at
		t, err := s.clause()
		if err != nil {
			return nil, err
		}
		if err := t.Check(); err != nil {
			return nil, fmt.Errorf("column %d: %w", begin+1, err)
		}
		p = append(p, t)
		if s.space(); s.at == len(text) {
			return p, nil
		}
		if !s.take(";") {
			return nil, s.wrong(s.at, "-> and another action, ; and another clause, or the end")
		}
	}
}

// A planScanner goes through the text of a plan.
type planScanner struct {
	text string
	at   int // byte
}

// wrong says what was expected instead of what is at a column.
func (s *planScanner) wrong(at int, format string, args ...any) error {
	found := "the end"
	if rest := strings.TrimLeft(s.text[at:], blanks); rest != "" {
		found = fmt.Sprintf("%.20q", rest[:1+strings.IndexFunc(rest[1:]+" ", unicode.IsSpace)])
	}
	return fmt.Errorf("column %d: found %s, expected %s", at+1, found, fmt.Sprintf(format, args...))
}

const blanks = " \t\r\n"

func (s *planScanner) space() {
	s.at += len(s.text[s.at:]) - len(strings.TrimLeft(s.text[s.at:], blanks))
}

// take goes past token if it comes next.
func (s *planScanner) take(token string) bool {
	if !strings.HasPrefix(s.text[s.at:], token) {
		return false
	}
	s.at += len(token)
	return true
}

// run goes past the longest run of characters of which is is true, and returns it.
func (s *planScanner) run(is func(r rune) bool) string {
	rest := s.text[s.at:]
	end := strings.IndexFunc(rest, func(r rune) bool { return !is(r) })
	if end < 0 {
		end = len(rest)
	}
	s.at += end
	return rest[:end]
}

func letter(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' }

func digit(r rune) bool { return r >= '0' && r <= '9' || r == '.' }

func (s *planScanner) clause() (shmlab.Trap, error) {
	t := shmlab.Trap{Actor: shmlab.Anybody}
	seen := map[string]bool{}
	for s.space(); !s.take(":"); s.space() {
		begin := s.at
		key := s.run(letter)
		if key == "any" && len(seen) == 0 {
			if s.space(); !s.take(":") {
				return t, s.wrong(s.at, ": and an action")
			}
			break
		}
		if !strings.Contains(" label actor kind word occurrence ", " "+key+" ") || key == "" || seen[key] || !s.take("=") {
			return t, s.wrong(begin, "label=, actor=, kind=, word= or occurrence=, each once, or : and an action")
		}
		seen[key] = true
		if err := s.condition(&t, key); err != nil {
			return t, err
		}
	}
	for {
		a, err := s.term()
		if err != nil {
			return t, err
		}
		t.Chain = append(t.Chain, a)
		if s.space(); !s.take("->") {
			return t, nil
		}
	}
}

// condition reads the value of a key.
func (s *planScanner) condition(t *shmlab.Trap, key string) error {
	begin := s.at
	value, err := s.name()
	if err != nil {
		return err
	}
	switch key {
	case "label":
		t.Label = value
	case "word":
		t.Word = value
	case "actor":
		if t.Actor, err = trace.ParseActor(value); err != nil {
			return s.wrong(begin, "an actor, A to %v", trace.Actor(trace.MaxActors-1))
		}
	case "kind":
		if t.Kind, err = trace.ParseKind(value); err != nil || !t.Kind.Point() || t.Kind == trace.Start {
			return s.wrong(begin, "a kind of point as Get, Lock or Wake")
		}
	case "occurrence":
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > shmlab.MaxCount || strconv.Itoa(n) != value {
			return s.wrong(begin, "a number from 1 to %d", shmlab.MaxCount)
		}
		t.Occurrence = n
	}
	return nil
}

// name reads a name, which may be in quotes.
func (s *planScanner) name() (name string, err error) {
	begin := s.at
	if quoted, e := strconv.QuotedPrefix(s.text[s.at:]); e == nil && quoted[0] == '"' {
		s.at += len(quoted)
		name, _ = strconv.Unquote(quoted)
	} else {
		name = s.run(plain)
	}
	if name == "" || len(name) > shmlab.MaxLabel || strings.ContainsRune(name, 0) {
		return "", s.wrong(begin, "a name of 1 to %d bytes, in quotes if it has blanks or any of ;:=", shmlab.MaxLabel)
	}
	return name, nil
}

// term reads an action with its probability and count.
func (s *planScanner) term() (a shmlab.Action, err error) {
	s.space()
	begin := s.at
	number := s.run(digit)
	if s.take("%") {
		a.Percent, err = strconv.ParseFloat(number, 64)
		if err != nil || !(a.Percent >= shmlab.LeastPercent && a.Percent <= 100) {
			return a, s.wrong(begin, "a probability of %v%% to 100%%", shmlab.LeastPercent)
		}
		begin = s.at
		number = s.run(digit)
	}
	if s.take("*") {
		a.Count, err = strconv.Atoi(number)
		if err != nil || a.Count < 1 || a.Count > shmlab.MaxCount {
			return a, s.wrong(begin, "a count of 1 to %d", shmlab.MaxCount)
		}
		begin = s.at
		number = ""
	}
	if number != "" {
		return a, s.wrong(begin, "%% or * after a number")
	}
	err = s.deed(&a, begin)
	return a, err
}

// deed reads what is done.
func (s *planScanner) deed(a *shmlab.Action, begin int) error {
	name := s.run(letter)
	deed, known := deeds[name]
	if !known {
		fault, err := trace.ParseFault(name)
		if err != nil || fault != trace.Kill && fault != trace.Stop && fault < trace.Hup {
			return s.wrong(begin, "off, yield, delay, sleep, stop, kill or a signal as usr1")
		}
		a.Fault, deed = fault, shmlab.Hurt
	}
	if a.Deed = deed; !a.Lasts() {
		return nil
	}
	begin = s.at
	if s.take("(") {
		inner, rest, closed := strings.Cut(s.text[s.at:], ")")
		d, err := time.ParseDuration(inner)
		if closed && err == nil && d > 0 && d <= shmlab.MaxHolding {
			a.For = d
			s.at = len(s.text) - len(rest)
			return nil
		}
	}
	return s.wrong(begin, "a time in parentheses as (50us), at most %v", shmlab.MaxHolding)
}
