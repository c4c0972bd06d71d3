package property

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"shmrace/shmlab/trace"
)

// The screen that everything must fit: a projector's, a terminal's.
const (
	screenWidth  = 80
	screenHeight = 24
	mostRows     = 12 // of columns, if nothing else is to be on the screen
	fewestRows   = 5  // of columns: two marked ones, and gaps around them
)

// Columns shows what happened in a trace, a column for each actor, a row for
// each step: the actor's line and what it did to which word. Rows whose step is
// in marked begin with ">". Of a long trace rows in the middle are left out.
func Columns(t *trace.Trace, marked ...int) string { return columns(t, mostRows, marked, nil) }

// columns is Columns with as many rows as there is room for: if not all fit, of
// the events that matter, as far as that is known.
func columns(t *trace.Trace, room int, marked []int, matters []bool) string {
	lines := Heading(t)
	rows := rowsOf(t)
	for i := range rows {
		rows[i].idle = matters != nil && !matters[rows[i].event]
	}
	shown := keep(rows, room, marked)
	n, width := grid(t)
	for i := 0; i < len(rows); i++ {
		if shown[i] {
			lines += rows[i].line(n, width, slices.Contains(marked, rows[i].step) && !rows[i].follows)
			continue
		}
		from := i
		for i+1 < len(rows) && !shown[i+1] {
			i++
		}
		lines += gap(rows[from : i+1])
	}
	return lines
}

// gap is the line that stands for rows that are left out.
func gap(rows []row) string {
	steps := rows[len(rows)-1].step - rows[0].step + 1
	for _, r := range rows {
		if !r.idle {
			return fmt.Sprintf("      ... %s\n", Count(steps, "step"))
		}
	}
	verb := map[bool]string{false: "do", true: "does"}[steps == 1]
	return fmt.Sprintf("      ... %s that %s not matter\n", Count(steps, "step"), verb)
}

// Rows returns the rows of one step.
func Rows(t *trace.Trace, step int) string {
	var b strings.Builder
	n, width := grid(t)
	for _, r := range rowsOf(t) {
		if r.step == step {
			b.WriteString(r.line(n, width, false))
		}
	}
	return b.String()
}

// Heading returns the line above the columns.
func Heading(t *trace.Trace) string {
	n, width := grid(t)
	line := fmt.Sprintf(" %*s ", digits(t), "step")
	if n == 1 && t.Schedule.Actors > 1 {
		return line + "who\n"
	}
	for a := range trace.Actor(n) {
		line += fmt.Sprintf("%-*v", width, a)
	}
	return strings.TrimRight(line, " ") + "\n"
}

// grid returns the number of columns and the width of each. With more than
// three actors there is one, with the actor's name in each row.
func grid(t *trace.Trace) (n, width int) {
	n = t.Schedule.Actors
	if n > 3 {
		n = 1
	}
	return n, (screenWidth - 2 - digits(t)) / n
}

// digits is how wide the number of a step is.
func digits(t *trace.Trace) int {
	return max(4, len(strconv.Itoa(len(t.Schedule.Decisions))))
}

// lineWidth is that of a line of code and what it did, if one column has more room.
const lineWidth = 52

// A row is one step of one actor.
type row struct {
	step    int
	digits  int // of the widest step
	actor   trace.Actor
	alone   bool // there is no other actor
	code    string
	effect  string
	event   int    // its number in the trace
	idle    bool   // it does not matter
	weighs  bool   // see weighs
	fault   bool   // it is one that was injected
	follows bool   // it is of the same step as the one before
	short   string // effect without the first name of the word's path
}

func (r row) line(n, width int, marked bool) string {
	mark := " "
	if marked {
		mark = ">"
	}
	column, who := int(r.actor), ""
	if n == 1 && !r.alone {
		column, who = 0, fmt.Sprintf("%-3v ", r.actor)
	}
	effect := r.effect
	if len(who)+len(r.code)+1+len(effect)+2 > width {
		effect = r.short
	}
	space := width - len(who) - len(effect) - 2
	code := clip(r.code, space)
	if n == 1 { // else what it did would stand far from its line
		space -= width - min(width, lineWidth)
	}
	code = fmt.Sprintf("%-*s", max(space, 0), code)
	line := fmt.Sprintf("%s%*d %s%s%s %s", mark, r.digits, r.step, strings.Repeat(" ", column*width), who, code, effect)
	return strings.TrimRight(line, " ") + "\n"
}

func clip(s string, width int) string {
	if len(s) > max(width, 0) {
		return s[:max(width-2, 0)] + ".."
	}
	return s
}

// rowsOf makes a row of each event that shows: accesses, primitives' steps,
// faults, failures, and who waits at the end.
func rowsOf(t *trace.Trace) []row {
	var rows []row
	for i := range t.Events {
		e := &t.Events[i]
		effect := effectOf(e)
		if effect == "" {
			continue
		}
		code := e.Code
		if code == "" && e.Kind != trace.Start {
			code = e.Kind.String()
		}
		rest := *e
		if i := strings.IndexAny(e.Word, "[."); i > 0 {
			rest.Word = strings.TrimPrefix(e.Word[i:], ".")
		}
		n := len(rows) - 1
		follows := n >= 0 && rows[n].step == e.Step
		rows = append(rows, row{follows: follows, weighs: weighs(e), step: e.Step, digits: digits(t), actor: e.Actor, alone: t.Schedule.Actors == 1, code: code, effect: effect, event: i, fault: e.Kind == trace.Injected, short: effectOf(&rest)})
	}
	return rows
}

