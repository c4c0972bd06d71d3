package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// elsewhere are families that no lab can have, by the demonstration of ipc that
// shows them. The state of a lab lies in the bench's own memory, whose size is
// sealed: that is the cure already. What it is like without one kills whoever
// touches the memory, and on coroutines that is the scheduler itself.
var elsewhere = map[string]string{"truncate": "size"}

// sealed says why there is no lab of such a family; nil if name is of none.
func sealed(name string) error {
	family, _, _ := strings.Cut(name, "/")
	if _, ok := elsewhere[family]; !ok {
		return nil
	}
	return usage("%s is no lab, their memory is sealed; expected \"demo %s\"", family, family)
}

// showElsewhere shows the demonstration of ipc with that name.
func showElsewhere(c *cobra.Command, name string, check, noPredict bool) error {
	if check {
		return usage("--check: nothing is drawn at random here, expected \"shmrace ipc %s\"", name)
	}
	s := &ipcShow{noPredict: noPredict}
	defer s.begin(c)()
	fmt.Fprintf(s.out, "This is \"shmrace ipc %s\".\n\n", name)
	return s.run(c, []string{name})
}
