package workload

import (
	"fmt"
	"slices"
	"strings"

	"shmrace/shmlab"
)

// Catalog is every lab there is, families together, wrong before right.
var Catalog = slices.Concat(
	[]shmlab.AnyLab{
		CounterUnlocked, CounterLoadStore, CounterHalfLocked, CounterTwoLocks, CounterMutex, CounterAtomic,
	},
	Torn,
	[]shmlab.AnyLab{TransferUnlocked, TransferArgumentOrder, TransferOneLock, TransferOrdered},
	Philosophers, Polite,
	[]shmlab.AnyLab{LitmusSB, LitmusMP},
	Mutexes, Software, Fair, Conditions, Semaphores, RWLocks, Together, Operations, SeqLocks,
	Handlers, Interrupted, SpuriousWakes, Timeouts,
	Barriers, Rings, Robust, RobustConds, LastWords, Poisoned,
	[]shmlab.AnyLab{StdMutexShared},
)

// Find returns the lab called name.
func Find(name string) (shmlab.AnyLab, error) {
	for _, l := range Catalog {
		if l.Describe().Name == name {
			return l, nil
		}
	}
	return nil, fmt.Errorf("no lab is called %.40q: expected one of \"shmrace list\"", name)
}

// Names returns the names of the labs, in order.
func Names() []string {
	var names []string
	for _, l := range Catalog {
		names = append(names, l.Describe().Name)
	}
	return names
}

// Families returns the names of the families, in order.
func Families() []string {
	var names []string
	for _, l := range Catalog {
		if family, _, _ := strings.Cut(l.Describe().Name, "/"); !slices.Contains(names, family) {
			names = append(names, family)
		}
	}
	return names
}
