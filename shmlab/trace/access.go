package trace

// An Access is a step as numbers: what a race detector needs of an [Event], for
// those who cannot wait until it is written down. The accesses of a run come in
// the order in which they took effect. Which of them order others:
//
//	releases                            acquires
//	Store Add Swap CompareAndSwap       Load Add Swap CompareAndSwap, a Wait that did not sleep
//	Unlock                              Lock TryLock RLock
//	RUnlock                             Lock TryLock
//	Acquire Release                     Acquire Release ReadBegin ReadCheck
//	ReadCheck that did not fail         Release
//	Wake                                whatever comes next of those it woke
//	Died                                Lock to ReadCheck, of what the actor had taken
//
// Who sees them from outside, in a run that nobody steps, tells an acquisition
// when it is over and a release before it begins: then every order there was is
// among those that are seen.
type Access struct {
	Woke    uint64 // of a Wake: the actors that it woke, as a set
	Actor   Actor
	Word    uint32 // offset of the word in the state; of a primitive, see [OfPrimitive]
	Kind    Kind   // a point; or Died, also for a kill; others are passed over
	Failed  bool   // it did not do what it is for: a try, a compare-and-swap, a Wait that did not sleep
	Private bool   // the word is a primitive's own
}

// OfPrimitive is set in the word of a step on a primitive, a lock or a queue:
// the rest is where it begins. Its own words lie behind, the first at the same
// offset.
const OfPrimitive uint32 = 1 << 31
