// Command shmrace shows, finds, replays and measures races between processes
// that share memory.
package main

import (
	"errors"
	"fmt"
	"os"

	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/ipc"
)

func main() {
	ipc.Serve()
	shmlab.Serve(workload.Catalog...)
	os.Exit(execute(os.Args[1:]))
}

// execute runs the command and returns its exit status. An error is a line on
// stderr.
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
		fmt.Fprintln(os.Stderr, errorLine(e, int(os.Stderr.Fd())))
	}
	return e.status
}
