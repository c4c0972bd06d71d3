package inject

import "math/bits"

// A crown is the top of the tree of schedules, of which every shard of a search
// knows all branches: from its nodes everybody who can go does. The trees that
// hang below it are the shards', one after another. A shard goes to the root of
// each, for only there it sees that it is one, and gives up if it is another's.
//
// DPOR learns from the schedules below a node which branches the node needs, and
// a shard does not see those of the others. So in the crown it takes all of them,
// with sleep sets, which keep classes of schedules apart (Godefroid, "Partial-
// Order Methods for the Verification of Concurrent Systems", 1996, chapter 5):
// no two trees hold schedules of one class, and each class is in one of them.
// What it costs is runs that find all asleep, for their class is in another tree.
type crown struct {
	shard  Shard
	trees  int  // whose roots were come to
	rooted bool // in this run
	theirs bool // this run is of another shard's tree
	asleep bool // this run is of a class that is in another tree
}

// treesEach is how many trees a shard has at least, if there are so many: trees
// are not equally large.
const treesEach = 8

// whole reports whether there is no crown.
func (c *crown) whole() bool { return c.shard.Of < 2 }

func (c *crown) begin() { c.rooted, c.theirs, c.asleep = false, false, false }

// width returns how wide the crown is at a node below one of the given width: 0
// if the node is no part of it but the root of a tree.
func (c *crown) width(above int32, branches uint64) int32 {
	if int(above) >= treesEach*c.shard.Of {
		return 0
	}
	return above * int32(max(bits.OnesCount64(branches), 1))
}

// root is called at a tree's root, or where the run is over before, and reports
// whether the tree is the shard's.
func (c *crown) root() bool {
	c.theirs = c.trees%c.shard.Of != c.shard.Index
	c.rooted = true
	c.trees++
	return !c.theirs
}
