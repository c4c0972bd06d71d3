package shmlab

import "shmrace/shmlab/trace"

// A Watcher is told what actors do, as it takes effect. It costs a few
// nanoseconds a step, a tenth of what it takes to write an [trace.Event] down.
type Watcher interface {
	// Take is given an access, which is the caller's again when it returns.
	Take(a *trace.Access)
}

// Watch has w told of the runs from now on; nil ends that.
func (b *Bench) Watch(w Watcher) {
	b.sched.watch = nil
	if w != nil {
		b.sched.watch = &watch{watcher: w, layout: b.program.layout, inside: b.setting.InsideLocks}
	}
}

// A watch turns what the scheduler sees into accesses. A nil watch does nothing.
type watch struct {
	watcher Watcher
	layout  *layout
	inside  bool
	access  trace.Access // the last
	told    int          // accesses of this run
	again   int          // of these, how many are known from before it was broken off
	names   [64]named    // those looked up last
}

// A named is what a watcher calls a word, as an access of its own or as part of
// a primitive.
type named struct {
	spot    spot
	known   bool
	private bool
	word    uint32
}

// keep keeps what actor a is let go for, until it is known what came of it.
func (s *scheduler) keep(a *actor) {
	a.taken = a.at.point
	a.missed = a.taken.Kind == trace.CompareAndSwap && s.memory.load(a.taken.Off, a.taken.Size) != a.taken.want
}

// tell tells whoever wants to know what actor i did since it was let go.
func (s *scheduler) tell(i int, a *actor) {
	if s.watch != nil {
		s.watch.arrived(s, i)
	}
	if s.recorder != nil {
		s.recorder.arrived(s, i)
	}
	a.taken.Kind, a.at.effect = trace.None, effect{}
}

// arrived tells what actor i did since it was let go, and what it stands at if
// that is part of a step under way.
func (w *watch) arrived(s *scheduler, i int) {
	a := &s.actors[i]
	w.access.Woke = 0
	if k := a.taken.Kind; k != trace.None {
		if k == trace.Wake {
			for _, j := range s.roused {
				w.access.Woke |= 1 << j
			}
		}
		w.tell(i, &a.taken, k, a.at.effect.failed || a.missed || k == trace.Wait)
		w.access.Woke = 0
	}
	switch point := &a.at.point; {
	case point.Kind == trace.Died:
		w.tell(i, point, trace.Died, false)
	case point.inner && point.Kind != trace.Wait && point.Kind != trace.Wake: // which are not over yet
		w.tell(i, point, point.Kind, a.at.text != "")
	}
}

// note tells of what does not come of a decision: that actor i falls asleep or is killed.
func (w *watch) note(s *scheduler, i int, k trace.Kind) {
	if w != nil {
		w.access.Woke = 0
		w.tell(i, &s.actors[i].at.point, k, false)
	}
}

// tell tells that actor i did k at point.
func (w *watch) tell(i int, point *Point, k trace.Kind, failed bool) {
	if w.told++; w.told <= w.again {
		return
	}
	a := &w.access
	a.Actor, a.Kind, a.Failed, a.Word, a.Private = trace.Actor(i), k, failed, point.Off, false
	if whole := point.inner || !ownWord(k); point.Size > 0 && (whole || w.inside) {
		n := w.name(point.Off, whole)
		a.Word, a.Private = n.word, n.private
	}
	w.watcher.Take(a)
}

// restart makes ready for the same run from its start: what is known of it is not
// told again.
func (w *watch) restart() {
	if w != nil {
		w.told, w.again = 0, max(w.told, w.again)
	}
}

// name returns what the word at off is called.
func (w *watch) name(off uint32, whole bool) *named {
	n := &w.names[off/4%uint32(len(w.names))]
	if at := (spot{uintptr(off), whole}); !n.known || n.spot != at {
		f := w.layout.lookUp(at.off, whole)
		*n = named{spot: at, known: true, word: off, private: private(f.name)}
		if whole && w.layout.lookUp(at.off, false).name != f.name {
			n.word = uint32(f.begin) | trace.OfPrimitive
		}
	}
	return n
}

// private reports whether a path leads through a field that is not exported.
func private(path string) bool {
	for i := 1; i < len(path); i++ {
		if path[i-1] == '.' && path[i] >= 'a' && path[i] <= 'z' {
			return true
		}
	}
	return false
}
