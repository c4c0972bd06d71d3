package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"shmrace/property"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A tally is what free runs of a lab came to; its JSON is a contract.
type tally struct {
	Lab       string         `json:"lab"`
	Host      string         `json:"host"`
	Seed      uint64         `json:"seed"`
	Actors    int            `json:"actors"`
	Ops       int            `json:"ops"`
	Runs      int            `json:"runs"`
	Bad       int            `json:"bad"`
	Lost      int64          `json:"lost"`
	Outcomes  map[string]int `json:"outcomes"`
	ElapsedNS int64          `json:"elapsed_ns"`
	disturbed
	recorded

	object    string        // what its operations are of
	counts    bool          // the lab counts what is lost
	perRun    []int64       // lost in each run that came to an end
	verdict   trace.Verdict // of the first bad run
	first     error         // why it is bad
	undecided error         // why nothing is known of some run
	why       string
}

func (t *tally) add(run shmlab.FreeRun, state string) {
	t.Runs++
	t.ElapsedNS += run.Elapsed.Nanoseconds()
	if run.Verdict == trace.Stuck || run.Verdict == trace.Budget {
		state = run.Verdict.String()
	} else if run.Killed == 0 {
		t.Lost += run.Lost
		t.perRun = append(t.perRun, run.Lost)
	}
	t.Outcomes[state]++
	switch {
	case run.Verdict.Bad():
		t.Bad++
		if t.first == nil {
			t.verdict, t.first = run.Verdict, run.Reason
		}
	case run.Verdict != trace.Holds:
		t.undecided = run.Reason
	}
}

func (t *tally) status(err error) error {
	switch {
	case err != nil:
		return undecided(err)
	case t.Bad > 0:
		return &exit{status: statusViolated}
	case t.unknown() != nil:
		return undecided(t.unknown())
	}
	return nil
}

// errExtinct is why nothing is known of runs that nobody has survived: what is
// left was asked for what holds at every point, and never for what holds at the end.
var errExtinct = errors.New("everybody was killed in every run: expected somebody to survive, who may wait for the dead or find what they left")

// unknown says why nothing is known of the lab; nil if something is.
func (t *tally) unknown() error {
	if t.undecided == nil && t.Runs > 0 && t.Extinct == t.Runs {
		return errExtinct
	}
	return t.undecided
}

// tell prints the tally for a person.
func (t *tally) tell(out io.Writer) {
	fmt.Fprintln(out, property.Wrap(fmt.Sprintf("%s: %s, %s each; the hardware decides", t.Lab,
		property.Count(t.Actors, "process"), property.Count(t.Ops, "operation")), "  "))
	fmt.Fprintf(out, "  bad runs         %d/%d\n", t.Bad, t.Runs)
	if total := len(t.perRun) * t.Actors * t.Ops; t.counts && total > 0 {
		fmt.Fprintf(out, "  lost operations  %d/%d (%.2f %%)\n", t.Lost, total, 100*float64(t.Lost)/float64(total))
	}
	fmt.Fprintf(out, "  time             %v\n", time.Duration(t.ElapsedNS).Round(time.Millisecond))
	t.disturbed.tell(out)
	t.recorded.tell(out)
	if t.counts && len(t.perRun) > 1 && t.Race == "" { // for which there is room on a screen otherwise
		fmt.Fprint(out, "\nlost in a run       runs\n")
		t.histogram(out)
	}
	fmt.Fprint(out, "\n"+paint(t.conclusion()))
	t.tellAgain(out)
	if t.first != nil && t.why != "" {
		fmt.Fprintln(out, property.Wrap("Why: "+t.why, "  "))
	}
	if t.Race != "" {
		fmt.Fprint(out, "\n"+paint(t.Race))
	}
}

// conclusion says in a line or two what the runs come to.
func (t *tally) conclusion() string {
	switch {
	case t.first != nil:
		return property.Wrap(fmt.Sprintf("%s: %v", strings.ToUpper(t.verdict.String()), t.first), "  ") + "\n"
	case t.unknown() != nil:
		return property.Wrap(fmt.Sprintf("UNDECIDED: %v", t.unknown()), "  ") + "\n"
	}
	if t.Killed > 0 && (t.object == "" || t.looked) {
		return "HOLDS in every run, whoever was killed: nobody waits for the dead.\n"
	}
	if t.object != "" && !t.looked {
		return "HOLDS in every run, but nobody has looked at what operations returned: --race.\n"
	}
	return "HOLDS in every run. That is luck or law: explore tells which.\n"
}
