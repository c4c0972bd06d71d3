package inject

import "slices"

// A wakeup tree (Abdulla et al. 2017, section 5) holds what is still to be
// explored after a node: each path from its root to a leaf begins a schedule
// that no other explores. Branches are tried in the order they were added.
//
// All trees of a search share one array; a free branch is on the list at free.
// There can be nearly as many branches as schedules to come, but what their steps
// touch is always the same: it is kept once.
type wakeups struct {
	branches []wakeup
	free     int32
	feet     []footprint
	known    map[footprint]int32 // where in feet
}

// A wakeup is a branch: a step, what comes after it, and the branch beside it.
type wakeup struct {
	foot   int32 // which of the feet
	below  int32 // first of the branches after this one; none: a leaf
	beside int32 // next branch of the same parent; none: the last
	actor  int8
}

const none int32 = -1

// reserve makes room for n branches, so that none moves when they are added.
func (w *wakeups) reserve(n int) { w.branches = slices.Grow(w.branches, n) }

func (w *wakeups) add(actor int8, foot *footprint) int32 {
	i := w.free
	if i == none {
		i = int32(len(w.branches))
		w.branches = append(w.branches, wakeup{})
	} else {
		w.free = w.branches[i].beside
	}
	w.branches[i] = wakeup{w.number(foot), none, none, actor}
	return i
}

// number returns which of the feet foot is.
func (w *wakeups) number(foot *footprint) int32 {
	key := footprint{n: foot.n}
	copy(key.words[:], foot.words[:foot.n])
	i, ok := w.known[key]
	if !ok {
		if w.known == nil {
			w.known = map[footprint]int32{}
		}
		i = int32(len(w.feet))
		w.known[key], w.feet = i, append(w.feet, key)
	}
	return i
}

// foot returns what the step of a branch touches.
func (w *wakeups) foot(b *wakeup) *footprint { return &w.feet[b.foot] }

// take removes the first branch from a list, which must not be empty, and
// returns its actor and what is below it.
func (w *wakeups) take(list *int32) (actor int8, below int32) {
	i := *list
	b := &w.branches[i]
	actor, below = b.actor, b.below
	*list, b.beside, w.free = b.beside, w.free, i
	return actor, below
}

// drop frees a list of branches and all below them.
func (w *wakeups) drop(list int32) {
	for list != none {
		_, below := w.take(&list)
		w.drop(below)
	}
}
