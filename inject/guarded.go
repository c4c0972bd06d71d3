package inject

// guardRaces finds the races in which the guarded step k is second. What last
// touched a word of its guard may be what let it go, as the unlock before a
// lock: then k could not have come before that, but perhaps before something
// earlier, as the lock before the unlock.
func (h *happened) guardRaces(k int32) {
	s := &h.steps[k]
	h.clockBefore(s)
	fault := h.lastFault(k)
	if fault != none && (h.base[h.steps[fault].actor] >= fault || !h.couldPrecede(k, fault)) {
		fault = none
	} else if fault != none {
		h.races = append(h.races, race{fault, k})
	}
	several := s.point.Several()
	for i := range s.foot.n {
		h.clockBefore(s)
		if fault != none {
			join(h.base, h.clock(fault))
		}
		id, wrote := s.foot.words[i]>>1, s.foot.wrote(i)
		for e := h.previous(k, i, wrote); e != none; {
			j := h.steps[e].foot.slot(id)
			known := h.base[h.steps[e].actor] >= e
			if !known && h.couldPrecede(k, e) {
				h.races = append(h.races, race{e, k})
				if !several {
					join(h.base, h.clock(e))
					known = true
				}
			}
			if known && h.steps[e].foot.wrote(j) {
				break // what touched the word before that comes before e
			}
			e = h.previous(e, j, wrote)
		}
	}
}

// couldPrecede reports whether k can be taken if step e and all that comes after
// it are left out.
func (h *happened) couldPrecede(k, e int32) bool {
	h.event, h.without = k, e
	s := &h.steps[k]
	if h.choice.Holds(&s.point, h.load) {
		return true
	}
	fault := h.lastFault(k)
	return fault != none && !h.left(fault) && h.steps[fault].killed() && s.point.OpenedBy(fault > s.po)
}

// open reports whether the guard of step k would let it go after those of c.
func (h *happened) open(k int32, c config) bool {
	h.config = c
	defer func() { h.config = nil }()
	return h.couldPrecede(k, none)
}

// opens reports whether the guard of step k holds after the steps of c, be they
// after k in the run: what the words hold then is known from what comes later.
func (h *happened) opens(k int32, c config) bool {
	h.event, h.config = none, c
	defer func() { h.config = nil }()
	return h.choice.Holds(&h.steps[k].point, h.load)
}

// lastFault returns the last fault before step k, or none.
func (h *happened) lastFault(k int32) int32 { return h.lastFaultOf(h.steps[k].allPrev) }

// lastFaultOf returns the last fault of step x and those before that touched
// everything, or none.
func (h *happened) lastFaultOf(x int32) int32 {
	for x != none && !h.steps[x].fault() {
		x = h.steps[x].allPrev
	}
	return x
}

// load returns what a word of the event's guard would hold without the steps that
// are left out; with no event, what it would hold when the run is over.
func (h *happened) load(off uint32, size uint8) (value uint64) {
	id, x, fault := h.words.id(off, size), none, none
	if h.event == none {
		value, fault = h.choice.Load(off, size), h.lastFaultOf(h.lastAll)
		if int(id) < len(h.last) {
			x = h.last[id].touched
		}
	} else {
		i := h.steps[h.event].foot.slot(id)
		if i < 0 {
			return 0
		}
		value, x, fault = h.steps[h.event].before[i], h.steps[h.event].hist[i].touched, h.lastFault(h.event)
	}
	if fault != none && !h.left(fault) {
		fault = none
	}
	for x != none {
		j := h.steps[x].foot.slot(id)
		if h.left(x) {
			known := low(h.steps[x].size[j])
			if value = value&^known | h.steps[x].before[j]&known; x < fault {
				fault = none // it was marked later
			}
		} else if h.steps[x].foot.wrote(j) {
			break
		}
		x = h.steps[x].hist[j].touched
	}
	if fault != none {
		value = h.steps[fault].unmark(value, off)
	}
	return value & low(size)
}

// low returns the mask of a word's first bytes: the kernel looks at half of a lock
// of eight.
func low(size uint8) uint64 { return 1<<(8*size) - 1 }

// unmark returns what the word at off held before the fault, if it holds value after it.
func (s *step) unmark(value uint64, off uint32) uint64 {
	for _, m := range s.marked {
		if m.Off >= off && m.Off < off+8 {
			shift := 8 * (m.Off - off)
			value = value&^(0xffffffff<<shift) | m.Before<<shift
		}
	}
	return value
}
