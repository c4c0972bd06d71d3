package trace

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// shape is what the line of a schedule looks like, for whoever wrote another.
const shape = `"` + Version + ` LAB actors=N ops=N : A B ..."`

// ParseSchedule is the inverse of [Schedule.String]. Settings may come in any
// order, each once, and all white space is alike, so that a line that was
// broken on its way is read as well. Errors are one line, and say what was
// wrong and what was expected.
func ParseSchedule(line string) (*Schedule, error) {
	p := scheduleParser{form: form{keys: []string{"actors", "ops", "start", "inside-locks"}, must: 2}}
	for word := range strings.FieldsSeq(line) {
		if err := p.word(word); err != nil {
			return nil, err
		}
	}
	switch p.part {
	case versionPart:
		return nil, fmt.Errorf("the schedule is empty: expected %s", shape)
	case labPart, settingPart:
		return nil, fmt.Errorf("the schedule ends before its \":\": expected %s", shape)
	}
	return &p.schedule, nil
}

// A part is what a scheduleParser expects next.
type part uint8

const (
	versionPart part = iota
	labPart
	settingPart
	decisionPart
)

// A scheduleParser takes one word after the other and keeps none, so that a
// line that is wrong costs nothing beyond the place where it is.
type scheduleParser struct {
	schedule Schedule
	part     part
	form     form // of the settings
}

func (p *scheduleParser) word(word string) error {
	switch p.part {
	case versionPart:
		p.part = labPart
		return checkVersion(word)
	case labPart:
		p.part = settingPart
		return p.lab(word)
	case settingPart:
		if word == ":" {
			p.part = decisionPart
			return p.form.whole()
		}
		return p.setting(word)
	}
	return p.decisions(word)
}

func checkVersion(word string) error {
	name, _, _ := strings.Cut(Version, "/")
	switch {
	case word == Version:
		return nil
	case strings.HasPrefix(word, name+"/"):
		return fmt.Errorf("the schedule is of version %s: expected %q", excerpt(word), Version)
	}
	return fmt.Errorf("not a schedule: it begins with %s, expected %q", excerpt(word), Version)
}

func (p *scheduleParser) lab(word string) error {
	lab, hash, hashed := strings.Cut(word, "#")
	if hashed && (len(hash) != 4 || strings.Trim(hash, "0123456789abcdef") != "") {
		return fmt.Errorf("%s is not the hash of a lab: expected # and four digits of 0-9a-f", excerpt("#"+hash))
	}
	p.schedule.Lab, p.schedule.Hash = lab, hash
	return CheckLab(lab)
}

func (p *scheduleParser) setting(word string) error {
	key, value, ok := strings.Cut(word, "=")
	if !ok {
		return fmt.Errorf("%s is not a setting: expected key=value, or \":\" before the decisions", excerpt(word))
	}
	err := p.form.take(key)
	if err != nil {
		return err
	}
	switch s := &p.schedule; key {
	case "actors":
		s.Actors, err = number(key, value, 1, MaxActors)
	case "ops":
		s.Ops, err = number(key, value, 1, MaxOps)
	case "start":
		s.Staggered, err = either(word, "start=staggered", "start=barrier")
	case "inside-locks":
		s.InsideLocks, err = either(word, "inside-locks=yes", "inside-locks=no")
	}
	return err
}

func either(word, yes, no string) (bool, error) {
	if word != yes && word != no {
		return false, fmt.Errorf("%s: expected %s or %s", excerpt(word), yes, no)
	}
	return word == yes, nil
}

// decisions reads one fault, or one actor and how often it steps.
func (p *scheduleParser) decisions(word string) error {
	s := &p.schedule
	name := strings.TrimRight(word, "0123456789")
	d, err := ParseDecision(name)
	if err != nil || d.Fault != NoFault && name != word {
		_, err = ParseDecision(word)
		return err
	}
	if err := s.checkActor(d.Actor); err != nil {
		return err
	}
	run, most := 1, MaxDecisions-len(s.Decisions)
	if name != word {
		if run, err = strconv.Atoi(word[len(name):]); err != nil || run < 1 {
			return fmt.Errorf("%s is not a run of steps: expected a number from 1 to %d", excerpt(word), MaxDecisions)
		}
	}
	if run > most {
		return fmt.Errorf("the schedule is too long: expected at most %d decisions", MaxDecisions)
	}
	s.Decisions = slices.Grow(s.Decisions, run)
	for range run {
		s.Decisions = append(s.Decisions, d)
	}
	return nil
}
