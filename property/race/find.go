package race

import (
	"regexp"
	"slices"

	"shmrace/shmlab/trace"
)

// Find returns the races of t, one for each variable, in the order in which
// they happened.
func Find(t *trace.Trace) []Race {
	d := detector{trace: t, order: newOrder(t), words: map[string]*history{}, discarded: discarded(t)}
	for i := range t.Events {
		e := &t.Events[i]
		d.held = append(d.held, nil)
		if e.Kind.Plain() {
			d.held[i] = d.order.holders.Held(e.Actor)
		}
		now := epoch{e.Actor, moment(i + 1)}
		mine := d.order.take(i, e)
		if !e.Kind.Plain() || d.discarded[i] {
			continue
		}
		h := d.words[e.Word]
		if h == nil {
			h = &history{}
			d.words[e.Word] = h
		}
		if previous := h.access(now, mine, e.Kind == trace.Set); previous.at > 0 && !h.told && !d.inherited(previous, e.Word) {
			h.told = true
			d.races = append(d.races, d.race(previous, now))
		}
	}
	return d.races
}

// A detector is what Find knows.
type detector struct {
	trace     *trace.Trace
	order     *order
	words     map[string]*history
	held      [][]string // the locks held at each access
	discarded []bool
	races     []Race
}

// inherited reports whether an access was a dead actor's, to a word within a
// primitive: whoever repairs that has asked who is dead, which is in no trace.
func (d *detector) inherited(previous epoch, word string) bool {
	return d.order.inside && d.order.holders.Dead(previous.actor) && private.MatchString(word)
}

// private is a path through a field that is not exported.
var private = regexp.MustCompile(`\.[a-z]`)

// A history is what matters of the accesses to one variable so far.
type history struct {
	write epoch // the last
	read  epoch // the last since then, if each is ordered after the one before
	reads clock // else the last of each actor; nil: see read
	told  bool  // a race was
}

// access adds an access of an actor with clock c and returns an earlier one that
// it races with, a write if there is one, or none.
func (h *history) access(now epoch, c clock, writes bool) (previous epoch) {
	if !h.write.before(c) {
		previous = h.write
	}
	if !writes {
		h.reading(now, c)
		return previous
	}
	if previous.at == 0 {
		previous = h.unseen(c)
	}
	h.write, h.read, h.reads = now, epoch{}, nil
	return previous
}

// reading adds a read: the paper's read exclusive, read share and read shared.
func (h *history) reading(now epoch, c clock) {
	switch {
	case h.reads != nil:
		h.reads[now.actor] = now.at
	case h.read.before(c):
		h.read = now
	default:
		h.reads = make(clock, len(c))
		h.reads[h.read.actor] = h.read.at
		h.reads[now.actor] = now.at
	}
}

// unseen returns the last read that c does not know of.
func (h *history) unseen(c clock) (last epoch) {
	if h.reads == nil && !h.read.before(c) {
		return h.read
	}
	for a, at := range h.reads {
		if e := (epoch{trace.Actor(a), at}); !e.before(c) && at > last.at {
			last = e
		}
	}
	return last
}

// race describes a race between two accesses.
func (d *detector) race(previous, now epoch) Race {
	at := func(e epoch) Access {
		i := int(e.at) - 1
		return Access{Event: d.trace.Events[i], Held: d.held[i]}
	}
	r := Race{Access: at(now), Previous: at(previous), Schedule: d.trace.Schedule}
	r.Guard, r.With, r.Elsewhere = guard(d.trace, int(previous.at)-1, int(now.at)-1)
	return r
}

// guard returns the lock that is held at most of the other accesses to the word
// of events i and j, at how many, and how many there are.
func guard(t *trace.Trace, i, j int) (lock string, with, elsewhere int) {
	var h trace.Holders
	count := map[string]int{}
	for n := range t.Events {
		e := &t.Events[n]
		if n != i && n != j && e.Kind.Plain() && e.Word == t.Events[j].Word {
			elsewhere++
			held := h.Held(e.Actor)
			slices.Sort(held)
			for _, l := range slices.Compact(held) {
				count[l]++
			}
		}
		h.Take(e)
	}
	for l, n := range count {
		if n > with || n == with && l < lock {
			lock, with = l, n
		}
	}
	return lock, with, elsewhere
}

// discarded finds the reads whose values were thrown away: those between an
// Acquire and the next of the same actor on the same word, which failed, or never
// came because the actor was killed. That is a reader of a sequence lock, who
// looks again because somebody wrote meanwhile.
func discarded(t *trace.Trace) []bool {
	out := make([]bool, len(t.Events))
	type attempt struct {
		word  string
		reads []int
	}
	open := map[trace.Actor]*attempt{}
	for i := range t.Events {
		e := &t.Events[i]
		at := open[e.Actor]
		killed := e.Kind == trace.Injected && e.Note == trace.Kill.String()
		if at != nil && (killed || e.Kind == trace.Acquire && at.word == e.Word && e.Note == failed) {
			for _, r := range at.reads {
				out[r] = true
			}
		}
		switch {
		case e.Kind == trace.Acquire:
			open[e.Actor] = &attempt{word: e.Word}
		case e.Kind == trace.Get && at != nil:
			at.reads = append(at.reads, i)
		case e.Kind.Point() && e.Kind != trace.Load: // which inside-locks shows of the Acquire
			delete(open, e.Actor) // anything else he did with what he read
		}
	}
	return out
}
