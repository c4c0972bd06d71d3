package property

import (
	"strings"

	"shmrace/property/waiting"
	"shmrace/shmlab/trace"
)

// mostOverslept is how many lost wake-ups a screen has room for.
const mostOverslept = 2

// overslept tells which of those who sleep at the end of t missed their wake-up.
// Where the accesses of p stand was said before.
func overslept(t *trace.Trace, p *Pair) string {
	said := strings.NewReplacer()
	if p != nil {
		said = strings.NewReplacer(" ("+p.First.At+")", "", " ("+p.Second.At+")", "")
	}
	var b strings.Builder
	for i, l := range waiting.LostWakeups(t) {
		if i == mostOverslept {
			break
		}
		b.WriteString(Wrap("Lost wake-up: "+said.Replace(l.String()), "  ") + "\n")
	}
	return b.String()
}
