package main

import (
	"fmt"
	"io"
	"strings"
)

// bins are the upper ends, in per cent of a run's operations, of the bars of a
// histogram of lost operations; the first is for none at all.
var bins = []float64{0, 0.01, 0.1, 1, 5, 10, 20, 30, 40, 50, 100}

// histogram prints a bar for each share of operations lost that occurred.
func (t *tally) histogram(out io.Writer) {
	counts := make([]int, len(bins))
	for _, lost := range t.perRun {
		share := 100 * float64(lost) / float64(int64(t.Actors)*int64(t.Ops))
		i := 0
		for share > bins[i] && i < len(bins)-1 {
			i++
		}
		counts[i]++
	}
	for i, n := range counts {
		if n == 0 {
			continue
		}
		name := "none"
		if i > 0 {
			name = fmt.Sprintf("%g - %g %%", bins[i-1], bins[i])
		}
		bar := max(1, 50*n/len(t.perRun))
		fmt.Fprintf(out, "  %-14s %7d  %s\n", name, n, strings.Repeat("#", bar))
	}
}
