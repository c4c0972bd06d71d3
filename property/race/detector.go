package race

import "shmrace/shmlab/trace"

// A Detector finds races while a run goes on. It is told each access, by
// [Detector.Take], and keeps its memory for the next run. The zero Detector is
// ready for Begin.
//
// It is a little behind: what a reader of a sequence lock has read is no race if
// the reader throws it away, which only its next step tells.
type Detector struct {
	order order
	last  moment
	pairs []Pair
	queue queue
}

// A Pair is the two accesses of a race, by how many were taken before each: the
// first has number 0.
type Pair struct{ Previous, Access int }

// Begin makes ready for a run of so many actors. Inside says that what primitives
// do is told access by access, so that their locks order nothing by themselves.
func (d *Detector) Begin(actors int, inside bool) {
	d.order.begin(actors, inside)
	d.queue.begin(actors)
	d.last, d.pairs = 0, d.pairs[:0]
}

// Take takes note of an access.
func (d *Detector) Take(a *trace.Access) {
	if d.queue.idle() && !d.queue.opens(a) {
		d.take(a, false)
		return
	}
	d.queue.put(a)
	for next := d.queue.next(); next != nil; next = d.queue.next() {
		d.take(&next.Access, next.fate == thrown)
	}
}

// End says that the run is over, and returns its races, one for each variable,
// in the order in which they happened; valid until the next Begin.
func (d *Detector) End() []Pair {
	d.queue.end()
	for next := d.queue.next(); next != nil; next = d.queue.next() {
		d.take(&next.Access, next.fate == thrown)
	}
	return d.pairs
}

// take is Take for what need not wait.
func (d *Detector) take(a *trace.Access, thrown bool) {
	d.last++
	mine := d.order.known[a.Actor]
	mine[a.Actor] = d.last
	switch {
	case !a.Kind.Plain():
		d.order.take(a, mine)
	case !thrown:
		w := d.order.words.at(a.Word)
		previous := w.access(epoch{a.Actor, d.last}, mine, a.Kind == trace.Set)
		if previous.at > 0 && !w.told && !d.inherited(previous, a) {
			w.told = true
			d.pairs = append(d.pairs, Pair{int(previous.at) - 1, int(d.last) - 1})
		}
	}
}

// inherited reports whether an access was a dead actor's, to a word within a
// primitive: whoever repairs that has asked who is dead, which is told nowhere.
func (d *Detector) inherited(previous epoch, a *trace.Access) bool {
	return d.order.inside && a.Private && d.order.died(previous.actor)
}
