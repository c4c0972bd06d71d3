package ipc

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Demonstration shows one thing about one mechanism, every time.
type Demonstration struct {
	Number   int
	Name     string   // what it is called on the command line
	Title    string   // one line
	Claim    string   // what it shows
	Question string   // asked before it is run
	Choices  []string // the answers to choose from
	Why      string   // why it came out so
	Trap     string   // what people get wrong
	Further  []string // manual pages: "pipe(7)"

	answer func(Facts) int // which choice came true, from 0
	script func(*Stage)
	expect []string            // facts that must have been observed: "n=0"
	check  func(f Facts) error // further conditions; may be nil
	code   []string            // the functions whose source is shown
}

// A Fact is something observed in a run: a name and what it was.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Facts are what was observed in a run, in order.
type Facts []Fact

// Get returns the value of the named fact, or "" if it was not observed.
func (f Facts) Get(name string) string {
	i := slices.IndexFunc(f, func(f Fact) bool { return f.Name == name })
	if i < 0 {
		return ""
	}
	return f[i].Value
}

// All returns the demonstrations in the order of the lecture.
func All() []Demonstration { return demonstrations }

// Find returns the demonstration with this name or number.
func Find(name string) (Demonstration, error) {
	var names []string
	for _, d := range demonstrations {
		if d.Name == name || fmt.Sprint(d.Number) == name {
			return d, nil
		}
		names = append(names, d.Name)
	}
	return Demonstration{}, fmt.Errorf("no demonstration is called %.40q: expected a number from 0 to %d or one of %s",
		name, len(demonstrations)-1, strings.Join(names, ", "))
}

// Check says whether a run came out as the demonstration claims. Parts that
// this system lacks are left out; the rest must hold.
func (d Demonstration) Check(r *Report) error {
	if r.Err != nil {
		return r.Err
	}
	for _, want := range d.expect {
		name, value, _ := strings.Cut(want, "=")
		part, _, _ := strings.Cut(name, ".")
		if slices.ContainsFunc(r.Lacking, func(l Lack) bool { return l.Part == part || l.Part == "" }) {
			continue
		}
		if got := r.Facts.Get(name); got != value {
			return fmt.Errorf("%s is %q, expected %q", name, got, value)
		}
	}
	if d.check == nil || len(r.Lacking) > 0 {
		return nil
	}
	return d.check(r.Facts)
}

// Answer returns which of the choices the run made true, from 0, or -1 if it
// did not come to that.
func (d Demonstration) Answer(r *Report) int {
	if r.Err != nil || len(r.Lacking) > 0 && len(r.Facts) == 0 {
		return -1
	}
	return d.answer(r.Facts)
}

// picks returns an answer function: choice i if the fact has the i-th value.
func picks(name string, values ...string) func(Facts) int {
	return func(f Facts) int { return slices.Index(values, f.Get(name)) }
}

// A Lack is something that this system does not have.
type Lack struct {
	Part string `json:"part"` // the part of the demonstration left out; "" is all of it
	Why  string `json:"why"`
}

// A Report is what came of a run.
type Report struct {
	Steps   []Step
	Facts   Facts
	Lacking []Lack
	Err     error // the run could not be finished
}

// ErrLate ends a run in which something did not come for long: it never does, or
// the machine is too busy.
var ErrLate = errors.New("what must come does not")

// ErrInterrupted ends a run that was told to stop.
var ErrInterrupted = errors.New("interrupted")
