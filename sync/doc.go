// Package shmsync has locks and the like that work between processes. Each is a
// few words of shared memory whose zero value is ready, or made so by an Init
// before the actors start, and each operation is passed the actor that does it.
// There are no addresses in them: every process maps them where it likes.
//
// The folder is called sync and the package shmsync, so that no file can take
// the standard library's sync.Mutex for this one: that one compiles, vets clean
// and hangs.
//
// # Order
//
// All words are sequentially consistent, but for those that a light actor stores
// plainly in a Mutex, an RWMutex or an SPSC: there the one that waits, and comes by
// seldom, makes it so for both; see [shmlab.Proc.Light]. What was done before an Unlock, a
// Release, a Push, a Done, before an actor came to a barrier or returned from
// what a Once does, happens before what is done after the Lock, Acquire, Pop or
// Wait that it lets go on. What a dead actor did happens before what is done by
// whoever is told of its death. Within one process the race detector is told.
//
// # Death
//
// An actor may be killed at any instruction, also within a primitive.
//
//	Mutex                       a holder: all wait for ever; a waiter: nothing
//	RobustMutex                 the next gets it, and ErrOwnerDied
//	RWMutex                     a reader: struck out; a writer: ErrOwnerDied
//	Semaphore, Acquire          its permits go back, none twice
//	Semaphore, Wait and Post    a permit it took is gone with it
//	Cond                        a waiter: nothing; for the rest see its lock
//	Barrier, WaitGroup          ErrBroken
//	Once                        another begins again
//	SPSC, MPMC                  its value is there whole or not at all
//	SeqLock, SpinLock, TicketLock, MCSLock, Peterson, Dekker, Bakery
//	                            all wait for ever
//
// Of a holder of a RobustMutex the kernel tells at once. Of others it tells
// nobody: who waits looks again now and then, at the latest when it has waited
// twice as long as it had by the death. So is a wake found that went to somebody
// who was killed before it could pass it on, which is a hole in every lock that
// only counts on being woken.
//
// # Waiting
//
// Who waits sleeps, see futex(2), but for the spin locks, and an uncontended
// operation makes no system call. A deadline is absolute, never early and never
// begun again; a signal that is handled interrupts nobody. Who waits in vain
// leaves no trace. Misuse panics with a message that begins "shmsync:".
//
// # Cost
//
// An uncontended pair of a lock is two locked instructions, each of which waits for
// the loads and the stores before it. Of a light actor a pair of a Mutex is one,
// and reading under an RWMutex and an SPSC need none. The actors of a free run are
// light; others make themselves so with Lighten. Who finds a lock held looks again
// for some microseconds, with longer and longer pauses, and then sleeps; before it
// does it fences for all, which costs it up to 10 us. The figures beside the C
// library's are in the README; make bench measures them.
//
// In a stepped run each operation is one step, or, if it has to wait, a second
// one that can be taken when what it waits for has changed.
package shmsync
