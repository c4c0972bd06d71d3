package workload

import (
	"fmt"
	"strings"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A Demonstration shows a family: first what a student expects, then the wrong
// lab, which fails every time, then the right one.
type Demonstration struct {
	Wrong, Right shmlab.AnyLab
	Title        string   // what it is about, in a line
	Scene        string   // what the actors do, in a line or two
	Question     string   // what the student predicts
	Choices      []string // numbered from 1
	Answer       int      // what happens
	Blows        []Blow   // what is done to the wrong lab, in one run each; nil: a search shows it
	Windows      bool     // the first actor is also killed at each of its steps, as a table
}

// A Blow is one fault at one place, as inject.Scene.
type Blow struct {
	Actor  trace.Actor
	Fault  trace.Fault
	Before int // steps that the actor takes before
	Others int // most steps that each other takes before
	Then   int // steps of the actor that come right after it
	Pause  int // steps of the others, after which a stopped actor goes on; 0: when nobody else can
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
		Title:    "two processes run Count++ on one variable",
		Scene:    "Two processes share one variable, Count. It is 0. Each process runs Count++ once.",
		Question: "What can Count be when both have finished?",
		Choices:  []string{"2, always", "1 or 2", "0, 1 or 2", "anything"},
		Answer:   2,
	},
	{
		Wrong: TornStopped, Right: TornTwoCopies,
		Title:    "a writer is stopped or killed between two words",
		Scene:    "Two words belong together and are always equal: 0 and 0. A writes 1 and 1, and gets a SIGSTOP between the two. B reads, A gets a SIGCONT and goes on, and B reads again. Then all that once more, but with a SIGKILL.",
		Question: "What does B see?",
		Choices: []string{"0 0 or 1 1 only: no signal comes between the two stores", "half and half, but only while A is stopped",
			"half and half while A is stopped, and for ever if it is killed", "nothing: B waits until A has finished"},
		Answer: 3,
		Blows:  []Blow{{Fault: trace.Stop, Before: 1, Pause: 2}, {Fault: trace.Kill, Before: 1}},
	},
	{
		Wrong: TransferArgumentOrder, Right: TransferOrdered,
		Title:    "two accounts, two locks, and two who want both",
		Scene:    "Two accounts, a lock each. One process moves money from the first to the second, another from the second to the first. Each locks the account it takes from, then the other.",
		Question: "What is the worst that can happen?",
		Choices:  []string{"nothing: one waits a little longer", "money is lost", "both wait for ever", "one waits for ever, the other goes on"},
		Answer:   3,
	},
	{
		Wrong: PhilosophersLeftFirst, Right: PhilosophersOrdered,
		Title:    "a circle of who waits for whom",
		Scene:    "Philosophers around a table, a fork between any two neighbours. Each takes the fork on its left, then the one on its right, eats, and lays both back.",
		Question: "Nobody is in a hurry. What is the worst that can happen?",
		Choices:  []string{"one eats a little later", "two use one fork at once", "nobody ever eats", "one never eats, the others do"},
		Answer:   3,
	},
	{
		Wrong: PoliteAfterYou, Right: PoliteOneStays,
		Title:    "two who are busy for ever, and nobody is blocked",
		Scene:    "A corridor is wide enough for one. Who wants through says so, and looks again and again until nobody else is in it. Two come.",
		Question: "What is the worst that can happen?",
		Choices:  []string{"one waits a little longer", "both are in it at once", "both look for ever", "both sleep for ever"},
		Answer:   3,
	},
	{
		Wrong: LastWordsPlain, Right: LastWordsKit,
		Title:    "killed with a lock in its hand",
		Scene:    "Two processes take a lock, change two numbers that are always equal, and unlock. A gets a SIGKILL as soon as it has the lock.",
		Question: "What happens to B, which locks next?",
		Choices:  []string{"the kernel frees the lock, B goes on", "B waits until the system is started again", "B gets the lock and is told that A died", "B gets a SIGKILL as well"},
		Answer:   2,
		Blows:    []Blow{{Fault: trace.Kill, Before: 1}},
		Windows:  true,
	},
	{
		Wrong: HandlerLocks, Right: HandlerFlag,
		Title:    "a signal handler that takes the lock its process holds",
		Scene:    "One process, one lock. It counts Count up under the lock. Its handler for SIGUSR1 does the same. A signal comes while the process holds the lock.",
		Question: "What happens?",
		Choices:  []string{"the handler waits until the process unlocks, then counts", "the process waits for itself for ever", "the handler gets the lock: it is the same process", "the signal comes after the unlock"},
		Answer:   2,
		Blows:    []Blow{{Fault: trace.Usr1, Before: 1, Then: 9}},
	},
	{
		Wrong: EINTRSuccess, Right: EINTRLoops,
		Title:    "a signal ends a wait before there is what it was for",
		Scene:    "A sleeps in futex_wait until B has put a value there and opened a gate. A signal comes to A meanwhile; A has a handler for it, which does nothing.",
		Question: "What does futex_wait do in A, when the handler has returned?",
		Choices:  []string{"it goes on sleeping", "it returns, and says that it was interrupted", "it returns as if the gate were open", "A is ended by the signal"},
		Answer:   2,
		Blows:    []Blow{{Fault: trace.EINTR, Before: 2, Then: 1}},
	},
	{
		Wrong: SpuriousIf, Right: SpuriousWhile,
		Title:    "a wait that ends for no reason",
		Scene:    "if (gate is shut) wait; use the value. A sleeps until B has put the value there and opened the gate. Nobody sends a signal, and nobody else is there.",
		Question: "Can A find the gate shut when its wait is over?",
		Choices:  []string{"no: somebody must have opened it", "yes: a wait may end for no reason", "only if there are two who wait"},
		Answer:   2,
		Blows:    []Blow{{Fault: trace.Spurious, Before: 2, Then: 1}},
	},
	{
		Wrong: StdMutexShared, Right: CounterMutex,
		Title:    "Go's own sync.Mutex between processes",
		Scene:    "Two processes count a shared variable up a million times each, under the standard library's sync.Mutex, which lies in the shared memory beside it.",
		Question: "What happens?",
		Choices:  []string{"Count is 2000000", "some increments are lost", "it does not compile", "a process sleeps for ever"},
		Answer:   4,
	},
}

// Shown returns the families that have a demonstration, in the order of the lecture.
func Shown() (families []string) {
	for i := range Demonstrations {
		families = append(families, Demonstrations[i].Family())
	}
	return families
}

// Demonstrate returns the demonstration of a family. The error says which there are.
func Demonstrate(family string) (*Demonstration, error) {
	for i := range Demonstrations {
		if d := &Demonstrations[i]; d.Family() == family {
			return d, nil
		}
	}
	return nil, fmt.Errorf("no demonstration is called %.40q: expected %s", family, strings.Join(Shown(), ", "))
}
