package shmsync

import (
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A SeqLock guards what is read far more often than written: who reads writes
// nothing, and reads again if somebody wrote meanwhile (Boehm, "Can seqlocks get
// along with programming language memory models?", 2012). Its zero value is
// ready. What it guards is read in several words, as a shmlab.Record is, and must
// be made sense of only when Read has returned. A writer that is killed leaves
// the readers waiting: it claims to survive nothing.
type SeqLock struct {
	seq     shmlab.Uint32 // odd while somebody writes   invariant
	writers Mutex
}

// Lock keeps other writers out and sends readers back.
func (l *SeqLock) Lock(p *shmlab.Proc) {
	l.writers.Lock(p)
	p.Enter(trace.Release, l.seq.Is(0).Word())
	l.seq.Add(p, 1) // before what is written; pairs with the second load in Read
	p.Leave(true)
}

// Unlock lets readers in again.
func (l *SeqLock) Unlock(p *shmlab.Proc) {
	p.Enter(trace.Release, l.seq.Is(0).Word())
	l.seq.Add(p, 1) // after what is written; pairs with the first load in Read
	p.Leave(true)
	l.writers.Unlock(p)
}

// Read calls f, which copies out what l guards, until nobody wrote meanwhile.
func (l *SeqLock) Read(p *shmlab.Proc, f func()) {
	for {
		before := l.begin(p)
		f()
		p.Enter(trace.ReadCheck, l.seq.Is(0).Word())
		after := l.seq.Load(p) // pairs with the addition in Lock
		p.Leave(after == before)
		if after == before {
			return
		}
	}
}

// begin waits until nobody writes.
func (l *SeqLock) begin(p *shmlab.Proc) uint32 {
	p.Enter(trace.ReadBegin, l.seq.Low(1, 0))
	seq := l.seq.Load(p) // pairs with the addition in Unlock
	for seq&1 != 0 {
		p.Await(l.seq.Low(1, 0))
		seq = l.seq.Load(p)
	}
	p.Leave(true)
	return seq
}
