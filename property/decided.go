package property

import (
	"fmt"
	"slices"
	"strings"

	"shmrace/property/waiting"
	"shmrace/shmlab/trace"
)

// decided says what decides, and what was tried to find that out.
func (f *Failure) decided() string {
	switch {
	case f.Blow > 0:
		return blow(f.Trace, f.Blow)
	case f.Pair != nil:
		return f.Pair.String()
	case !f.Tried.Looked:
		return ""
	}
	return Wrap("What decides: "+f.Tried.String(f.Trace.Schedule.Actors), "  ") + "\n"
}

// String tells what decides, in three lines if names are not too long.
func (p *Pair) String() string {
	when, then := fmt.Sprintf(" in step %d", p.Second.Step), fmt.Sprintf("step %d", p.Second.Step)
	if p.Late {
		when, then = ", which never comes", "that"
	}
	text := Wrap(fmt.Sprintf("What decides: %s in step %d, before", deed(&p.First), p.First.Step), under) + "\n" +
		Wrap(under+deed(&p.Second)+when+".", under) + "\n"
	grips := grip(p.First.Actor, p.Held[0]) + ", " + grip(p.Second.Actor, p.Held[1])
	return text + Wrap(fmt.Sprintf("  %s. With %s before step %d it holds.", grips, then, p.First.Step), "  ") + "\n"
}

// under is where the second line of what decides begins.
const under = "              "

// String says that no pair decides, of a run of so many actors.
func (t Tried) String(actors int) string {
	switch {
	case actors == 1:
		return "nothing. One actor has one order of steps, and fails in it."
	case t.Pairs == 0:
		return "no order. No two actors touch the same word, one of them to change it."
	case t.Cut:
		return fmt.Sprintf("not known. %s swapped, none is it, and there was no time for more.", were(t.Pairs))
	}
	return fmt.Sprintf("no two accesses. %s swapped, and it fails as well.", were(t.Pairs))
}

func were(pairs int) string {
	if pairs == 1 {
		return "One pair was"
	}
	return fmt.Sprintf("%d pairs were", pairs)
}

// blow says what came in a step that decides, and after which line.
func blow(t *trace.Trace, step int) string {
	i := slices.IndexFunc(t.Events, func(e trace.Event) bool { return e.Kind == trace.Injected && e.Step == step })
	if i < 0 {
		return ""
	}
	fault, last := &t.Events[i], (*trace.Event)(nil)
	what := fmt.Sprintf("%v %s", fault.Actor, befalls(fault.Note))
	if end := waiting.Fatal(t, i); end != "" && fault.Note != trace.Kill.String() {
		what = fmt.Sprintf("%v %s", fault.Actor, end)
	} else if fault.Note == trace.Timeout.String() {
		what = fmt.Sprintf("the time of %v is UP", fault.Actor)
	}
	for i := range t.Events {
		if e := &t.Events[i]; e.Kind.Point() && e.Actor == fault.Actor && e.Step < step && e.At != "" {
			last = e
		}
	}
	after := ""
	if last != nil {
		after = fmt.Sprintf(", after its step %d (%s)", last.Step, last.At)
	}
	return Wrap(fmt.Sprintf("What decides: %s in step %d%s. Without that it holds.", what, step, after), "  ") + "\n"
}

// deed says who did what to which word, and where.
func deed(e *trace.Event) string {
	verb := "reads"
	switch {
	case e.Kind == trace.Wait:
		verb = "waits at"
	case e.Kind == trace.Wake:
		verb = "wakes"
	case e.Wrote != "" && e.Read != "":
		verb = "changes"
	case e.Wrote != "":
		verb = "writes"
	case e.Kind == trace.Lock:
		verb = "locks"
	case e.Kind == trace.RLock:
		verb = "locks, to read,"
	case e.Kind == trace.Acquire:
		verb = "passes"
	case e.Kind == trace.Release:
		verb = "changes"
	}
	at := ""
	if e.At != "" {
		at = " (" + e.At + ")"
	}
	return fmt.Sprintf("%v %s %s%s", e.Actor, verb, e.Word, at)
}

func grip(a trace.Actor, locks []string) string {
	if len(locks) == 0 {
		return fmt.Sprintf("%v held no lock", a)
	}
	return fmt.Sprintf("%v held %s", a, strings.Join(locks, " and "))
}
