package workload

import (
	"fmt"
	"strings"

	"shmrace/shmlab"
)

// A Demonstration shows a family: first what a student expects, then the wrong
// lab, which fails every time, then the right one.
type Demonstration struct {
	Wrong, Right shmlab.AnyLab
	Scene        string   // what the actors do, in a line or two
	Question     string   // what the student predicts
	Choices      []string // numbered from 1
	Answer       int      // what happens
}

// Family returns the family that is shown.
func (d *Demonstration) Family() string {
	family, _, _ := strings.Cut(d.Wrong.Describe().Name, "/")
	return family
}

// Demonstrations are all there are, in the order of the lecture.
var Demonstrations = []Demonstration{
	{
		Wrong: CounterUnlocked, Right: CounterMutex,
		Scene:    "Two processes share one variable, Count. It is 0. Each process runs Count++ once.",
		Question: "What can Count be when both have finished?",
		Choices:  []string{"2, always", "1 or 2", "0, 1 or 2", "anything"},
		Answer:   2,
	},
	{
		Wrong: TornUnlocked, Right: TornMutex,
		Scene:    "Two words belong together and are always equal: 0 and 0. One process writes 1 and 1. Another reads both.",
		Question: "What can the reader see?",
		Choices:  []string{"0 0 only", "0 0 or 1 1", "0 0, 1 1 or a mixture of both", "nothing, until the writer has finished"},
		Answer:   3,
	},
	{
		Wrong: TransferArgumentOrder, Right: TransferOrdered,
		Scene:    "Two accounts, a lock each. One process moves money from the first to the second, another from the second to the first. Each locks the account it takes from, then the other.",
		Question: "What can happen?",
		Choices:  []string{"the total stays the same, always", "money is lost", "both wait for ever", "one process waits a little longer"},
		Answer:   3,
	},
	{
		Wrong: StdMutexShared, Right: CounterMutex,
		Scene:    "Two processes count a shared variable up a million times each, under the standard library's sync.Mutex, which lies in the shared memory beside it.",
		Question: "What happens?",
		Choices:  []string{"Count is 2000000", "some increments are lost", "it does not compile", "a process sleeps for ever"},
		Answer:   4,
	},
}

// Demonstrate returns the demonstration of a family. The error says which there are.
func Demonstrate(family string) (*Demonstration, error) {
	var names []string
	for i := range Demonstrations {
		d := &Demonstrations[i]
		if d.Family() == family {
			return d, nil
		}
		names = append(names, d.Family())
	}
	return nil, fmt.Errorf("no demonstration is called %.40q: expected %s", family, strings.Join(names, ", "))
}
