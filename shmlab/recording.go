package shmlab

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"shmrace/shmlab/trace"
)

// A Recording is what the actors of a free run did, in an order that has every
// edge there was between them and perhaps more: see ring.go. Two accesses that it
// leaves unordered really were, whatever is lost. It is valid until the next run.
type Recording struct {
	Accesses []trace.Access // as a race detector takes them: some operations are two
	Kept     int            // operations that they come of
	Lost     int            // operations written over by later ones, or of no use without those
	Untold   int            // calls and returns that are not in the history

	places  []mark // of each access
	watch   watch
	bench   *Bench
	pages   []page
	history []trace.Event
}

// A mark says where an access was made.
type mark struct{ actor, site int }

// An act is an access on its way into the recording.
type act struct {
	trace.Access
	ticket uint64 // its own, or the last of its actor
	site   int
}

// recording makes a recording of what the actors of the last run wrote down.
func (j *journal) recording(b *Bench) (*Recording, error) {
	n := len(b.host.(*processes).workers)
	r := &Recording{bench: b, watch: watch{layout: b.program.layout}, pages: j.pages[:n]}
	acts := make([][]act, n)
	horizon := uint64(0)
	for i := range acts {
		lost, first, err := r.read(i, &acts[i])
		if err != nil {
			return nil, fmt.Errorf("what %v wrote down cannot be: %w", trace.Actor(i), err)
		}
		r.Lost += lost
		if lost > 0 {
			horizon = max(horizon, first)
		}
	}
	r.merge(acts, horizon)
	var err error
	if r.history, r.Untold, err = j.history(n); err != nil {
		return nil, fmt.Errorf("what the operations returned cannot be: %w", err)
	}
	return r, nil
}

// read reads what actor i wrote down, and returns how much of it is lost and the
// last ticket that anything lost can have had.
func (r *Recording) read(i int, acts *[]act) (lost int, first uint64, err error) {
	p := &r.pages[i]
	head := p.head.Load()
	if head > 1<<48 {
		return 0, 0, fmt.Errorf("%d entries", head)
	}
	written := head
	if !r.bench.host.(*processes).workers[i].alive {
		written++ // it may have been ended while it wrote over the oldest
	}
	lost = int(max(written, ringSize) - ringSize)
	r.Kept += int(head) - lost
	now := uint64(0)
	for at := uint64(lost); at < head; at++ {
		e := p.ring[at%ringSize]
		if at == uint64(lost) {
			now, first = e.before, e.before
		}
		if err := e.check(now, r.watch.layout.size); err != nil {
			return 0, 0, err
		}
		now = max(e.before, e.after)
		r.put(acts, i, &e)
	}
	if len(*acts) > 0 && (*acts)[len(*acts)-1].Kind != trace.Died && !r.bench.host.(*processes).workers[i].alive {
		*acts = append(*acts, act{trace.Access{Kind: trace.Died, Actor: trace.Actor(i)}, now, 0})
	}
	return lost, first, nil
}

// check says why an entry cannot follow the ticket now.
func (e *entry) check(now uint64, size uintptr) error {
	switch {
	case e.kind != trace.Died && e.off == outside:
		return errOutside
	case e.kind != trace.Died && (!e.kind.Point() || !aWord(e.off, e.size, size) || e.size == 0):
		return fmt.Errorf("a %v of %d bytes at %d", e.kind, e.size, e.off)
	case e.before < now || e.after != 0 && e.after <= e.before || e.before > 1<<62 || e.after > 1<<62:
		return fmt.Errorf("tickets %d and %d after %d", e.before, e.after, now)
	}
	return nil
}

var errOutside = errors.New("it uses a cell that is not part of the lab's state")

// sleepers is set in the word that stands for who sleeps on a word.
const sleepers uint32 = 1 << 30

// put adds what a detector is to be told of an entry of actor i. What both lets
// others go on and goes on because of others is told when it began and when it
// was over. What was never over is told where it began: the actor died in it, or
// waits for ever.
func (r *Recording) put(acts *[]act, i int, e *entry) {
	a := act{trace.Access{Kind: e.kind, Actor: trace.Actor(i), Word: e.off, Failed: e.failed}, e.before, int(e.site)}
	if !ownWord(e.kind) && e.size > 0 {
		a.Word = r.watch.name(e.off, true).word
	}
	add := func(a act, ticket uint64) {
		a.ticket = ticket
		*acts = append(*acts, a)
	}
	switch {
	case e.kind == trace.Wake:
		a.Kind, a.Word = trace.Store, e.off|sleepers
		add(a, e.before)
	case e.kind == trace.Wait:
		a.Kind = trace.Load
		add(a, max(e.before, e.after))
		a.Word |= sleepers
		add(a, max(e.before, e.after))
	case e.after == 0:
		a.Failed = e.kind == trace.ReadCheck // what was read was never made use of
		add(a, e.before)
	default:
		if e.own && (!e.failed || e.kind == trace.Acquire || e.kind == trace.Release) {
			add(a, e.before)
		}
		add(a, e.after)
	}
}

// merge puts what all actors did in order. Of what was lost the last ticket that
// it can have had is the horizon; up to there nothing of anybody is of use. Of
// each actor all is kept that comes after its last ticket not beyond: if two
// accesses that are kept were ordered, then by releases and acquisitions after
// the first of them, whose tickets are beyond the horizon, and all of those are
// there.
func (r *Recording) merge(acts [][]act, horizon uint64) {
	var all []act
	for _, list := range acts {
		cut := 0
		for i := range list {
			if horizon > 0 && !list[i].Kind.Plain() && list[i].ticket <= horizon {
				cut = i + 1
			}
		}
		r.Lost, r.Kept = r.Lost+cut, r.Kept-min(cut, r.Kept)
		all = append(all, list[cut:]...)
	}
	slices.SortStableFunc(all, func(a, b act) int { return cmp.Compare(a.ticket, b.ticket) })
	for _, a := range all {
		r.Accesses = append(r.Accesses, a.Access)
		r.places = append(r.places, mark{int(a.Actor), a.site})
	}
}

// Trace returns the recording as events, with the lines that are known. They are
// of no step: nobody stepped.
func (r *Recording) Trace() *trace.Trace {
	b := r.bench
	t := &trace.Trace{Schedule: trace.Schedule{Lab: b.program.Name, Actors: b.setting.Size.Actors, Ops: b.setting.Size.Ops}}
	for i := range r.Accesses {
		a := &r.Accesses[i]
		e := trace.Event{Kind: a.Kind, Actor: a.Actor}
		if a.Kind != trace.Died {
			off := a.Word &^ (trace.OfPrimitive | sleepers)
			e.Word, _ = r.watch.layout.find(uintptr(off), !ownWord(a.Kind))
			if a.Word&sleepers != 0 && a.Word&trace.OfPrimitive == 0 {
				e.Word = "sleepers on " + e.Word
			}
		}
		if a.Failed {
			e.Note = "failed"
		}
		place := r.place(r.places[i])
		e.At, e.Code = place.at, place.code
		t.Events = append(t.Events, e)
	}
	return t
}

// place finds the line of the lab that an access was made in.
func (r *Recording) place(m mark) place {
	p := &r.pages[m.actor]
	if m.site < 1 || uint64(m.site) > min(p.sites.Load(), maxSites) {
		return place{}
	}
	var stack []uintptr
	for _, pc := range p.site[m.site-1] {
		if pc != 0 {
			stack = append(stack, uintptr(pc)+lineBase)
		}
	}
	return r.bench.program.lines.find(stack)
}
