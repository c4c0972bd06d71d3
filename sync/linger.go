package shmsync

import "shmrace/shmlab"

// How long to look before a sleep. The pauses between looks become longer, so that
// the other is not disturbed. All looks last some microseconds; where each sleeps
// because it takes the other so long to wake up, that is not enough to find out of
// it, and now and then it pays to look for longer.
const (
	looks       = 128
	manyLooks   = 1024
	now         = 16  // of so many sleeps one begins with many looks
	longestRest = 400 // turns of an empty loop, some 80 ns
)

// slackest is the longest pause before the first look. If there is more than one
// value when one is found the other end is at work, too, and it pays to let it get
// ahead: two that follow each other closely take each cache line away from the
// other several times (FastForward, section 3.4).
const slackest = 4096

// sleepWhile waits until a word of the other end's is another, awake at first.
func (q *SPSC[T]) sleepWhile(p *shmlab.Proc, word *shmlab.Uint32, was uint32, end int) {
	if !p.Stepped() && q.linger(word, was, end) {
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
func (q *SPSC[T]) linger(word *shmlab.Uint32, was uint32, end int) (changed bool) {
	times := looks
	if q.slept[end].Peek()%now == 0 {
		times = manyLooks
	}
	rest(q.slack[end].Peek())
	for try := range uint32(times) {
		if word.Peek() != was {
			return true
		}
		rest(min(try, longestRest))
	}
	q.slept[end].Init(q.slept[end].Peek() + 1)
	return false
}

func rest(turns uint32) {
	for range turns {
	}
}

// learn is told whether there was more than one value after a wait.
func (q *SPSC[T]) learn(p *shmlab.Proc, end int, more bool) {
	if p.Stepped() {
		return
	}
	slack := q.slack[end].Peek()
	if next := min(slack+slackest/16, slackest); more && next != slack {
		q.slack[end].Init(next)
	} else if !more && slack != 0 {
		q.slack[end].Init(slack / 2)
	}
}
