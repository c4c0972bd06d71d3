package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"shmrace/property"
)

// A pager prints to a screen of 24 rows: before a person it waits when the
// screen is full.
type pager struct {
	out      io.Writer
	audience *reader // nil if nobody sits there
	rows     int     // printed since the last wait
	left     bool    // the person wants no more
}

// newPager returns a pager to out, before a person if there is one.
func newPager(out io.Writer) *pager {
	p := &pager{out: out}
	if interactive() {
		p.audience = newReader(out)
	}
	return p
}

// screenRows leaves one for the prompt.
const screenRows = 22

// line prints one line.
func (p *pager) line(format string, args ...any) {
	if p.audience != nil && p.rows == screenRows {
		p.page()
	}
	if !p.left {
		fmt.Fprintf(p.out, format+"\n", args...)
		p.rows++
	}
}

// text prints a paragraph behind a label.
func (p *pager) text(label, text string) {
	indent := strings.Repeat(" ", len(label))
	for line := range strings.Lines(property.Wrap(indent+text, indent)) {
		p.line("%s", label+strings.TrimRight(line[len(indent):], "\n"))
		label = indent
	}
}

// page waits until the person has read what is on the screen.
func (p *pager) page() {
	if p.audience != nil && p.rows > 0 && !p.left {
		p.left = p.left || !p.audience.wait("on", "quit")
	}
	p.rows = 0
}

// join is a list for people.
func join(words []string) string { return strings.Join(words, ", ") }

// waitFor waits for Enter, or until ctx is done.
func (r *reader) waitFor(ctx context.Context, what string) {
	fmt.Fprintf(r.out, "[Enter] %.70s ", what)
	pressed := make(chan struct{})
	go func() {
		r.line()
		close(pressed)
	}()
	select {
	case <-pressed:
	case <-ctx.Done():
		fmt.Fprintln(r.out)
	}
}
