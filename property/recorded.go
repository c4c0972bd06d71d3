package property

import (
	"shmrace/property/race"
	"shmrace/shmlab"
)

// RaceIn returns the first data race in the recording of a free run, or nil if
// there is none in what was kept.
func RaceIn(r *shmlab.Recording, actors int) *race.Race {
	var d race.Detector
	d.Begin(actors, false)
	for i := range r.Accesses {
		d.Take(&r.Accesses[i])
	}
	if len(d.End()) == 0 {
		return nil
	}
	return raceOf(r.Trace(), nil) // as text, which takes longer
}
