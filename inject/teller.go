package inject

import (
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// tells reports whether an operation begins or ends after step k, as far as it has
// turned out: in another schedule of which it is part, that can hang on what it saw.
func (h *happened) tells(k int32) bool { return h.steps[k].foot.slot(h.history) >= 0 }

// tell sees to it that the footprint says so.
func (h *happened) tell(foot *footprint, tells bool) {
	if tells && !foot.all() && foot.slot(h.history) < 0 {
		foot.add(h.history, true)
	}
}

// A teller is a kind of step after which an operation was seen to begin or to end.
type teller struct {
	actor int8
	kind  trace.Kind
	off   uint32
}

// tellsAlways sees to it that a step like one after which an operation began or
// ended counts as if it did so always: with Source-DPOR that has to be known of a
// step before it is taken elsewhere, and it can hang on what the step sees there.
func (h *happened) tellsAlways(k int32) {
	s := &h.steps[k]
	if h.tellers == nil || s.foot.all() {
		return
	}
	t := teller{s.actor, s.point.Kind, s.point.Off}
	if h.tells(k) && !h.tellers[t] {
		h.tellers[t], h.news = true, true
	}
	if h.tellers[t] {
		h.touchWord(s, h.history, shmlab.Touch{Wrote: true})
	}
}
