package property

import (
	"strings"

	"shmrace/property/waiting"
	"shmrace/shmlab/trace"
)

// mostOverslept is how many lost wake-ups a screen has room for.
const mostOverslept = 2

// overslept tells which of those who sleep at the end of t missed their wake-up.
func overslept(t *trace.Trace) string {
	var b strings.Builder
	for i, l := range waiting.LostWakeups(t) {
		if i == mostOverslept {
			break
		}
		b.WriteString(Wrap("Lost wake-up: "+l.String(), "  ") + "\n")
	}
	return b.String()
}
