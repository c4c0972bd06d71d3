package inject

import "math/bits"

// A crown is the top of the tree of schedules, of which every shard of a search
// knows all branches: from its nodes everybody who can go does. The trees that
// hang below it are the shards', one after another. A shard goes to the root of
// each, for only there it sees that it is one, and gives up if it is another's.
//
// Source-DPOR and BoundedDPOR learn from the schedules below a node which branches
// the node needs, and a shard does not see those of the others. So in the crown they
// take all of them. Sleep sets, where there are any, keep classes apart (Godefroid,
// "Partial-Order Methods for the Verification of Concurrent Systems", 1996, chapter
// 5); it costs runs that find all asleep, for their class is in another tree.
type crown struct {
	shard    Shard
	widths   []int32 // of the schedule's nodes, from its first, that are in the crown: branches beside them
	trees    int     // whose roots were come to
	explored int     // schedules begun that are the shard's
	rooted   bool    // in this run
	theirs   bool    // this run is of another shard's tree
}

// treesEach is how many trees a shard has at least, if there are so many: trees
// are not equally large.
const treesEach = 8

// whole reports whether there is no crown.
func (c *crown) whole() bool { return c.shard.Of < 2 }

// begin counts a run.
func (c *crown) begin() {
	c.explored++
	c.rooted, c.theirs = false, false
}

// has reports whether the i-th node of the schedule is in the crown.
func (c *crown) has(i int) bool { return i < len(c.widths) }

// enter is called with the i-th node of a schedule when it is new, and with who
// can go from it. It returns false if it is the root of another shard's tree.
func (c *crown) enter(i int, branches uint64) bool {
	above := c.above(i)
	if above == 0 {
		return true
	}
	c.widths = c.widths[:i]
	if int(above) >= treesEach*c.shard.Of {
		return c.root()
	}
	c.widths = append(c.widths, above*int32(max(bits.OnesCount64(branches), 1)))
	return true
}

// above returns how wide the crown is above the i-th node; 0: it ends above.
func (c *crown) above(i int) int32 {
	switch {
	case c.whole() || i > len(c.widths):
		return 0
	case i == 0:
		return 1
	}
	return c.widths[i-1]
}

// ends is called when a run is over after so many nodes: if that is within the
// crown, it is a tree by itself.
func (c *crown) ends(nodes int) {
	if c.above(nodes) > 0 && !c.rooted {
		c.root()
	}
}

// root is called at a tree's root and reports whether the tree is the shard's.
func (c *crown) root() bool {
	c.rooted = true
	if c.theirs = c.trees%c.shard.Of != c.shard.Index; c.theirs {
		c.explored--
	}
	c.trees++
	return !c.theirs
}
