package workload

import (
	"fmt"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
	shmsync "shmrace/sync"
)

// Handlers are labs of signal handlers: they run between two steps of the very
// actor that they interrupt, so that one is enough. What is wrong shows only with
// the signal.
var Handlers = []shmlab.AnyLab{
	HandlerLocks, HandlerCounts, HandlerClearsLate, HandlerFlag, HandlerAtomic, HandlerOff,
}

var (
	usr1  = []trace.Fault{trace.Usr1}
	winch = []trace.Fault{trace.Winch}
)

// A Receiver is what an actor counts, and its handler for each signal.
type Receiver struct {
	Mu     shmsync.Mutex
	Count  shmlab.Var[int64]
	Atomic shmlab.Int64      // counts with Count
	Due    shmlab.Int64      // signals that the handler has only noted
	Came   shmlab.Var[int64] // signals that were handled; nobody but the handler writes it
}

const mostReceivers = 8

// Receivers are a count for each actor.
type Receivers struct {
	Of     [mostReceivers]Receiver
	Actors int
	Ops    int64
}

// handler is a lab whose actors count while handle is what they do when sig comes.
func handler(variant, doc, why string, sig []trace.Fault, count, handle func(p *shmlab.Proc, t *Receiver)) shmlab.Lab[Receivers] {
	return shmlab.Lab[Receivers]{
		Name: "handler/" + variant, Doc: doc, Why: why, Source: source, Faults: sig,
		Size:  shmlab.Size{Actors: 1, Ops: 1},
		Setup: func(s *Receivers, size shmlab.Size) { s.Actors, s.Ops = size.Actors, int64(size.Ops) },
		Actors: func(size shmlab.Size) []shmlab.Actor[Receivers] {
			return shmlab.Each(min(size.Actors, mostReceivers), "counts", func(p *shmlab.Proc, s *Receivers) {
				t := &s.Of[p.Index()]
				p.Handle(sig[0], func() { t.handle(p, handle) })
				for range size.Ops {
					count(p, t)
				}
			})
		},
		Final: func(s *Receivers) error {
			for i := range s.Actors {
				t := &s.Of[i]
				got, want := t.Count.Peek()+t.Atomic.Peek()+t.Due.Peek(), s.Ops+t.Came.Peek()
				if got != want {
					return fmt.Errorf("%d is counted, expected %d: %d by the actor and %d by its handler", got, want, s.Ops, t.Came.Peek())
				}
			}
			return nil
		},
	}
}

// handle notes that a signal came, and does what is to be done.
func (t *Receiver) handle(p *shmlab.Proc, f func(p *shmlab.Proc, t *Receiver)) {
	f(p, t)
	n := t.Came.Get(p)
	t.Came.Set(p, n+1)
}

func countLocked(p *shmlab.Proc, t *Receiver) {
	t.Mu.Lock(p)
	countPlain(p, t)
	t.Mu.Unlock(p)
}

func countPlain(p *shmlab.Proc, t *Receiver) {
	n := t.Count.Get(p)
	t.Count.Set(p, n+1)
}

func noteOnly(p *shmlab.Proc, t *Receiver) {
	t.Due.Add(p, 1)
}

// HandlerLocks takes in the handler the lock that is held around it.
var HandlerLocks = handler("locks", "the handler takes the lock that the actor may hold",
	"The handler waits for a lock that nobody but the interrupted actor can unlock, and that one waits for the handler. Cure: a handler takes no lock; it notes the signal, and the actor sees to it later.", usr1,
	countLocked, countLocked)

// HandlerCounts changes in the handler what is being changed around it.
var HandlerCounts = handler("counts", "the handler counts up what the actor counts up",
	"Count++ is a read and a write, and the handler comes in between: what it wrote is overwritten. One actor is enough, and a lock is no cure. Cure: an atomic addition, or a note for the actor.", usr1,
	countPlain, countPlain)

// HandlerClearsLate looks and clears in two steps.
var HandlerClearsLate = handler("clears-late", "the handler notes the signal; the actor looks, then clears the note",
	"A signal between the look and the clearing is cleared unseen. Cure: both in one step, by an exchange.", usr1,
	func(p *shmlab.Proc, t *Receiver) {
		countPlain(p, t)
		due := t.Due.Load(p)
		t.Due.Store(p, 0)
		t.see(p, due)
	},
	noteOnly)

// HandlerFlag leaves all but a note to the actor.
var HandlerFlag = handler("flag", "the handler notes the signal; the actor takes the note", "", usr1,
	func(p *shmlab.Proc, t *Receiver) {
		countPlain(p, t)
		due := t.Due.Swap(p, 0)
		t.see(p, due)
	},
	noteOnly)

// see counts for the handler what it has noted.
func (t *Receiver) see(p *shmlab.Proc, due int64) {
	n := t.Count.Get(p)
	t.Count.Set(p, n+due)
}

// HandlerAtomic counts in one step.
var HandlerAtomic = handler("atomic", "the handler counts up what the actor counts up, atomically", "", usr1,
	countAtomic, countAtomic)

func countAtomic(p *shmlab.Proc, t *Receiver) {
	t.Atomic.Add(p, 1)
}

// HandlerOff has no handler while it holds the lock. For a signal whose default
// action is to do nothing, that is to lose it; sigprocmask(2) would put it off.
var HandlerOff = handler("off-meanwhile", "the handler takes the lock, and is off while the actor holds it", "", winch,
	func(p *shmlab.Proc, t *Receiver) {
		p.Handle(trace.Winch, nil)
		countLocked(p, t)
		p.Handle(trace.Winch, func() { t.handle(p, countLocked) })
	},
	countLocked)
