package linear

import (
	"fmt"
	"strconv"
	"strings"
)

// The models of primitives, for whoever tells their operations.

// RWLock is held by one actor, or by any number of actors to read.
func RWLock() Model {
	m := Model{Name: "reader-writer lock", Operations: "lock, unlock, rlock, runlock"}
	m.apply = func(state string, o *Operation) (string, string, bool, error) {
		me, holders := o.Actor.String(), strings.Fields(state)
		writer := "!" + me
		switch o.call() {
		case "lock/0":
			return writer, "", state == "", nil
		case "unlock/0":
			return "", "", state == writer, nil
		case "rlock/0":
			return strings.Join(append(holders, me), " "), "", !strings.HasPrefix(state, "!"), nil
		case "runlock/0":
			for i, h := range holders {
				if h == me {
					return strings.Join(append(holders[:i], holders[i+1:]...), " "), "", true, nil
				}
			}
			return state, "", false, nil
		}
		return "", "", false, m.unknown(o)
	}
	return m
}

// Semaphore has n permits at first. A tryacquire returns whether it took one.
func Semaphore(n int) Model {
	m := Model{Name: "semaphore", Operations: "acquire, tryacquire, release", start: strconv.Itoa(n)}
	m.apply = func(state string, o *Operation) (string, string, bool, error) {
		n, _ := strconv.Atoi(state)
		switch o.call() {
		case "acquire/0":
			return strconv.Itoa(n - 1), "", n > 0, nil
		case "tryacquire/0":
			if n == 0 {
				return state, "false", true, nil
			}
			return strconv.Itoa(n - 1), "true", true, nil
		case "release/0":
			return strconv.Itoa(n + 1), "", true, nil
		}
		return "", "", false, m.unknown(o)
	}
	return m
}

// Group waits until n actors are done.
func Group(n int) Model {
	m := Model{Name: "wait group", Operations: "done, wait", start: strconv.Itoa(n)}
	m.apply = func(state string, o *Operation) (string, string, bool, error) {
		n, _ := strconv.Atoi(state)
		switch o.call() {
		case "done/0":
			return strconv.Itoa(n - 1), "", n > 0, nil
		case "wait/0":
			return state, "", n == 0, nil
		}
		return "", "", false, m.unknown(o)
	}
	return m
}

// Once is done by the first who comes: do returns whether that was oneself.
func Once() Model {
	m := Model{Name: "once", Operations: "do", start: "true"}
	m.apply = func(state string, o *Operation) (string, string, bool, error) {
		if o.call() != "do/0" {
			return "", "", false, m.unknown(o)
		}
		return "false", state, true, nil
	}
	return m
}

// Rounds is a barrier of n actors, A and those after it: who came for the k-th
// time leaves when all have come as often. To come and to leave are two operations.
func Rounds(n int) Model {
	m := Model{Name: "barrier", Operations: "come, leave", start: strings.TrimSpace(strings.Repeat("0 ", n))}
	m.apply = func(state string, o *Operation) (string, string, bool, error) {
		come := strings.Fields(state)
		if int(o.Actor) >= n {
			return "", "", false, fmt.Errorf("%v is none of the %d who come to the barrier", o.Actor, n)
		}
		mine, _ := strconv.Atoi(come[o.Actor])
		switch o.call() {
		case "come/0":
			come[o.Actor] = strconv.Itoa(mine + 1)
			return strings.Join(come, " "), "", true, nil
		case "leave/0":
			for _, text := range come {
				if other, _ := strconv.Atoi(text); other < mine {
					return state, "", false, nil
				}
			}
			return state, "", true, nil
		}
		return "", "", false, m.unknown(o)
	}
	return m
}
