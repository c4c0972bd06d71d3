package inject

import "slices"

// order computes the clock of step k and finds the races in which it is second.
func (h *happened) order(k int32) {
	s, row := &h.steps[k], h.clock(k)
	if s.po == none {
		for i := range row {
			row[i] = none
		}
	} else {
		copy(row, h.clock(s.po))
	}
	guarded, found := s.point.Guarded(), len(h.races)
	switch {
	case s.foot.all():
		h.orderAll(k, row)
	case s.foot.n == 1:
		h.orderWord(k, row, !guarded)
	default:
		h.orderWords(k, row, !guarded)
	}
	if h.lastAll != none {
		h.after(k, row, h.lastAll, !guarded)
	}
	if guarded && !s.foot.all() {
		h.guardRaces(k)
	}
	if s.yields() {
		h.races = append(h.races[:found], slices.DeleteFunc(h.races[found:], func(r race) bool { return !h.letsGo(k, r.first) })...)
	}
	row[s.actor] = k
}

// letsGo reports whether k, which yields, can go if e and all that comes after it
// are left out: some other step lets it, or e is of an actor who came to a Yield
// in the same step, so that nobody else could go.
func (h *happened) letsGo(k, e int32) bool {
	po := h.steps[k].po
	for x := po + 1; x < k; x++ {
		if !h.precedes(e, x) {
			return true
		}
	}
	return h.steps[e].yields() && h.steps[e].po == po
}

// after puts step k after e, if it is not yet, and reports whether it was not.
// Called with ever earlier steps, it finds those with nothing between.
func (h *happened) after(k int32, row []int32, e int32, races bool) {
	a := h.steps[e].actor
	if row[a] >= e {
		return
	}
	if races && !h.steps[e].forced() {
		h.races = append(h.races, race{e, k})
	}
	join(row, h.clock(e))
}

func join(row, other []int32) {
	for i, x := range other {
		if x > row[i] {
			row[i] = x
		}
	}
}

// previous returns the access to a word that step k must look at next: for a
// read the last write, for a write the last access.
func (h *happened) previous(k int32, slot int32, wrote bool) int32 {
	if wrote {
		return h.steps[k].hist[slot].touched
	}
	return h.steps[k].hist[slot].wrote
}

// orderWord puts step k after what touched its one word before.
func (h *happened) orderWord(k int32, row []int32, races bool) {
	foot := &h.steps[k].foot
	id := foot.words[0] >> 1
	for e := h.previous(k, 0, foot.wrote(0)); e != none; {
		h.after(k, row, e, races)
		i := h.steps[e].foot.slot(id)
		if h.steps[e].foot.wrote(i) {
			return // whatever touched the word before comes before e
		}
		e = h.previous(e, i, true)
	}
}

// orderWords is orderWord for several words: it goes back through all of them
// at once, so that later steps are seen first.
func (h *happened) orderWords(k int32, row []int32, races bool) {
	s := &h.steps[k]
	var at [maxWords]int32
	for i := range s.foot.n {
		at[i] = h.previous(k, i, s.foot.wrote(i))
	}
	for {
		e := none
		for _, x := range at[:s.foot.n] {
			e = max(e, x)
		}
		if e == none {
			return
		}
		h.after(k, row, e, races)
		for i := range s.foot.n {
			if at[i] != e {
				continue
			}
			j := h.steps[e].foot.slot(s.foot.words[i] >> 1)
			if at[i] = h.previous(e, j, true); h.steps[e].foot.wrote(j) {
				at[i] = none
			}
		}
	}
}

// orderAll puts step k, which touches everything, after all others.
func (h *happened) orderAll(k int32, row []int32) {
	forced := h.steps[k].forced()
	for e := k - 1; e >= 0 && e >= h.lastAll; e-- {
		h.after(k, row, e, !forced)
	}
}

// clockBefore makes base the clock of what s comes after whatever it touches.
func (h *happened) clockBefore(s *step) {
	for i := range h.base {
		h.base[i] = none
	}
	if s.po != none {
		copy(h.base, h.clock(s.po))
	}
}
