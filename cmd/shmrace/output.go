package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// An output is stdout, which remembers what went wrong: nothing is lost unsaid.
type output struct{ err error }

func (o *output) Write(text []byte) (int, error) {
	n, err := os.Stdout.Write(text)
	if o.err == nil {
		o.err = err
	}
	return n, err
}

// lost says that not all was written, and why.
func (o *output) lost() error {
	var path *fs.PathError
	if errors.As(o.err, &path) {
		return undecided(fmt.Errorf("cannot write all of the output: %w", path.Err))
	}
	return o.err
}
