// Command shmrace shows, finds, replays and measures races between processes
// that share memory.
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"shmrace/property"
	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/ipc"
)

func main() {
	ipc.Serve()
	shmlab.Serve(workload.Catalog...)
	os.Exit(execute(os.Args[1:]))
}

// execute runs the command and returns its exit status. An error is one line on
// stderr, which is broken for a person's screen.
func execute(args []string) int {
	root := rootCommand()
	root.SetArgs(args)
	out := &output{}
	root.SetOut(out)
	err := root.Execute()
	if lost := out.lost(); lost != nil {
		err = lost
	}
	if err == nil {
		return statusHolds
	}
	e := &exit{statusUsage, err}
	errors.As(err, &e)
	if e.Error() != "" {
		line := "shmrace: " + strings.Join(strings.Fields(e.Error()), " ")
		if term.IsTerminal(int(os.Stderr.Fd())) {
			line = property.Wrap(line, "  ")
		}
		fmt.Fprintln(os.Stderr, line)
	}
	return e.status
}
