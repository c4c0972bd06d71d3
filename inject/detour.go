package inject

// overtake adds the children in which step s comes before step e, with which it
// races: those that the run is the parent of.
//
// The detour that e's actor waits for is s, with all that s comes after and e does
// not come before. What s comes after can depend on when it is taken, as that of a
// futex wait on whether it sleeps, and then there are several.
func (d *DPOR) overtake(e, s int32) {
	h := &d.happened
	second := &h.steps[s]
	wide := h.possible(s)
	d.basis, d.free = d.basis[:0], d.free[:0]
	for x := e + 1; x < d.rehearsal.run; x++ {
		if x == s || h.precedes(e, x) || x > s && h.precedes(s, x) {
			continue
		}
		switch {
		case second.po != none && h.precedes(x, second.po):
			d.basis = append(d.basis, x)
		case !h.steps[x].foot.meets(&wide):
		case !second.point.Guarded() && x < s && h.precedes(x, s):
			d.basis = append(d.basis, x)
		default:
			d.free = append(d.free, x)
		}
	}
	if len(d.free) > mostFree {
		d.unforeseen = true
		return
	}
	at := d.begins(e, s)
	for chosen := range uint32(1) << len(d.free) {
		if d.gather(at, e, chosen) && d.bears(at, e, s) {
			d.bear(at, e, s)
		}
	}
}

// mostFree is with how many steps of which it is open whether a detour has them
// all ways are tried.
const mostFree = 8

// gather makes a group of the basis and of those that are chosen of the free, with
// all that they come after; false: that would be others of the free as well.
func (d *DPOR) gather(at, e int32, chosen uint32) bool {
	d.group = d.group[:0]
	for x := at; x < e; x++ {
		d.group = append(d.group, x)
	}
	for x := e + 1; x < d.rehearsal.run && len(d.basis)+len(d.free) > 0; x++ {
		if d.happened.precedes(e, x) || !d.gathered(x, chosen) {
			continue
		}
		for i, y := range d.free {
			if y == x && chosen>>i&1 == 0 {
				return false
			}
		}
		d.group = append(d.group, x)
	}
	return true
}

// gathered reports whether step x is one of the group or comes before one.
func (d *DPOR) gathered(x int32, chosen uint32) bool {
	for _, y := range d.basis {
		if d.happened.precedes(x, y) {
			return true
		}
	}
	for i, y := range d.free {
		if chosen>>i&1 != 0 && d.happened.precedes(x, y) {
			return true
		}
	}
	return false
}

// bears reports whether the run is the parent of the class in which the group and
// step s are a detour for which e waits, and the last.
func (d *DPOR) bears(at, e, s int32) bool {
	h, r := &d.happened, &d.rehearsal
	r.before(at, d.group)
	if r.next[h.steps[s].actor] != s || h.steps[s].point.Guarded() && !h.open(s, r.last) {
		return false
	}
	foot := h.foreseen(s, r.last)
	if !d.needed(s, &foot) || !d.inOrder(e, s, &foot) {
		return false
	}
	r.before(at, d.group)
	r.take(e)
	return r.leads(s, int(h.steps[e].actor))
}

// needed reports whether all of the group has to come before s, with that footprint.
func (d *DPOR) needed(s int32, foot *footprint) bool {
	for _, x := range d.group {
		if !d.leadsTo(x, s, foot, none) {
			return false
		}
	}
	return true
}

// leadsTo reports whether step x has to come before s, with that footprint, if s
// comes after the group and after the steps before step e.
func (d *DPOR) leadsTo(x, s int32, foot *footprint, e int32) bool {
	h := &d.happened
	if po := h.steps[s].po; po != none && h.precedes(x, po) {
		return true
	}
	for y := x; y < e; y++ {
		if h.precedes(x, y) && h.steps[y].foot.meets(foot) {
			return true
		}
	}
	for _, y := range d.group {
		if h.precedes(x, y) && h.steps[y].foot.meets(foot) {
			return true
		}
	}
	return false
}

// bear adds the child.
func (d *DPOR) bear(at, e, s int32) {
	h := &d.happened
	d.tree.add(at, h.steps[e].actor)
	for _, x := range d.group {
		d.tree.extend(h.steps[x].actor)
	}
	d.tree.extend(h.steps[s].actor)
	c := &d.tree.list[len(d.tree.list)-1]
	c.tells, c.told = h.tells(s), h.tells(e)
}
