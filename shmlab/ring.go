package shmlab

import "shmrace/shmlab/trace"

// What orders accesses of different actors of a free run is not seen by anybody
// who could write it down in order. So there are tickets, from one counter: what
// lets others go on takes one before it happens, what goes on because of others
// takes one after. If a really came before b, and b could know of it, the ticket
// of a is the lower one: it was taken before a, and that of b after b. An order
// made of the tickets has each edge there was, and perhaps more: two accesses
// that it leaves unordered really were.

// begin writes down that p is about to do a k, which orders something.
func (r *roamer) begin(p *Proc, k trace.Kind, off uint32, size uint8) {
	if r.rules&records == 0 {
		return
	}
	e := r.next(p, k, off, size)
	if e.own = releases(k); e.own {
		r.now = r.journal.tickets.Add(1)
	}
	e.before, r.entry = r.now, e
	r.page.head.Add(1) // before it is done: others may see that it was before it ends
}

// end says that what was begun is done.
func (r *roamer) end(failed bool) {
	e := r.entry
	if e == nil {
		return
	}
	r.entry, e.failed = nil, failed
	if acquires(e.kind) {
		r.now = r.journal.tickets.Add(1)
		e.after = r.now
	}
}

// write writes down an access that orders nothing.
func (r *roamer) write(p *Proc, k trace.Kind, off uint32, size uint8) {
	r.next(p, k, off, size).before = r.now
	r.page.head.Add(1)
}

// next returns the place of the next entry, over the oldest if there is no other.
func (r *roamer) next(p *Proc, k trace.Kind, off uint32, size uint8) *entry {
	e := &r.page.ring[r.page.head.Load()%ringSize]
	*e = entry{kind: k, off: off, size: size}
	if r.rules&stacks != 0 {
		e.site = r.site(p)
	}
	return e
}

// waited writes down that p went on because g holds.
func (r *roamer) waited(p *Proc, g *Guard) {
	for _, c := range []*clause{&g.first, &g.or} {
		if c.test != nothing {
			r.begin(p, trace.Load, offset(c.addr, p.base), c.size)
			r.end(false)
		}
	}
}

// site returns the number of p's call stack.
func (r *roamer) site(p *Proc) uint32 {
	key := followTrail()
	n, known := r.sites[key]
	if known {
		return n
	}
	if n = uint32(r.page.sites.Load()); n == maxSites {
		return 0
	}
	p.capture()
	r.page.site[n] = [stackDepth]uint64{}
	for i, pc := range p.at.lines {
		r.page.site[n][i] = uint64(pc - lineBase)
	}
	r.page.sites.Store(uint64(n) + 1)
	if r.sites == nil {
		r.sites = map[trail]uint32{}
	}
	r.sites[key] = n + 1
	return n + 1
}

// releases reports whether others may go on because of a k.
func releases(k trace.Kind) bool {
	switch k {
	case trace.Store, trace.Add, trace.Swap, trace.CompareAndSwap, trace.Wake, trace.Unlock, trace.RUnlock,
		trace.Acquire, trace.Release, trace.ReadCheck, trace.Died:
		return true
	}
	return false
}

// acquires reports whether a k may go on because of others. Every lock's step
// has looked at the lock, also one that failed.
func acquires(k trace.Kind) bool {
	switch k {
	case trace.Load, trace.Add, trace.Swap, trace.CompareAndSwap, trace.Wait, trace.Lock, trace.TryLock, trace.RLock,
		trace.Acquire, trace.Release, trace.ReadBegin, trace.ReadCheck:
		return true
	}
	return false
}
