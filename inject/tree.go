package inject

// A tree is that of the classes that DPOR goes through, as far as it is needed:
// the class it is at, those on the way there from the root, and the children of
// all these that are still to come. It goes down first, so there are few.
//
// What a class adds to its parent's schedule is a detour. The steps of all detours
// are in one array, the children's of a class together; they go when it goes.
//
// Where shards divide the work, all of them go through the first few classes, one
// generation after another, to know their children. As soon as there are enough
// that are still to come, each shard takes its part of them, with all below.
type tree struct {
	list     []child
	steps    []int8
	at       int32    // the class it is at, in the list
	families []family // by the decision at which the detour begins
	begun    int      // schedules
	explored int      // of these, the shard's

	shard   Shard
	shared  bool // all shards go through the class
	theirs  bool // and it counts as another's
	turn    int  // which class is next of those that all go through, or divide
	divided int  // how many these are; below zero: they are not enough yet
	kept    int  // how many steps these have
}

// A child is a class: its parent's schedule up to decision number at, then the
// steps of its detour, from first to last, then straight on.
type child struct {
	parent      int32 // in the list; none: the root
	at          int32
	first, last int32 // of the steps
	offspring   int32 // its children's steps begin there
	born        int32 // the first of its children, in the list
	children    int32
	begun       int  // how many schedules were before it
	waits       int8 // whose turn it is during the detour, or nobody's
	tells       bool // an operation begins or ends after its last step
	told        bool // and after the step that waits
	visited     bool
}

// rootsEach is how many classes that are still to come each shard gets at least, or
// how many all go through for each at most. What is below them is of all sizes.
const rootsEach = 32

func newTree(shard Shard) tree {
	t := tree{shard: shard, list: []child{{parent: none, waits: nobody}}}
	if shard.Of > 1 {
		t.divided = -1
	}
	return t
}

// next goes on to the next class, and returns false when there is none.
func (t *tree) next() bool {
	if enough := rootsEach * t.shard.Of; t.divided < 0 && (len(t.list)-t.turn >= enough || t.turn >= enough) {
		t.divided, t.kept = len(t.list), len(t.steps)
	}
	t.shared = t.divided < 0
	t.theirs = t.shared && t.turn%t.shard.Of != t.shard.Index
	switch {
	case t.shared:
		return t.visit(t.turn)
	case t.climb():
		return t.visit(len(t.list) - 1)
	}
	for t.turn < t.divided && t.turn%t.shard.Of != t.shard.Index {
		t.turn++
	}
	t.steps = t.steps[:t.kept]
	return t.turn < t.divided && t.visit(t.turn)
}

// left returns which shard of another search does what is left: the same one, if
// the others have to give up as well, for they have seen no other classes.
func (t *tree) left() Shard {
	if t.shared {
		return t.shard
	}
	return Shard{}
}

// climb goes back from a class whose descendants were all visited, and reports
// whether there is another above those that are divided.
func (t *tree) climb() bool {
	n := len(t.list)
	for n > t.divided && t.list[n-1].visited {
		n--
		c := &t.list[n]
		t.steps = t.steps[:c.offspring]
		t.leave(c)
	}
	t.list = t.list[:n]
	return n > t.divided
}

// visit makes class i the one it is at.
func (t *tree) visit(i int) bool {
	if i == len(t.list) {
		return false
	}
	if i == t.turn && t.shard.Of > 1 {
		t.turn++
	}
	c := &t.list[i]
	c.visited, c.begun, c.born, c.offspring = true, t.begun, int32(len(t.list)), int32(len(t.steps))
	t.at = int32(i)
	t.begun++
	if !t.theirs {
		t.explored++
	}
	return true
}

// nobody waits: the detour is a choice of whose sleep ends.
const nobody int8 = -1

// A detour is a stretch of a schedule in which others go though it is somebody's
// turn.
type detour struct {
	at, end int32 // decisions
	first   int32 // where their actors are
	waits   int8  // whose turn it is, or nobody's
	tells   bool  // an operation begins or ends after the last step
	told    bool  // and after the step that waits
}

// way appends to detours those of the schedule of class i. A detour of an ancestor
// that begins no earlier than a descendant's is not part of it.
func (t *tree) way(i int32, detours []detour) []detour {
	c := &t.list[i]
	if c.parent == none {
		return detours
	}
	detours = t.way(c.parent, detours)
	n := len(detours)
	for n > 0 && detours[n-1].at >= c.at {
		n--
	}
	return append(detours[:n], detour{c.at, c.at + c.last - c.first, c.first, c.waits, c.tells, c.told})
}

// actor returns who takes decision number at, which is part of a detour.
func (t *tree) actor(d *detour, at int32) int8 { return t.steps[d.first+at-d.at] }

// add adds a child, whose detour has no steps yet.
func (t *tree) add(at int32, waits int8) {
	n := int32(len(t.steps))
	t.list = append(t.list, child{parent: t.at, at: at, first: n, last: n, waits: waits})
}

// extend adds a step to the detour of the last child.
func (t *tree) extend(actor int8) {
	t.steps = append(t.steps, actor)
	t.list[len(t.list)-1].last++
}

// born is called when the class has all its children. They are put in an order that
// tells nothing of how many descendants they have.
func (t *tree) born() {
	c := &t.list[t.at]
	children := t.list[c.born:]
	c.children = int32(len(children))
	for i, r := len(children)-1, uint64(t.begun); i > 0; i-- {
		r = mix(r)
		j := r % uint64(i+1)
		children[i], children[j] = children[j], children[i]
	}
}
