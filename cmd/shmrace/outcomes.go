package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"

	"shmrace/property"
)

// mostOutcomes is how many a screen has room for.
const mostOutcomes = 12

// tellOutcomes prints the final states, the most frequent first, and what the lab
// says is to be thought of each. Those that it expects and that did not come are
// shown too.
func tellOutcomes(out io.Writer, r *property.Report) {
	fmt.Fprintf(out, "%s%s:\n", property.Count(len(r.Outcomes), "outcome"), without(r))
	counts := maps.Clone(r.Outcomes)
	grades := map[string]string{}
	for _, o := range r.Expected {
		counts[o.State] += 0
		grades[o.State] = fmt.Sprintf("%-12v %s", o.Grade, o.Doc)
	}
	states := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(counts[b]-counts[a], cmp.Compare(a, b))
	})
	for i, state := range states {
		if i == mostOutcomes {
			fmt.Fprintf(out, "       ... and %d more\n", len(states)-i)
			break
		}
		line := fmt.Sprintf("%10d  %s", counts[state], cmp.Or(state, "(the lab names none)"))
		if grade := grades[state]; grade != "" {
			line = fmt.Sprintf("%10d  %-24s %s", counts[state], state, grade)
		}
		fmt.Fprintf(out, "%.79s\n", line)
	}
}

// without says how many schedules have no outcome.
func without(r *property.Report) string {
	if r.Blocked == 0 {
		return ""
	}
	return fmt.Sprintf(" (%s given up on the way, as equal to others)", property.Count(r.Blocked, "schedule"))
}
