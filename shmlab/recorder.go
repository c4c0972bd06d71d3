package shmlab

import (
	"fmt"
	"hash/fnv"
	"reflect"

	"shmrace/shmlab/trace"
)

// A recorder writes down the events of a run. A nil recorder writes nothing.
type recorder struct {
	layout *layout
	lines  *lines
	events []trace.Event
	places []place // where each actor stands
	points []byte  // the points met, to be hashed
}

func newRecorder(g *program, actors int) *recorder {
	return &recorder{layout: g.layout, lines: &g.lines, places: make([]place, actors)}
}

// arrived records what actor i did since it was let go, and the note it stands at.
func (r *recorder) arrived(s *scheduler, i int) {
	a := &s.actors[i]
	if a.taken.Kind != trace.None {
		r.access(s, i, a)
	}
	r.places[i] = r.lines.find(a.at.lines)
	if point := &a.at.point; point.inner && point.Kind == trace.Wait {
		return // it is recorded when it falls asleep
	} else if point.inner || !point.Kind.Point() {
		r.note(s, i, point.Kind, a.at.text)
	}
}

// access records the step that actor i has taken.
func (r *recorder) access(s *scheduler, i int, a *actor) {
	e := r.event(s, i, &a.taken)
	if effect := &a.at.effect; effect.read {
		e.Read = s.value(&a.taken, effect.before)
	}
	if effect := &a.at.effect; effect.wrote {
		e.Wrote = s.value(&a.taken, effect.after)
	}
	switch {
	case a.at.effect.failed:
		e.Note = "failed"
	case a.taken.futexWait():
		e.Note = "changed"
	case a.taken.Kind == trace.Wake:
		e.Note = woke(s.roused)
	}
	r.events = append(r.events, e)
	r.points = fmt.Append(r.points, i, a.taken.Kind, a.taken.Off, " ")
}

// woke says whom a wake woke.
func woke(actors []int) string {
	if len(actors) == 0 {
		return "woke nobody"
	}
	text := "woke"
	for _, i := range actors {
		text += " " + trace.Actor(i).String()
	}
	return text
}

// value prints what a word held.
func (s *scheduler) value(point *Point, bits uint64) string {
	layout := s.memory.layout
	if _, t := layout.find(uintptr(point.Off), false); t == reflect.TypeFor[owner]() {
		return owner(bits).format(s)
	}
	return layout.format(point, bits)
}

// note records something about actor i that is no access.
func (r *recorder) note(s *scheduler, i int, k trace.Kind, text string) {
	if r == nil {
		return
	}
	point := s.actors[i].at.point
	point.Kind = k
	e := r.event(s, i, &point)
	e.Note = text
	switch {
	case k == trace.Wait:
		e.Read = s.value(&point, point.want)
	case !k.Point() && k != trace.Blocked:
		e.Word = ""
	}
	r.events = append(r.events, e)
}

func (r *recorder) event(s *scheduler, i int, point *Point) trace.Event {
	e := trace.Event{Kind: point.Kind, Step: len(s.decisions), Actor: trace.Actor(i)}
	if point.Size > 0 {
		e.Word, _ = r.layout.find(uintptr(point.Off), point.inner || !ownWord(point.Kind))
	}
	e.At, e.Code = r.places[i].at, r.places[i].code
	return e
}

// ownWord reports whether a k that is no part of a primitive's step is told of
// the very word it uses, rather than of the lock that the word is within.
func ownWord(k trace.Kind) bool { return k.Access() || k == trace.Wait || k == trace.Wake }

// restart forgets a run that was broken off.
func (r *recorder) restart() {
	if r != nil {
		r.events, r.points = r.events[:0], r.points[:0]
		clear(r.places)
	}
}

// spin records what an actor reads again and again when nobody can go on.
func (r *recorder) spin(s *scheduler, i int, words []look) {
	for _, w := range words {
		point := Point{Kind: trace.Blocked, Off: w.off, Size: w.size}
		e := r.event(s, i, &point)
		e.Word, _ = r.layout.find(uintptr(w.off), false)
		e.Read, e.Note = s.value(&point, w.after), trace.Spins
		r.events = append(r.events, e)
	}
	if len(words) == 0 {
		r.note(s, i, trace.Blocked, trace.Spins)
	}
}

// blocked records who waits when nobody can go on.
func (r *recorder) blocked(s *scheduler) {
	if r == nil {
		return
	}
	for i := range s.actors {
		if a := &s.actors[i]; a.status == ready && a.at.point.round != 0 {
			r.spin(s, i, s.spins.rounds[a.at.point.round].words)
		} else if a := &s.actors[i]; a.status == ready || a.status == asleep {
			r.note(s, i, trace.Blocked, a.at.point.Kind.String())
		}
	}
}

// hash is the short hash of a schedule: of the layout and of the points met.
func (r *recorder) hash() string {
	h := fnv.New32a()
	fmt.Fprint(h, r.layout.hash)
	h.Write(r.points)
	sum := h.Sum32()
	return fmt.Sprintf("%04x", sum>>16^sum&0xffff)
}
