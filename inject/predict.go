package inject

import (
	"math/bits"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// What a step touches that is taken earlier than in the run must be known exactly.
// Taken for more, a detour seems to need steps that it does not need; taken for
// less, it leaves some out. Either way the class would be written down in a way that
// is not the one it is known by, and be met twice or never. So whatever a step does
// is compared with what was predicted.

// foreseen returns what step k touches if it is taken after those of a config, all
// of which come before it in the run.
func (h *happened) foreseen(k int32, c config) footprint {
	s := &h.steps[k]
	foot := s.foot
	h.event, h.config = k, c
	switch kind := s.point.Kind; {
	case s.point.Guarded(), foot.all():
	case kind == trace.CompareAndSwap, kind == trace.TryLock && foot.n > 0:
		foot = h.access(foot.words[0]>>1, s.point.Writes(h.load(s.point.Off, s.point.Size)))
	case kind == trace.Wait:
		if foot = one(foot.words[0]>>1, false); s.point.Sleeps(h.load(s.point.Off, s.point.Size)) {
			foot.add(h.words.id(shmlab.SleepersOn(s.point.Off), 1), true)
		}
	case kind == trace.Wake:
		foot = one(foot.words[0]>>1, h.sleepers() > 0)
	}
	h.config = nil
	h.tell(&foot, h.tells(k))
	return foot
}

// sleep returns what step k, a futex wait, looks at to know whether it is to sleep,
// and what it touches as well if it does.
func (h *happened) sleep(k int32) (word, sleepers footprint) {
	s := &h.steps[k]
	return one(h.words.id(s.point.Off, s.point.Size), false), one(h.words.id(shmlab.SleepersOn(s.point.Off), 1), true)
}

// possible returns all that step k can touch, wherever it is taken.
func (h *happened) possible(k int32) footprint {
	s := &h.steps[k]
	foot := s.foot
	switch kind := s.point.Kind; {
	case s.point.Guarded(), foot.all():
	case kind == trace.CompareAndSwap, kind == trace.TryLock && foot.n > 0:
		foot = h.access(foot.words[0]>>1, true)
	case kind == trace.Wait:
		foot = one(foot.words[0]>>1, false)
		foot.add(h.words.id(shmlab.SleepersOn(s.point.Off), 1), true)
	case kind == trace.Wake:
		foot = one(foot.words[0]>>1, true)
	}
	h.tell(&foot, h.tells(k))
	return foot
}

// access returns what an access to one word touches.
func (h *happened) access(id int32, wrote bool) footprint {
	foot := one(id, wrote)
	if wrote && h.invariant != none {
		foot.add(h.invariant, true)
	}
	return foot
}

// sleepers returns how many would sleep on the futex that the event wakes, if a
// step and all that comes after it were left out.
func (h *happened) sleepers() (n int) {
	event := &h.steps[h.event]
	for x := event.allPrev; x != none; x = h.steps[x].allPrev {
		s := &h.steps[x]
		if h.left(x) || !s.forced() && !s.fault() {
			continue
		}
		for woke := s.woke; woke != 0; woke &= woke - 1 { // by the kernel, for who has died
			if h.sleptOn(int8(bits.TrailingZeros64(woke)), x) == event.point.Off {
				n--
			}
		}
		if s.point.Off == event.point.Off { // the end of a sleep
			n--
		}
	}
	id := event.foot.words[0] >> 1
	for x := event.hist[0].touched; x != none; {
		s := &h.steps[x]
		if !h.left(x) {
			n -= bits.OnesCount64(s.woke)
			if s.point.Kind == trace.Wait {
				n++
			}
		}
		x = s.hist[s.foot.slot(id)].touched
	}
	return n
}

// sleptOn returns where actor slept before step x woke it.
func (h *happened) sleptOn(actor int8, x int32) uint32 {
	for x--; x >= 0 && h.steps[x].actor != actor; x-- {
	}
	if x < 0 {
		return 0
	}
	return h.steps[x].point.Off
}

// left reports whether step x is left out.
func (h *happened) left(x int32) bool {
	if h.config != nil {
		return x > h.config[h.steps[x].actor]
	}
	return h.without != none && x >= h.without && h.precedes(h.without, x)
}

// asPredicted reports whether step k, which was taken, touched what it would
// have been predicted to.
func (h *happened) asPredicted(k int32) bool {
	s := &h.steps[k]
	switch kind := s.point.Kind; {
	case s.foot.all():
		return true
	case kind == trace.TryLock:
		foot := h.access(s.foot.words[0]>>1, s.point.Writes(s.before[0]))
		h.tell(&foot, h.tells(k))
		return s.foot.n > 0 && s.foot.equals(&foot)
	case kind == trace.Wake:
		h.event, h.without = k, none
		foot := one(s.foot.words[0]>>1, h.sleepers() > 0)
		h.tell(&foot, h.tells(k))
		return s.foot.equals(&foot)
	case s.sleeps():
		return !h.tells(k) // only if it did not sleep: that is one thing too many to wait for
	default:
		if seen := h.seen(s); seen != nil && seen.n > 0 {
			return seen.equals(&s.foot)
		} else if seen != nil {
			*seen = s.foot
		}
	}
	return true
}

// seen returns where it is written down what a primitive's step of that kind on
// that word touched before; nil if s is none, or disturbs nobody.
func (h *happened) seen(s *step) *footprint {
	kind := s.point.Kind
	if kind < trace.Lock || kind >= trace.List || s.point.Size == 0 {
		return nil
	}
	i := int(trace.List-trace.Lock)*int(h.words.id(s.point.Off, s.point.Size)) + int(kind-trace.Lock)
	for i >= len(h.primitives) {
		h.primitives = append(h.primitives, footprint{})
	}
	return &h.primitives[i]
}

// learn adds step k to what is known of a primitive's steps of that kind on that
// word, and reports whether that is more than somebody may have relied on.
func (h *happened) learn(k int32) bool {
	s := &h.steps[k]
	seen := h.seen(s)
	if seen == nil {
		return false
	}
	more := seen.n > 0 && !seen.covers(&s.foot)
	seen.join(&s.foot)
	return more
}
