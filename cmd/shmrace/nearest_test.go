package main

import (
	"slices"
	"testing"

	"shmrace/property/workload"
)

// Who mistypes a name is offered what was meant, who asks for a family its labs,
// and who asks for what nobody knows is told where all are.
func TestNoSuch(t *testing.T) {
	for name, want := range map[string]string{
		"counter/unlokced": `no lab "counter/unlokced"; nearest: counter/unlocked`,
		"ring/kti":         `no lab "ring/kti"; nearest: ring/spsc, ring/mpmc; shmrace list has all`,
		"conter/mutex":     `no lab "conter/mutex"; nearest: counter/mutex; shmrace list has all`,
		"fair":             `no lab "fair"; nearest: fair/ticket, fair/barging; shmrace list has all`,
		"":                 `no lab ""; shmrace list has all`,
		"zebra":            `no lab "zebra"; shmrace list has all`,
	} {
		if got := noSuch("lab", name, workload.Names(), "shmrace list").Error(); got != want {
			t.Errorf("%q, expected %q", got, want)
		}
	}
}

// A letter put in, left out or changed counts as one.
func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "ab", 2}, {"mutex", "mutex", 0}, {"mutx", "mutex", 1}, {"lsit", "list", 2}, {"kitten", "sitting", 3}} {
		if got := distance(c.a, c.b); got != c.want || distance(c.b, c.a) != c.want {
			t.Errorf("%s to %s: %d, expected %d", c.a, c.b, got, c.want)
		}
	}
	if !slices.Equal(nearest("lsit", []string{"list", "run"}), []string(nil)) {
		t.Error("what is half another word is not near")
	}
}
