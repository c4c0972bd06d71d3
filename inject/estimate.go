package inject

import "math/bits"

// An estimate of how many schedules a search takes in all: those it took,
// divided by the part of the tree that they are, if each branch of a node has
// the same share of what is below it (Knuth 1975; Kilby, Slaney, Thiebaux, Walsh
// 2006). A branch counts once it is known, so a search that finds its branches
// on the way, as DPOR does, is estimated low at first.
type estimate struct {
	share float64 // of the whole tree, of the node that is looked at
	done  float64 // part of the tree that is behind the search
}

// node goes down to a node with so many branches, of which so many are done.
func (e *estimate) node(done, all int) {
	e.share /= float64(all)
	e.done += float64(done) * e.share
}

func (e *estimate) of(explored int) float64 {
	return float64(explored) / min(e.done+e.share, 1) // the schedule under way is a leaf
}

// Estimate returns about how many schedules the search takes in all.
func (d *DFS) Estimate() float64 {
	e := estimate{share: 1}
	for i := range d.branches {
		b := &d.branches[i]
		e.node(int(b.passed), int(b.passed)+1+bits.OnesCount64(b.rest))
	}
	return e.of(d.crown.explored)
}

// Estimate returns about how many schedules the search takes in all.
func (d *DPOR) Estimate() float64 {
	if d.source != nil {
		return float64(d.tree.explored) + d.source.Estimate()
	}
	return d.tree.size()
}

// Estimate returns about how many schedules the search takes in all.
func (d *source) Estimate() float64 {
	e := estimate{share: 1}
	for i := range d.nodes {
		n := &d.nodes[i]
		e.node(int(n.tried), int(n.tried)+1+bits.OnesCount64(n.todo))
	}
	return e.of(d.crown.explored)
}

// Estimate returns about how many schedules the search takes in all.
func (d *BoundedDPOR) Estimate() float64 {
	e := estimate{share: 1}
	for i := range d.nodes {
		n := &d.nodes[i]
		e.node(bits.OnesCount64(n.done)-1, bits.OnesCount64(n.todo|n.done))
	}
	return e.of(d.crown.explored)
}
