package linear_test

import (
	"testing"

	"shmrace/property/linear"
)

func TestParse(t *testing.T) {
	for text, name := range map[string]string{
		"counter": "counter", "register": "register", "lock": "lock", "map": "map",
		"queue": "queue", "queue 4": "queue", "stack": "stack", "stack 1": "stack",
	} {
		if m, err := linear.Parse(text); err != nil || m.Name != name {
			t.Errorf("%s: %q, %v", text, m.Name, err)
		}
	}
	for _, text := range []string{"", "heap", "queue 0", "queue x", "queue ", "counter 3", "Queue"} {
		if m, err := linear.Parse(text); err == nil {
			t.Errorf("%q is a %s", text, m.Name)
		}
	}
}
