package race

import "shmrace/shmlab/trace"

// A word is what matters of what was done so far to one variable, atomic or not,
// or one primitive.
type word struct {
	run   uint32 // in which it was touched last; what there is of an earlier one is forgotten
	told  bool   // a race was
	write epoch  // the last
	read  epoch  // the last since then, if each is ordered after the one before
	reads clock  // else the last of each actor; see read if there is none

	authors  uint64 // of what an atomic word holds: the last to replace it, and who changed it since, as a set
	released clock  // by writing it, by letting it go
	shared   clock  // by letting it go that others may hold as well
	checked  clock  // by finding that nobody wrote what a sequence lock guards
	left     clock  // by dying
}

// access adds an access of an actor with clock c and returns an earlier one that
// it races with, a write if there is one, or none.
func (w *word) access(now epoch, c []moment, writes bool) (previous epoch) {
	if !w.write.before(c) {
		previous = w.write
	}
	if !writes {
		w.reading(now, c)
		return previous
	}
	if previous.at == 0 {
		previous = w.unseen(c)
	}
	w.write, w.read, w.reads.some = now, epoch{}, false
	return previous
}

// reading adds a read: the paper's read exclusive, read share and read shared.
func (w *word) reading(now epoch, c []moment) {
	switch {
	case w.reads.some:
		w.reads.at[now.actor] = now.at
	case w.read.before(c):
		w.read = now
	default:
		w.reads.clear(len(c))
		w.reads.at[w.read.actor] = w.read.at
		w.reads.at[now.actor] = now.at
	}
}

// unseen returns the last read that c does not know of.
func (w *word) unseen(c []moment) (last epoch) {
	if !w.reads.some {
		if w.read.before(c) {
			return epoch{}
		}
		return w.read
	}
	for a, at := range w.reads.at {
		if e := (epoch{trace.Actor(a), at}); !e.before(c) && at > last.at {
			last = e
		}
	}
	return last
}

// words are the words of a state by offset, those that were met. They are kept
// from run to run, so that a run like the one before takes no memory.
type words struct {
	run   uint32
	pages [2][]*[pageSize]uint32 // of words, of primitives: where in list, plus 1
	list  []word
}

const pageSize = 256

// at returns what is known of a word; valid until the next call.
func (w *words) at(off uint32) *word {
	pages := &w.pages[off>>31]
	off &^= trace.OfPrimitive
	for uint32(len(*pages)) <= off/pageSize {
		*pages = append(*pages, nil)
	}
	page := (*pages)[off/pageSize]
	if page == nil {
		page = new([pageSize]uint32)
		(*pages)[off/pageSize] = page
	}
	n := &page[off%pageSize]
	if *n == 0 {
		w.list = append(w.list, word{})
		*n = uint32(len(w.list))
	}
	found := &w.list[*n-1]
	if found.run != w.run {
		found.forget(w.run)
	}
	return found
}

// forget makes the word one of a new run.
func (w *word) forget(run uint32) {
	w.run, w.told, w.write, w.read, w.authors = run, false, epoch{}, epoch{}, 0
	w.reads.some, w.released.some, w.shared.some, w.checked.some, w.left.some = false, false, false, false, false
}
