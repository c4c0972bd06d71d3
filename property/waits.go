package property

import (
	"shmrace/property/waiting"
	"shmrace/shmlab/trace"
)

// busyLooks is how often an actor looks before it is said to wait busily. Who
// yields is parked long before.
const busyLooks = 20

// busy tells the longest busy waiting of t in a line; "" if there is none to tell.
func busy(t *trace.Trace) string {
	var longest *waiting.Spin
	spins := waiting.Spins(t, busyLooks)
	for i := range spins {
		if longest == nil || spins[i].Looks > longest.Looks {
			longest = &spins[i]
		}
	}
	if longest == nil {
		return ""
	}
	return Wrap("Busy waiting: "+longest.String()+".", "  ") + "\n"
}

// passed tells who was passed most at a lock, if that is more than by each of the
// others once; "" if nobody was. It is of this schedule, and no claim about others.
func passed(t *trace.Trace) string {
	var most *waiting.Bypass
	all := waiting.Bypasses(t)
	for i := range all {
		if b := &all[i]; b.Times >= t.Schedule.Actors && (most == nil || b.Times > most.Times) {
			most = b
		}
	}
	if most == nil {
		return ""
	}
	return Wrap("Starvation: "+most.String()+" in this schedule.", "  ") + "\n"
}
