package trace

import "fmt"

// MaxActors is the largest number of actors a run may have.
const MaxActors = 64

// lastActor has the last name there is.
const lastActor Actor = MaxActors - 1

// An Actor is the number of a participant, from 0. Its name in text is a
// letter, A to Z, then AA, AB and so on, as a spreadsheet names columns.
type Actor int

// String returns the actor's name, or "?" for a number below 0.
func (a Actor) String() string {
	if a < 0 {
		return "?"
	}
	if a >= 26 {
		return (a/26 - 1).String() + (a % 26).String()
	}
	return string(rune('A' + a))
}

// ParseActor is the inverse of [Actor.String] for the actors that a run may have.
func ParseActor(name string) (Actor, error) {
	a := 0
	for _, c := range []byte(name) {
		if c < 'A' || c > 'Z' {
			a = 0
			break
		}
		if a = a*26 + int(c-'A') + 1; a > MaxActors {
			break
		}
	}
	if a < 1 || a > MaxActors {
		return 0, fmt.Errorf("no actor is called %s: expected A to %v", excerpt(name), lastActor)
	}
	return Actor(a - 1), nil
}
