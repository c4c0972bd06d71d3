package trace

import "fmt"

// A Kind says what an [Event] or a pending point is.
type Kind uint8

// The kinds, with their names in the text of a trace.
const (
	None           Kind = iota
	Start               // the actor starts
	Get                 // reads an ordinary variable
	Set                 // writes an ordinary variable
	Load                // atomic read
	Store               // atomic write
	Add                 // atomic read, add and write
	Swap                // atomic exchange
	CompareAndSwap      // atomic compare and exchange; a failed one only reads
	Wait                // futex wait
	Wake                // futex wake
	Lock                // acquires a lock, waiting while it is held
	TryLock             // acquires a lock or fails at once
	Unlock              // releases a lock
	RLock               // acquires a lock that others may hold as well
	RUnlock             // releases such a lock
	Acquire             // goes on once others have let it: a semaphore, a barrier, a queue
	Release             // lets others go on
	ReadBegin           // nobody writes what a sequence lock guards, and the actor begins to read it
	ReadCheck           // nobody has written it since; one that failed throws away what was read
	List                // changes the actor's own list of robust locks: no other actor sees it
	Yield               // lets another actor go first

	Label    // names a place in the code
	Call     // an operation is invoked
	Return   // an operation returns
	Failed   // an assertion of the actor did not hold
	Panic    // the actor's code panicked
	Died     // the actor's process ended before its code did
	Blocked  // the actor still waits at the end of the run
	Injected // a fault: the note says which
	Handle   // the actor's handler of a signal begins: the note says which
	Handled  // that handler returns
	Finish   // the actor's code returned
	kinds
)

// Spins is the note of a Blocked event whose actor does not wait at the word but
// reads it again and again. There is one for each word that it reads.
const Spins = "spins"

var kindNames = [kinds]string{
	"None", "Start", "Get", "Set", "Load", "Store", "Add", "Swap", "CompareAndSwap",
	"Wait", "Wake", "Lock", "TryLock", "Unlock", "RLock", "RUnlock", "Acquire", "Release",
	"ReadBegin", "ReadCheck", "List", "Yield",
	"Label", "Call", "Return", "Failed", "Panic", "Died", "Blocked", "Injected", "Handle", "Handled", "Finish",
}

// String returns the kind's name, as in the text of a trace.
func (k Kind) String() string {
	if k < kinds {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// Valid reports whether k is one of the kinds above, None excluded.
func (k Kind) Valid() bool { return k > None && k < kinds }

// Point reports whether a scheduler decides when a k happens. The other kinds
// are notes: they happen in the actor's code between two points.
func (k Kind) Point() bool { return k >= Start && k <= Yield }

// Access reports whether a k reads or writes a word of shared memory itself.
func (k Kind) Access() bool { return k >= Get && k <= CompareAndSwap }

// Plain reports whether k is an access that orders nothing: a data race needs one.
func (k Kind) Plain() bool { return k == Get || k == Set }

// Writes reports whether a k that succeeds changes its word.
func (k Kind) Writes() bool { return k == Set || k >= Store && k <= CompareAndSwap }

// ParseKind is the inverse of [Kind.String] for the valid kinds.
func ParseKind(name string) (Kind, error) {
	for k := Start; k < kinds; k++ {
		if kindNames[k] == name {
			return k, nil
		}
	}
	return None, fmt.Errorf("no event is called %s: expected a kind as Get, Lock or Finish", excerpt(name))
}
