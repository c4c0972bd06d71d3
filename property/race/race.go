package race

import (
	"fmt"
	"slices"
	"strings"

	"shmrace/shmlab/trace"
)

// A Race is two accesses that nothing orders. Another schedule of the same
// program may have them the other way round, or at once.
type Race struct {
	Access    Access         // the one that came second in the trace
	Previous  Access         // the one before it
	Guard     string         // the lock held at most of the other accesses to the word; "" if none is
	With      int            // how many of those hold it
	Elsewhere int            // how many other accesses there are
	Schedule  trace.Schedule // that the race was seen in
}

// An Access is one side of a race.
type Access struct {
	trace.Event
	Held []string // the locks that the actor held, in the order in which it took them
}

// Word returns the path of the variable: "Accounts[2].Balance".
func (r *Race) Word() string { return r.Access.Word }

// width is a terminal's; the last column stays free.
const width = 79

// longSchedule is the longest schedule that is told in a report.
const longSchedule = 200

// String tells the race as Go's own detector does, the later access first, and
// ends with the line that replays it. It has at most 80 columns, the last line
// excepted, and fits a screen.
func (r *Race) String() string {
	line := r.Schedule.String()
	if len(line) > longSchedule {
		return r.Text() + fmt.Sprintf("Replay: a schedule of %d steps, too long for a line.\n", len(r.Schedule.Decisions))
	}
	return r.Text() + "Replay: shmrace replay '" + line + "'\n"
}

// Text is String without the line that replays.
func (r *Race) Text() string {
	var b strings.Builder
	tell := func(format string, args ...any) { b.WriteString(clip(fmt.Sprintf(format, args...)) + "\n") }
	tell("WARNING: DATA RACE")
	r.Access.tell(tell, "")
	r.Previous.tell(tell, "Previous ")
	tell("Nothing orders the two. %s", r.Cure())
	return b.String()
}

// tell tells one side in a few lines.
func (a *Access) tell(line func(format string, args ...any), previous string) {
	verb := "Read"
	if a.Kind == trace.Set {
		verb = "Write"
	}
	if previous != "" {
		verb = strings.ToLower(verb)
	}
	step := fmt.Sprintf(" in step %d", a.Step)
	if a.Step == 0 { // of a run that nobody stepped
		step = ""
	}
	line("%s%s of %s by actor %v%s:", previous, verb, a.Event.Word, a.Actor, step)
	if a.At != "" {
		line("  %s  %s", a.At, a.Code)
	}
	line("  holding %s", locks(a.Held))
}

func (a *Access) holds(lock string) bool { return slices.Contains(a.Held, lock) }

func locks(held []string) string {
	if len(held) == 0 {
		return "no lock"
	}
	return strings.Join(held, " and ")
}

// Cure says in a sentence which lock is missing, as far as the trace knows; "" if
// it knows nothing.
func (r *Race) Cure() string {
	switch {
	case slices.ContainsFunc(r.Access.Held, r.Previous.holds):
		return "The lock that both hold lets both in."
	case r.Guard != "" && r.With == r.Elsewhere:
		return fmt.Sprintf("Elsewhere %s protects it: %s.", r.Guard, of(r.With, r.Elsewhere))
	case r.Guard != "":
		return fmt.Sprintf("%s is held at %s.", r.Guard, of(r.With, r.Elsewhere))
	case len(r.Access.Held) > 0 && len(r.Previous.Held) > 0:
		return "They hold different locks."
	case r.Elsewhere > 0:
		return "No lock protects it anywhere."
	}
	return ""
}

func of(n, all int) string {
	if all == 1 {
		return fmt.Sprintf("%d of 1 other access", n)
	}
	return fmt.Sprintf("%d of %d other accesses", n, all)
}

// clip shortens a line to the width of a screen.
func clip(line string) string {
	line = strings.TrimRight(line, " ")
	if runes := []rune(line); len(runes) > width {
		return string(runes[:width-2]) + ".."
	}
	return line
}
