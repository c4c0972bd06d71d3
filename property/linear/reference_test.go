package linear_test

import (
	"fmt"
	"slices"

	"shmrace/property/linear"
)

// linearizable is the definition: some of the pending operations and all others,
// in some order that keeps to real time, give these results. Objects are Go
// values here, not text.
func linearizable(history []linear.Operation, object func() object) bool {
	var try func(done []int) bool
	try = func(done []int) bool {
		if !replays(history, done, object()) {
			return false
		}
		rest := 0
		for i := range history {
			if !slices.Contains(done, i) && !history[i].Pending {
				rest++
			}
		}
		if rest == 0 {
			return true
		}
		for i := range history {
			if !slices.Contains(done, i) && first(history, done, i) && try(append(slices.Clone(done), i)) {
				return true
			}
		}
		return false
	}
	return try(nil)
}

// first reports whether no operation that is not done was over before i began.
func first(history []linear.Operation, done []int, i int) bool {
	for j := range history {
		if j != i && !slices.Contains(done, j) && !history[j].Pending && history[j].Return < history[i].Call {
			return false
		}
	}
	return true
}

// replays does the operations one after the other.
func replays(history []linear.Operation, order []int, x object) bool {
	for _, i := range order {
		o := &history[i]
		result, ok := x.do(o)
		if !ok || !o.Pending && o.Result != "" && result != "" && result != o.Result {
			return false
		}
	}
	return true
}

// An object does operations; false if it would wait.
type object interface {
	do(o *linear.Operation) (result string, ok bool)
}

type number struct{ n int }

func (x *number) do(o *linear.Operation) (string, bool) {
	switch o.Words[0] {
	case "inc":
		x.n++
	case "dec":
		x.n--
	}
	return fmt.Sprint(x.n), true
}

type value struct{ v string }

func (x *value) do(o *linear.Operation) (string, bool) {
	before := x.v
	switch o.Words[0] {
	case "write":
		x.v = o.Words[1]
		return "", true
	case "swap":
		x.v = o.Words[1]
	case "cas":
		if before == o.Words[1] {
			x.v = o.Words[2]
		}
		return fmt.Sprint(before == o.Words[1]), true
	}
	return before, true
}

type list struct {
	items    []string
	lifo     bool
	capacity int
}

func (x *list) do(o *linear.Operation) (string, bool) {
	if len(o.Words) == 2 {
		if len(x.items) == x.capacity {
			return "full", o.Result == "full"
		}
		x.items = append(x.items, o.Words[1])
		return "", o.Result != "full"
	}
	if len(x.items) == 0 {
		return "empty", o.Result == "empty"
	}
	at := 0
	if x.lifo {
		at = len(x.items) - 1
	}
	item := x.items[at]
	x.items = slices.Delete(x.items, at, at+1)
	return item, true
}

type lock struct {
	held bool
	by   int
}

func (x *lock) do(o *linear.Operation) (string, bool) {
	free := !x.held
	switch o.Words[0] {
	case "unlock":
		if free || x.by != int(o.Actor) {
			return "", false
		}
		x.held = false
		return "", true
	case "lock":
		if free == (o.Result == "owner died") {
			return "", false
		}
	case "trylock":
		if !free {
			return "false", true
		}
	}
	x.held, x.by = true, int(o.Actor)
	if o.Words[0] == "lock" {
		return "", true
	}
	return "true", true
}

type table map[string]string

func (x table) do(o *linear.Operation) (string, bool) {
	before, ok := x[o.Words[1]]
	if !ok {
		before = "none"
	}
	switch o.Words[0] {
	case "put":
		x[o.Words[1]] = o.Words[2]
		return "", true
	case "delete":
		delete(x, o.Words[1])
	}
	return before, true
}
