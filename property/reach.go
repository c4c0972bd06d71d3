package property

import (
	"fmt"
	"strings"
)

// unreached says which states that a lab declares no schedule has come to. Actors
// that are kept apart though nothing asks for it are wrong without a schedule
// that fails: that takes all schedules, or nothing can be said.
func (s *search) unreached() {
	r := s.report
	names := s.bench.Unreached()
	switch {
	case len(names) == 0 || r.Undecided != nil && r.Undecided != errEmpty:
	case s.options.Inject.Shard.Of > 1:
		r.Unreached = names // what another shard comes to is reached
	case r.Exhaustive && r.Bound < 0:
		r.Unreached = names
	default:
		r.Undecided = fmt.Errorf("in %s none came to: %s", Count(r.Schedules, "schedule"), strings.Join(names, "; "))
	}
}
