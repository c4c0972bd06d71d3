package inject

// A rehearsal goes through other schedules in mind, that consist of the steps of
// the run: of equivalent ones, up to where they are not. It knows what was taken,
// and of each step what it has to come after.
type rehearsal struct {
	h       *happened
	detours []detour
	run     int32   // steps of the run; beyond are those at which actors stand when it is over
	after   []int32 // of each step the next of its actor
	first   []int32 // of each actor
	next    []int32 // of each actor, of those that were not taken
	last    config  // what was taken
}

// A config is a set of steps that a schedule can begin with: of each actor up to
// its last; none: it has taken none.
type config []int32

// of begins with a run of so many steps.
func (r *rehearsal) of(h *happened, run int32, detours []detour) {
	r.h, r.run, r.detours = h, run, detours
	if len(r.first) < h.actors {
		r.first, r.next, r.last = make([]int32, h.actors), make([]int32, h.actors), make(config, h.actors)
	}
	for i := range r.first {
		r.first[i] = none
	}
	for len(r.after) < len(h.steps) {
		r.after = append(r.after, none)
	}
	for k := len(h.steps) - 1; k >= 0; k-- {
		a := h.steps[k].actor
		r.after[k], r.first[a] = r.first[a], int32(k)
	}
}

// before takes the run's steps before step e, and then the group's.
func (r *rehearsal) before(e int32, group []int32) {
	for a, k := range r.first {
		r.last[a] = none
		for ; k != none && k < e; k = r.after[k] {
			r.last[a] = k
		}
		r.next[a] = k
	}
	for _, k := range group {
		r.take(k)
	}
}

func (r *rehearsal) take(k int32) {
	a := r.h.steps[k].actor
	r.last[a], r.next[a] = k, r.after[k]
}

// ready reports whether step k, the next of its actor, would be what it was: all
// that it comes after was taken.
func (r *rehearsal) ready(k int32) bool {
	own := r.h.steps[k].actor
	for a, e := range r.h.clock(k) {
		if e > r.last[a] && a != int(own) {
			return false
		}
	}
	return true
}

// can reports whether an actor could take a step, of whatever outcome.
func (r *rehearsal) can(actor int) bool {
	k := r.next[actor]
	if k == none {
		return false
	}
	s := &r.h.steps[k]
	if s.forced() || s.fault() {
		return false // they come when nobody can
	}
	if s.po != none && s.po > r.last[r.h.steps[s.po].actor] {
		return false // it sleeps
	}
	return !s.point.Guarded() || r.h.open(k, r.last)
}

// leads reports whether the run is what comes of the steps taken: when step k is
// taken as soon as it can be, and whoever's turn it is goes straight on.
func (r *rehearsal) leads(k int32, turn int) bool {
	waits, oldest := true, int32(0)
	for {
		if waits && (r.h.steps[k].fault() || r.can(int(r.h.steps[k].actor))) {
			if k >= r.run || !r.ready(k) {
				return false
			}
			r.take(k)
			waits = false
			continue
		}
		if turn = r.goesOn(turn); turn == r.h.actors {
			for oldest < r.run && oldest <= r.last[r.h.steps[oldest].actor] {
				oldest++
			}
			if oldest == r.run {
				return true
			}
			if !r.comes(oldest) {
				return false
			}
			turn = int(r.h.steps[oldest].actor)
		}
		next := r.next[turn]
		if next >= r.run || !r.ready(next) {
			return false
		}
		r.take(next)
	}
}

// goesOn returns whose turn it is when it goes straight on: who had it, as long as
// he can, then the first who can; as many as there are actors: nobody can.
func (r *rehearsal) goesOn(turn int) int {
	if r.can(turn) {
		return turn
	}
	for turn = 0; turn < r.h.actors && !r.can(turn); turn++ {
	}
	return turn
}

// comes reports whether step k is what comes when nobody can step: somebody's
// sleep ends, or the fault comes, and the run did not choose whose.
func (r *rehearsal) comes(k int32) bool {
	s := &r.h.steps[k]
	if !s.forced() && !s.fault() || r.next[s.actor] != k {
		return false
	}
	for i := range r.detours {
		if d := &r.detours[i]; k >= d.at && k < d.end {
			return false
		}
	}
	return true
}
