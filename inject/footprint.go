package inject

import "shmrace/shmlab"

// A footprint is what a step touches: up to twelve words by number, the low bit
// set if the step writes it. Word 0 stands for everything.
type footprint struct {
	n     int32
	words [maxWords]int32
}

const (
	maxWords   = 12
	everything = 0
)

// one returns the footprint of a step on one word.
func one(id int32, wrote bool) footprint {
	f := footprint{n: 1}
	f.words[0] = id << 1
	if wrote {
		f.words[0] |= 1
	}
	return f
}

func (f *footprint) add(id int32, wrote bool) {
	f.words[f.n] = one(id, wrote).words[0]
	f.n++
}

// slot returns where in f word id is, or -1.
func (f *footprint) slot(id int32) int32 {
	for i, w := range f.words[:f.n] {
		if w>>1 == id {
			return int32(i)
		}
	}
	return -1
}

func (f *footprint) wrote(slot int32) bool { return f.words[slot]&1 != 0 }

// all reports whether f stands for everything.
func (f *footprint) all() bool { return f.n == 1 && f.words[0]>>1 == everything }

// writesTo reports whether f writes a word that g touches.
func (f *footprint) writesTo(g *footprint) bool {
	if f.all() || g.all() {
		return true
	}
	for _, w := range f.words[:f.n] {
		if w&1 != 0 && g.slot(w>>1) >= 0 {
			return true
		}
	}
	return false
}

// equals reports whether f and g touch and write the same words.
func (f *footprint) equals(g *footprint) bool {
	for _, w := range f.words[:f.n] {
		if i := g.slot(w >> 1); i < 0 || g.words[i] != w {
			return false
		}
	}
	return f.n == g.n
}

// covers reports whether f touches and writes all that g does.
func (f *footprint) covers(g *footprint) bool {
	for _, w := range g.words[:g.n] {
		if i := f.slot(w >> 1); i < 0 || f.words[i]|w != f.words[i] {
			return f.all()
		}
	}
	return true
}

// join adds what g touches to f.
func (f *footprint) join(g *footprint) {
	for _, w := range g.words[:g.n] {
		switch i := f.slot(w >> 1); {
		case f.all():
			return
		case i >= 0:
			f.words[i] |= w & 1
		case f.n == maxWords || w>>1 == everything:
			*f = one(everything, true)
		default:
			f.words[f.n] = w
			f.n++
		}
	}
}

// meets reports whether steps of different actors with these footprints depend
// on each other: they share a word that one of them writes.
func (f *footprint) meets(g *footprint) bool {
	if f.n == 1 && g.n == 1 && f.words[0] > 1 && g.words[0] > 1 {
		return f.words[0]>>1 == g.words[0]>>1 && (f.words[0]|g.words[0])&1 != 0
	}
	if f.n == 0 || g.n == 0 {
		return false
	}
	if f.all() || g.all() {
		return true
	}
	for _, w := range f.words[:f.n] {
		for _, x := range g.words[:g.n] {
			if w>>1 == x>>1 && (w|x)&1 != 0 {
				return true
			}
		}
	}
	return false
}

// A dictionary numbers the words that steps touch, from 1. Words that overlap
// are one.
type dictionary struct {
	byOff []int32 // by offset in the state; 0: not yet numbered
	other map[uint32]int32
	n     int32
}

func (d *dictionary) id(off uint32, size uint8) int32 {
	if off < uint32(len(d.byOff)) && d.byOff[off] != 0 {
		return d.byOff[off]
	}
	return d.number(off, size)
}

func (d *dictionary) number(off uint32, size uint8) int32 {
	switch {
	case off == shmlab.Everything:
		return everything
	case off > shmlab.Everything:
		if d.other == nil {
			d.other = map[uint32]int32{}
		}
		if d.other[off] == 0 {
			d.n++
			d.other[off] = d.n
		}
		return d.other[off]
	}
	end := int(off) + int(size)
	if end > len(d.byOff) {
		d.byOff = append(d.byOff, make([]int32, end-len(d.byOff))...)
	}
	id := int32(0)
	for _, overlapping := range d.byOff[off:end] {
		id = max(id, overlapping)
	}
	if id == 0 {
		d.n++
		id = d.n
	}
	for i := int(off); i < end; i++ {
		d.byOff[i] = id
	}
	return id
}