// weighs reports whether a row is to be kept before others: its actor changes what
// others see, or goes no further.
func weighs(e *trace.Event) bool {
	switch e.Kind {
	case trace.Blocked, trace.Failed, trace.Panic, trace.Died, trace.Wait:
		return true
	}
	return e.Wrote != ""
}

// effectOf says in a few words what e did.
func effectOf(e *trace.Event) string {
	switch e.Kind {
	case trace.Start:
		return "starts"
	case trace.Get, trace.Load:
		return fmt.Sprintf("%s is %s", e.Word, e.Read)
	case trace.Set, trace.Store:
		return fmt.Sprintf("%s := %s", e.Word, e.Wrote)
	case trace.Add, trace.Swap:
		return fmt.Sprintf("%s %s -> %s", e.Word, e.Read, e.Wrote)
	case trace.CompareAndSwap:
		if e.Wrote == "" {
			return fmt.Sprintf("%s is %s, fails", e.Word, e.Read)
		}
		return fmt.Sprintf("%s %s -> %s", e.Word, e.Read, e.Wrote)
	case trace.TryLock:
		if e.Note == "failed" {
			return e.Word + " is held"
		}
		return "holds " + e.Word
	case trace.Lock:
		if e.Note == "failed" {
			return "does not get " + e.Word
		}
		return "holds " + e.Word
	case trace.Unlock, trace.RUnlock:
		return "lets go of " + e.Word
	case trace.RLock:
		if e.Note == "failed" {
			return "does not get " + e.Word
		}
		return "reads under " + e.Word
	case trace.Acquire:
		if e.Note == "failed" {
			return "does not pass " + e.Word
		}
		return "passes " + e.Word
	case trace.Release:
		return "changes " + e.Word
	case trace.ReadBegin:
		return "begins to read " + e.Word
	case trace.ReadCheck:
		if e.Note == "failed" {
			return e.Word + " has changed"
		}
		return e.Word + " is unchanged"
	case trace.List:
		return "changes its lock list"
	case trace.Yield:
		return "lets others go first"
	case trace.Wait:
		return fmt.Sprintf("%s: %s", e.Word, e.Note)
	case trace.Wake:
		return fmt.Sprintf("%s: %s", e.Word, e.Note)
	case trace.Blocked:
		if e.Note == trace.Spins {
			return fmt.Sprintf("READS %s = %s again", e.Word, e.Read)
		}
		return "WAITS for " + e.Word
	case trace.Injected:
		return befalls(e.Note)
	case trace.Handled:
		return strings.ToUpper(e.Note) + " is handled"
	case trace.Failed, trace.Panic, trace.Died:
		return strings.ToUpper(e.Kind.String())
	}
	return ""
}

// keep chooses the rows to show: all if they fit, else the marked ones, the faults,
// the neighbours of both, of those that matter the ones that weigh and then the rest,
// each from the beginning and the end, as many as there is room for with a line for each
// gap.
func keep(rows []row, room int, marked []int) []bool {
	all := make([]bool, len(rows))
	for i := range all {
		all[i] = true
	}
	if len(rows) <= room {
		return all
	}
	for most := room; ; most-- {
		if shown := choose(rows, most, marked); most == 0 || height(shown) <= room {
			return closed(shown)
		}
	}
}

// closed shows a row that is the only one of its gap: it takes no more room.
func closed(shown []bool) []bool {
	for i := range shown {
		if (i == 0 || shown[i-1]) && (i == len(shown)-1 || shown[i+1]) {
			shown[i] = true
		}
	}
	return shown
}

// height counts the lines that the rows shown take, gaps included.
func height(shown []bool) (lines int) {
	for i := range shown {
		if shown[i] || i == 0 || shown[i-1] {
			lines++
		}
	}
	return lines
}

// choose is keep for exactly so many rows, or as many as matter.
func choose(rows []row, most int, marked []int) []bool {
	shown := make([]bool, len(rows))
	show := func(i int) {
		if i >= 0 && i < len(rows) && !shown[i] && most > 0 {
			shown[i] = true
			most--
		}
	}
	for i, r := range rows {
		if slices.Contains(marked, r.step) {
			show(i)
		}
	}
	for _, around := range []int{0, -1, 1} {
		for i, r := range rows {
			if (r.fault || slices.Contains(marked, r.step)) && (around == 0 || i+around >= 0 && i+around < len(rows) && !rows[i+around].idle) {
				show(i + around)
			}
		}
	}
	for _, weighs := range []bool{true, false} {
		var matter []int
		for i := range rows {
			if !rows[i].idle && rows[i].weighs == weighs {
				matter = append(matter, i)
			}
		}
		for k := range matter {
			show(matter[len(matter)-1-k])
			show(matter[k])
		}
	}
	return shown
}
