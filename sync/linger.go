package shmsync

import "shmrace/shmlab"

// How long to look before a sleep. The pauses between looks become longer, so that
// the other is not disturbed. All looks last some microseconds; where each sleeps
// because it takes the other so long to wake up, that is not enough to find out of
// it, and now and then it pays to look for longer. Where both have one processor
// no look finds anything before the other has had it: it is given way to.
const (
	looks       = 128
	manyLooks   = 1024
	now         = 16  // of so many sleeps one begins with many looks
	longestRest = 400 // turns of an empty loop, some 80 ns
	wayEvery    = 32  // looks
)

// A patience is what one end knows of how the other comes along. Only that end
// looks at it, or who takes its place.
type patience struct {
	want  shmlab.Uint32 // how many values, or places, to wait for at once; 0, 1: for the next   hint
	slept shmlab.Uint32 // how often                                                             hint
	waits shmlab.Uint32 // how often it has waited for one                                       hint
}

func (q *SPSC[T]) patience(end int) *patience {
	if end == producer {
		return &q.full
	}
	return &q.empty
}

// sleepWhile waits until a word of the other end's is another, awake at first.
func (q *SPSC[T]) sleepWhile(p *shmlab.Proc, word *shmlab.Uint32, was uint32, end int) {
	if !p.Stepped() && q.linger(p, word, was, end) {
		return
	}
	q.waits[end].Store(p, 1)
	p.FenceAll() // before the look; pairs with what is between the store and the load at the other end
	for try := 0; word.Load(p) == was; try++ {
		// No wake is lost between the look and the sleep: the word changes before
		// the wake, and the nap returns at once.
		_ = word.Nap(p, was, 0, try)
	}
	q.waits[end].Store(p, 0)
}

// linger looks for a while whether a word has changed.
func (q *SPSC[T]) linger(p *shmlab.Proc, word *shmlab.Uint32, was uint32, end int) (changed bool) {
	times, slept := looks, &q.patience(end).slept
	if slept.Peek()%now == 0 {
		times = manyLooks
	}
	for try := range uint32(times) {
		if word.Peek() != was {
			return true
		}
		if try%wayEvery == wayEvery-1 {
			p.GiveWay()
		}
		rest(min(try, longestRest))
	}
	slept.Publish(slept.Peek() + 1)
	return false
}

func rest(turns uint32) {
	for range turns {
	}
}

// What a gathering may take: for each that is wanted some 50 ns, which is more than
// a stream takes, at most some microseconds in all; and now and then an end that
// finds one value a time tries for two.
const (
	restOfOne   = 250 // turns of an empty loop
	gatherLooks = 16
	wantMost    = 128
	tryEvery    = 32 // waits
)

// gather lets an end that had to wait, and need not any more, wait for more. Two
// ends that follow each other closely take each cache line away from the other
// several times; if there are many values, or places, at once each line changes
// hands once (FastForward, section 3.4). The wait is short: it ends when the other
// does not come along that quickly, and next time less is wanted.
func (q *SPSC[T]) gather(p *shmlab.Proc, end int, at uint32) {
	if p.Stepped() {
		return
	}
	know := q.patience(end)
	want := know.want.Peek()
	if want < 2 {
		waits := know.waits.Peek() + 1
		know.waits.Publish(waits)
		if want = 2; waits%tryEvery != 0 {
			return
		}
	}
	for range gatherLooks {
		if q.ready(end, at, want) {
			know.want.Publish(min(2*want, q.size()/2, wantMost))
			return
		}
		rest(want * restOfOne / gatherLooks)
	}
	know.want.Publish(want / 2)
}

// ready reports whether there are n values from number at on, or places.
func (q *SPSC[T]) ready(end int, at, n uint32) bool {
	if end == producer {
		return at+n-q.head.Peek() <= q.size()
	}
	return q.place(at+n-1).number.Peek() == at+n
}
