package inject

import "math"

// A family is how many descendants the classes have, themselves included, whose
// detour began at the same decision, of those that are behind the search.
type family struct{ classes, descendants int }

// leave takes note of a class of which all descendants were visited.
func (t *tree) leave(c *child) {
	for int(c.at) >= len(t.families) {
		t.families = append(t.families, family{})
	}
	t.families[c.at].classes++
	t.families[c.at].descendants += t.begun - c.begun
}

// size returns about how many classes there are: the geometric mean of two
// estimates. One takes each class on the way for one of its siblings like another
// (Knuth 1975); it is often too high, for errors multiply. The other takes what is
// known of those that are alike; it is mostly too low, for small families are known
// first. At the end both are right.
func (t *tree) size() float64 {
	if t.shared || int(t.at) >= len(t.list) {
		return float64(t.explored) + float64(len(t.list)-t.turn)/float64(max(t.shard.Of, 1))
	}
	top := &t.list[t.at]
	high := 1 + float64(top.children)
	low := 1 + t.expected(top.born, int32(len(t.list)))
	for i := t.at; t.list[i].parent != none; i = t.list[i].parent {
		c, parent := &t.list[i], &t.list[t.list[i].parent]
		if t.shard.Of > 1 && int(i) < t.divided { // the others have the other roots
			return float64(t.explored) + float64(t.divided-t.turn)/float64(t.shard.Of)*math.Sqrt(high*low)
		}
		before := float64(c.begun - parent.begun)
		left := float64(i - parent.born)
		high += before + left*(before+high)/(float64(parent.children)-left)
		low += before + t.expected(parent.born, i)
	}
	return math.Sqrt(high * low)
}

// expected returns how many descendants some classes of the list will have.
func (t *tree) expected(from, to int32) (sum float64) {
	for i := from; i < to; i++ {
		sum += t.descendants(t.list[i].at)
	}
	return sum
}

// descendants returns how many a class has whose detour begins at a decision. If
// there was none yet, the nearest there were are like it.
func (t *tree) descendants(at int32) float64 {
	known, nearest := family{1, 1}, int32(math.MaxInt32)
	for i, f := range t.families {
		if d := max(int32(i)-at, at-int32(i)); f.classes > 0 && d < nearest {
			known, nearest = f, d
		}
	}
	return float64(known.descendants) / float64(known.classes)
}
