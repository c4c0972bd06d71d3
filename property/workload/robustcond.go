package workload

import (
	"errors"

	"shmrace/shmlab"
	shmsync "shmrace/sync"
)

// RobustConds are labs of a condition variable with a lock whose holder may be
// killed: the last actor takes, the others put.
var RobustConds = []shmlab.AnyLab{RobustCondInconsistent, RobustCondSignalsFirst, RobustCondKit}

// A Mail is a box under a lock that tells of its holder's death.
type Mail struct {
	Mu      shmsync.RobustMutex
	Changed shmsync.Cond
	Items   shmlab.Var[int64]
}

var errLockLost = errors.New("nobody can lock any more")

// mend takes a lock over from the dead. One number is never half changed: there
// is nothing to repair.
func (s *Mail) mend(p *shmlab.Proc, err error) {
	p.Assert(err != shmsync.ErrNotRecoverable, "%v: %v", errLockLost, err)
	if err == shmsync.ErrOwnerDied {
		s.Mu.Consistent(p)
	}
}

// goOn is mend without Consistent.
func (s *Mail) goOn(p *shmlab.Proc, err error) {
	p.Assert(err != shmsync.ErrNotRecoverable, "%v: %v", errLockLost, err)
}

func (s *Mail) add(p *shmlab.Proc, n int64) {
	items := s.Items.Get(p)
	s.Items.Set(p, items+n)
}

// mail is a lab in which one takes as many as each of the others puts. Of these
// there are two at least, so that there is enough when one of them is killed: a
// condition variable tells nobody that nobody is left to signal.
func mail(variant, doc, why string, ops int, take, put func(p *shmlab.Proc, s *Mail)) shmlab.Lab[Mail] {
	return shmlab.Lab[Mail]{
		Name: "robustcond/" + variant, Doc: doc, Why: why, Source: source,
		Size: shmlab.Size{Actors: 3, Ops: ops},
		Actors: func(size shmlab.Size) []shmlab.Actor[Mail] {
			actors := repeat("puts", put)(shmlab.Size{Actors: max(size.Actors-1, 2), Ops: size.Ops})
			return append(actors, repeat("takes", take)(shmlab.Size{Actors: 1, Ops: size.Ops})...)
		},
		Always: func(s *Mail) error {
			if s.Items.Peek() < 0 {
				return errNothingThere
			}
			return nil
		},
	}
}

// RobustCondInconsistent leaves the lock as the dead have left it.
var RobustCondInconsistent = mortally(mail("inconsistent", "locks after a death, and does not call Consistent",
	"ErrOwnerDied says that what the lock guards may be half changed. Who unlocks without Consistent says that it is past repair, and nobody gets the lock any more. Cure: Consistent, after Lock and after Wait.", 1,
	func(p *shmlab.Proc, s *Mail) {
		s.goOn(p, s.Mu.Lock(p))
		for s.Items.Get(p) == 0 {
			s.goOn(p, s.Changed.WaitRobust(p, &s.Mu))
		}
		s.add(p, -1)
		s.Mu.Unlock(p)
	},
	func(p *shmlab.Proc, s *Mail) {
		s.goOn(p, s.Mu.Lock(p))
		s.add(p, 1)
		s.Mu.Unlock(p)
		s.Changed.Signal(p)
	}))

// RobustCondSignalsFirst tells of a change that is not there yet.
var RobustCondSignalsFirst = mail("signals-first", "signals, then changes what is waited for",
	"Who is woken finds nothing changed and waits again, and then the change comes without a signal. Cure: first the change, then the signal.", 1,
	takeMail,
	func(p *shmlab.Proc, s *Mail) {
		s.Changed.Signal(p)
		s.mend(p, s.Mu.Lock(p))
		s.add(p, 1)
		s.Mu.Unlock(p)
	})

// RobustCondKit is the kit's, used as it is meant.
var RobustCondKit = mortally(mail("kit", "waits in a loop, and takes the lock over from the dead", "", 1, takeMail, putMail))

func takeMail(p *shmlab.Proc, s *Mail) {
	s.mend(p, s.Mu.Lock(p))
	for s.Items.Get(p) == 0 {
		s.mend(p, s.Changed.WaitRobust(p, &s.Mu))
	}
	s.add(p, -1)
	s.Mu.Unlock(p)
}

func putMail(p *shmlab.Proc, s *Mail) {
	s.mend(p, s.Mu.Lock(p))
	s.add(p, 1)
	s.Mu.Unlock(p)
	s.Changed.Signal(p)
}

// RobustCondTakers has a signal for each taker; if one of them dies, the other must
// not miss its own. It is not in the catalog: if who signals dies, all wait.
var RobustCondTakers = shmlab.Lab[Mail]{
	Name: "robustcond/takers", Doc: "the first two wait, the last signals", Source: source, Mortal: true,
	Size: shmlab.Size{Actors: 3, Ops: 1},
	Actors: func(size shmlab.Size) []shmlab.Actor[Mail] {
		takers := shmlab.Each(max(size.Actors-1, 0), "takes", takeMail)
		return append(takers, shmlab.Each(1, "puts", func(p *shmlab.Proc, s *Mail) {
			for range size.Actors - 1 {
				putMail(p, s)
			}
		})...)
	},
}
