package property

import (
	"fmt"
	"slices"
	"strings"

	"shmrace/inject"
	"shmrace/property/waiting"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// hurried is after how many steps that one actor took alone and that changed
// nothing, before a run was cut off, it is taken to wait in a loop.
const hurried = 1000

// mostPlaces is how many lines of such a loop are told.
const mostPlaces = 3

// A busyLoop says that an actor goes round a loop that waits for others and lets
// none of them go first, so that a schedule with that loop has no end.
type busyLoop struct{ text string }

func (b *busyLoop) Error() string { return b.text }

// impolite returns why a run was cut off, if the reason is a [busyLoop], else nil.
func impolite(bench *shmlab.Bench, run shmlab.Run) (*busyLoop, error) {
	from := alone(run.Decisions)
	if run.Verdict != trace.Budget || len(run.Decisions)-from < hurried {
		return nil, nil
	}
	reason := run.Reason
	t, err := bench.Trace(inject.Begun(inject.NewReplay(slices.Clone(run.Decisions))))
	if err != nil {
		return nil, err
	}
	var places []string
	for i := range t.Events {
		e := &t.Events[i]
		if e.Step <= from || !e.Kind.Point() {
			continue
		}
		if last := e.Step > len(run.Decisions)-hurried; e.Kind == trace.Yield || last && e.Wrote != e.Read && e.Wrote != "" {
			return nil, nil
		}
		if e.At != "" && !slices.Contains(places, e.At) {
			places = append(places, e.At)
		}
	}
	if len(places) > mostPlaces {
		places = append(places[:mostPlaces], "...")
	}
	who := run.Decisions[from].Actor
	text := fmt.Sprintf("%v loops at %s without p.Yield(): %v, the last %d of them its own", who, strings.Join(places, ", "), reason, len(run.Decisions)-from)
	if spins := waiting.Spins(t, hurried); len(spins) > 0 {
		text += fmt.Sprintf("; it looked at %s %d times", spins[len(spins)-1].Word, spins[len(spins)-1].Looks)
	}
	return &busyLoop{text}, nil
}

// alone returns from where on all decisions are of the same actor, without a fault.
func alone(decisions []trace.Decision) int {
	i := len(decisions)
	for i > 0 && decisions[i-1] == decisions[len(decisions)-1] && decisions[i-1].Fault == trace.NoFault {
		i--
	}
	return i
}
