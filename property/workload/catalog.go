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

// Find returns the lab called name. The error says what there is.
func Find(name string) (shmlab.AnyLab, error) {
	var family []string
	wanted, _, _ := strings.Cut(name, "/")
	for _, l := range Catalog {
		d := l.Describe()
		if d.Name == name {
			return l, nil
		}
		if of, variant, _ := strings.Cut(d.Name, "/"); of == wanted {
			family = append(family, variant)
		}
	}
	if len(family) > 0 {
		return nil, fmt.Errorf("no lab is called %.40q: expected %s/ and one of %s", name, wanted, strings.Join(family, ", "))
	}
	return nil, fmt.Errorf("no lab is called %.40q: expected one of \"shmrace list\"", name)
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
