package inject

import (
	"slices"
	"strconv"
	"strings"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A Plan says what happens to whom at which points of a free run. Its text is
// one line of clauses, each what must hold and, after a colon, what is done:
//
//	label=p3 actor=B occurrence=2 : kill; kind=Set word=Count : 10%delay(50us)
//
// What must hold is any of label, actor, kind, word and occurrence, or any: a
// clause then is for every point. What is done is in the manner of fail(9) of
// FreeBSD and of the crate fail of Rust: terms with -> between them, of which
// the first is done that is neither used up nor drawn against. A term is an
// optional probability, an optional count, and one of
//
//	off            nothing, and nothing further
//	yield          lets another process go first
//	delay(50us)    keeps the processor busy
//	sleep(1ms)     sleeps
//	stop(1ms)      SIGSTOP, and SIGCONT when the time is over
//	kill           SIGKILL
//	usr1, term...  that signal
//
// An occurrence counts the points at which the rest of the clause holds, of each
// actor by itself. Unlike there, so do the counts: an actor draws and counts by
// itself, so that its faults do not hang on what others did meanwhile.
type Plan []shmlab.Trap

// deeds are the names of what is done that is not a fault.
var deeds = map[string]shmlab.Deed{
	"off": shmlab.Off, "yield": shmlab.StepBack, "delay": shmlab.Delay, "sleep": shmlab.Sleep,
}

// String returns the plan's text, which [ParsePlan] reads.
func (p Plan) String() string {
	clauses := make([]string, len(p))
	for i := range p {
		clauses[i] = clauseText(&p[i])
	}
	return strings.Join(clauses, "; ")
}

func clauseText(t *shmlab.Trap) string {
	var words []string
	add := func(key, value string) { words = append(words, key+"="+value) }
	if t.Label != "" {
		add("label", nameText(t.Label))
	}
	if t.Actor != shmlab.Anybody {
		add("actor", t.Actor.String())
	}
	if t.Kind != trace.None {
		add("kind", t.Kind.String())
	}
	if t.Word != "" {
		add("word", nameText(t.Word))
	}
	if t.Occurrence > 0 {
		add("occurrence", strconv.Itoa(t.Occurrence))
	}
	if words == nil {
		words = []string{"any"}
	}
	terms := make([]string, len(t.Chain))
	for i := range t.Chain {
		terms[i] = termText(&t.Chain[i])
	}
	return strings.Join(words, " ") + " : " + strings.Join(terms, "->")
}

func termText(a *shmlab.Action) string {
	text := ""
	if a.Percent > 0 {
		text += strconv.FormatFloat(a.Percent, 'f', -1, 64) + "%"
	}
	if a.Count > 0 {
		text += strconv.Itoa(a.Count) + "*"
	}
	if a.Deed == shmlab.Hurt {
		text += a.Fault.String()
	}
	for name, deed := range deeds {
		if deed == a.Deed {
			text += name
		}
	}
	if a.For > 0 {
		text += "(" + strings.Replace(a.For.String(), "µ", "u", 1) + ")"
	}
	return text
}

// nameText quotes a name that could be taken for something else.
func nameText(name string) string {
	if name != "" && strings.IndexFunc(name, func(r rune) bool { return !plain(r) }) < 0 {
		return name
	}
	return strconv.Quote(name)
}

// plain reports whether a name needs no quotes because of r.
func plain(r rune) bool {
	return r > ' ' && r < 0x7f && !strings.ContainsRune(`;:="`, r)
}

// Compile returns the plan that does again what was done, at the same points
// and with nothing left to chance.
func (p Plan) Compile(fired []shmlab.Fired) Plan {
	done := make(Plan, 0, len(fired))
	for _, f := range fired {
		done = append(done, f.Compile(p))
	}
	return slices.Clip(done)
}
