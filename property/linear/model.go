package linear

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Model is what an object does when its operations come one after the other.
type Model struct {
	Name       string
	Operations string // what there is, for whoever called another: "push V, pop"
	start      string
	also       string // what may be returned where nothing is, besides "ok" and "true"
	// apply does o in a state: what the state is then, and what o returns. It
	// returns false for ok if o would have to wait. The error is of an operation
	// that the object does not have.
	apply func(state string, o *Operation) (next, result string, ok bool, err error)
	// part is the part of the object that o is about, if its parts have nothing to
	// do with each other; nil: it is all one.
	part func(o *Operation) string
}

// call is an operation's shape: its name and how many arguments it has.
func (o *Operation) call() string { return fmt.Sprintf("%s/%d", o.Words[0], len(o.Words)-1) }

// unknown is the error of an operation that no model of this name has.
func (m *Model) unknown(o *Operation) error {
	return fmt.Errorf("a %s has no operation %.40q: expected %s", m.Name, strings.Join(o.Words, " "), m.Operations)
}

// Counter counts from start. Each operation but get may return what it is then.
func Counter(start int64) Model {
	m := Model{Name: "counter", Operations: "inc, dec, add N, get", start: fmt.Sprint(start)}
	m.apply = func(state string, o *Operation) (string, string, bool, error) {
		n, _ := strconv.ParseInt(state, 10, 64)
		switch o.call() {
		case "get/0":
		case "inc/0":
			n++
		case "dec/0":
			n--
		case "add/1":
			by, err := strconv.ParseInt(o.Words[1], 10, 64)
			if err != nil {
				return "", "", false, m.unknown(o)
			}
			n += by
		default:
			return "", "", false, m.unknown(o)
		}
		next := fmt.Sprint(n)
		return next, next, true, nil
	}
	return m
}

// Register is one value, at first start. A swap returns the value before, a cas
// whether it took place.
func Register(start string) Model {
	m := Model{Name: "register", Operations: "read, write V, swap V, cas OLD NEW", start: start}
	m.apply = func(state string, o *Operation) (string, string, bool, error) {
		switch o.call() {
		case "read/0":
			return state, state, true, nil
		case "write/1":
			return o.Words[1], "", true, nil
		case "swap/1":
			return o.Words[1], state, true, nil
		case "cas/2":
			if state == o.Words[1] {
				return o.Words[2], "true", true, nil
			}
			return state, "false", true, nil
		}
		return "", "", false, m.unknown(o)
	}
	return m
}

// Queue is first in first out, at most capacity long; 0: without a limit. What
// does not wait returns "full" or "empty".
func Queue(capacity int) Model {
	return sequence("queue", [2]string{"enqueue", "dequeue"}, capacity, func(items []string) (string, []string) {
		return items[0], items[1:]
	})
}

// Stack is last in first out, otherwise as [Queue].
func Stack(capacity int) Model {
	return sequence("stack", [2]string{"push", "pop"}, capacity, func(items []string) (string, []string) {
		n := len(items) - 1
		return items[n], items[:n]
	})
}

func sequence(name string, does [2]string, capacity int, take func([]string) (string, []string)) Model {
	m := Model{Name: name, Operations: does[0] + " V, " + does[1], also: "full"}
	m.apply = func(state string, o *Operation) (string, string, bool, error) {
		items := strings.Fields(state)
		switch o.call() {
		case does[0] + "/1":
			if capacity > 0 && len(items) == capacity {
				return state, "full", o.Result == "full", nil // what was not told to be full would have waited
			}
			return strings.Join(append(items, o.Words[1]), " "), "", o.Result != "full", nil
		case does[1] + "/0":
			if len(items) == 0 {
				return state, "empty", o.Result == "empty", nil
			}
			item, rest := take(items)
			return strings.Join(rest, " "), item, true, nil
		}
		return "", "", false, m.unknown(o)
	}
	return m
}

// Lock is held by at most one actor, which alone can unlock it. A trylock
// returns whether it holds the lock. A lock that returns "owner died" is taken
// over from whoever had it.
func Lock() Model {
	m := Model{Name: "lock", Operations: "lock, trylock, unlock", also: "owner died"}
	m.apply = func(state string, o *Operation) (string, string, bool, error) {
		me := o.Actor.String()
		switch o.call() {
		case "lock/0":
			died := o.Result == "owner died"
			return me, "", died == (state != ""), nil
		case "trylock/0":
			if state != "" {
				return state, "false", true, nil
			}
			return me, "true", true, nil
		case "unlock/0":
			return "", "", state == me, nil
		}
		return "", "", false, m.unknown(o)
	}
	return m
}

// Map holds a value for each key; "none" is what get and delete return when
// there is none, otherwise the value. Each key is an object of its own.
func Map() Model {
	m := Model{Name: "map", Operations: "put K V, get K, delete K", start: "none"}
	m.apply = func(state string, o *Operation) (string, string, bool, error) {
		switch o.call() {
		case "put/2":
			return o.Words[2], "", true, nil
		case "get/1":
			return state, state, true, nil
		case "delete/1":
			return "none", state, true, nil
		}
		return "", "", false, m.unknown(o)
	}
	m.part = func(o *Operation) string { return slices.Concat(o.Words, []string{""})[1] }
	return m
}

// admits returns an error for an operation that the object does not have, or that
// returned what the model cannot judge: whatever is no success must not pass for one.
func (m *Model) admits(o *Operation) error {
	_, result, _, err := m.apply(m.start, o)
	if err == nil && result == "" && o.tells() && !slices.Contains([]string{"ok", "true", m.also}, o.Result) {
		or := ""
		if m.also != "" {
			or = fmt.Sprintf(" or %q", m.also)
		}
		return fmt.Errorf("a %s cannot judge %.60q: expected no result, \"ok\", true%s", m.Name, o.String(), or)
	}
	return err
}

// step is apply as the question whether o can happen in a state with the result
// that it gave. What is pending can always: whether it did anything nobody knows.
func (m *Model) step(state string, o *Operation) (possible bool, next string) {
	next, result, ok, _ := m.apply(state, o)
	switch {
	case o.Pending && !ok:
		return true, state
	case o.Pending:
		return true, next
	case !ok:
		return false, state
	}
	if o.tells() && result != "" && result != o.Result {
		return false, state
	}
	return true, next
}
