package inject

import (
	"slices"

	"shmrace/shmlab/trace"
)

// When the class says that an actor waits, at his turn, for several steps that his
// own depends on, each detour ends with one of them: of those that nothing else he
// waits for comes before, the one
//
//   - that closes the guard of his step, if one does. He may never take it then, so
//     what else it would depend on must not matter;
//   - that is about whether he sleeps, and not about who else does, if his step is
//     a futex wait: it depends on the sleepers only if he sleeps;
//   - of the first actor.
//
// So there is one way to write the class down. The functions here say whether the
// detour that ends with step s, taken before e, is that way, after the detours for
// which e's actor waits already.

// inOrder reports whether s, with that footprint, comes after those detours.
func (d *DPOR) inOrder(e, s int32, foot *footprint) bool {
	actor := d.happened.steps[e].actor
	at := d.begins(e, s)
	for i := len(d.detours) - 1; i >= 0; i-- {
		t := &d.detours[i]
		if t.at >= at {
			continue
		}
		if t.end != at || t.waits != actor {
			break
		}
		if !d.follows(e, s, foot, t) || d.closes(e, s, foot, t) {
			return false
		}
		at = t.at
	}
	return true
}

// follows reports whether it is right that detour t came first.
func (d *DPOR) follows(e, s int32, foot *footprint, t *detour) bool {
	h := &d.happened
	awaited, actor := d.awaited(e, t), h.steps[t.end-1].actor
	for _, x := range d.group {
		if x > e && h.steps[x].actor < actor && h.steps[x].foot.meets(&awaited) &&
			!d.between(t.at, e, x, &awaited, func(y int32) bool { return h.precedes(y, x) }) {
			return false
		}
	}
	if !foot.meets(&awaited) || d.between(t.at, e, s, &awaited, func(y int32) bool { return d.leadsTo(y, s, foot, e) }) {
		return true
	}
	return h.steps[s].actor > actor
}

// awaited returns what e's actor looked at, at his turn, when he came to detour t.
func (d *DPOR) awaited(e int32, t *detour) footprint {
	h := &d.happened
	if h.steps[e].sleeps() {
		word, sleepers := h.sleep(e)
		if h.steps[t.end-1].foot.meets(&word) {
			return word
		}
		return sleepers
	}
	d.rehearsal.before(t.at, nil)
	return h.foreseen(e, d.rehearsal.last)
}

// between reports whether a step that meets the footprint precedes x, of those from
// at to e and of the group.
func (d *DPOR) between(at, e, x int32, foot *footprint, precedes func(y int32) bool) bool {
	h := &d.happened
	for y := at; y < e; y++ {
		if h.steps[y].foot.meets(foot) && precedes(y) {
			return true
		}
	}
	return slices.ContainsFunc(d.group, func(y int32) bool {
		return y != x && h.steps[y].foot.meets(foot) && precedes(y)
	})
}

// closes reports whether s would have closed the guard of e's step without detour t,
// which it does not come after.
func (d *DPOR) closes(e, s int32, foot *footprint, t *detour) bool {
	h, r := &d.happened, &d.rehearsal
	if !h.steps[e].point.Guarded() || d.leadsTo(t.end-1, s, foot, e) {
		return false
	}
	r.before(t.at, nil)
	for y := t.at; y < e; y++ {
		if d.leadsTo(y, s, foot, e) {
			r.take(y)
		}
	}
	for _, y := range d.group {
		r.take(y)
	}
	if d.repeats(s, foot) {
		r.take(s)
	} else if foot.writesTo(&h.steps[e].foot) {
		d.unforeseen = true // what it would write is not known
	}
	return !h.opens(e, r.last)
}

// repeats reports whether step s would write what it wrote in the run, after what the
// rehearsal has taken and with that footprint.
func (d *DPOR) repeats(s int32, foot *footprint) bool {
	h := &d.happened
	step := &h.steps[s]
	switch step.point.Kind {
	case trace.Store, trace.Swap, trace.CompareAndSwap:
		return step.foot.equals(foot)
	}
	for x := int32(0); x < min(s, d.rehearsal.run); x++ {
		if x > d.rehearsal.last[h.steps[x].actor] && h.precedes(x, s) && h.steps[x].foot.writesTo(&step.foot) {
			return false
		}
	}
	return true
}

// begins returns where the detour that ends with s begins: before e, or before the
// detours at its end that are about who else sleeps if s is about whether e's actor
// does. They are part of it then.
func (d *DPOR) begins(e, s int32) int32 {
	h := &d.happened
	if !h.steps[e].sleeps() {
		return e
	}
	word, _ := h.sleep(e)
	if !h.steps[s].foot.meets(&word) {
		return e
	}
	at := e
	for i := len(d.detours) - 1; i >= 0; i-- {
		t := &d.detours[i]
		if t.at >= e {
			continue
		}
		if t.end != at || t.waits != h.steps[e].actor || h.steps[t.end-1].foot.meets(&word) {
			break
		}
		at = t.at
	}
	return at
}
