package main

import (
	"fmt"
	"io"
	"os"

	"shmrace/property"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// A page is the file that a run's operations are drawn into; "" is none.
type page string

const pageUsage = "`file` for a page of operations (p.Op) and faults"

// check says why there can be no page of a lab, before anything is run.
func (p page) check(lab shmlab.AnyLab) error {
	if d := lab.Describe(); p != "" && d.Object == "" {
		return usage("--html: expected a lab that tells operations, as operations/queue")
	}
	return writable("html", string(p))
}

// write writes the page of t, and says so on out.
func (p page) write(out io.Writer, lab shmlab.AnyLab, t *trace.Trace) error {
	if p == "" {
		return nil
	}
	if t == nil {
		return fmt.Errorf("--html: no schedule came to an end, there is nothing to draw")
	}
	f, err := os.Create(string(p))
	if err != nil {
		return fmt.Errorf("--html: %w", err)
	}
	err = property.Page(f, lab, t)
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		fmt.Fprintf(out, "Page: %s\n", p)
	}
	return err
}
