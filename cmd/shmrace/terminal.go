package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/fatih/color"
	"golang.org/x/term"
)

// interactive reports whether a person sits in front of both ends.
func interactive() bool {
	return term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stdout.Fd()))
}

// paint makes the verdicts in text stand out, on a terminal. They are words
// first: nothing is said by colour alone, and NO_COLOR is respected.
func paint(text string) string {
	bad, good := color.New(color.Bold, color.FgRed), color.New(color.Bold, color.FgGreen)
	for _, word := range []string{"VIOLATED", "DEADLOCK", "LIVELOCK", "STUCK", "TAMPERED"} {
		text = strings.ReplaceAll(text, word, bad.Sprint(word))
	}
	return strings.ReplaceAll(text, "HOLDS", good.Sprint("HOLDS"))
}

// A meter is a line on stderr that says how far a long command is.
type meter struct {
	out   io.Writer // nil if nobody looks
	shown bool
}

func newMeter() *meter {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		return &meter{}
	}
	return &meter{out: os.Stderr}
}

func (m *meter) show(text string) {
	if m.out != nil {
		fmt.Fprintf(m.out, "\r\033[K%.79s", text)
		m.shown = true
	}
}

func (m *meter) clear() {
	if m.shown {
		fmt.Fprint(m.out, "\r\033[K")
		m.shown = false
	}
}

// A reader asks the person in front of the terminal.
type reader struct {
	in   *bufio.Reader
	out  io.Writer
	gone bool // there was an end of input, and a terminal would wait for another
}

func newReader(out io.Writer) *reader { return &reader{in: bufio.NewReader(os.Stdin), out: out} }

// line returns what is typed; false if nobody is there any more.
func (r *reader) line() (string, bool) {
	if r.gone {
		return "", false
	}
	line, err := r.in.ReadString('\n')
	if err != nil {
		r.gone = true
		fmt.Fprintln(r.out)
	}
	return strings.TrimSpace(line), !r.gone
}

// leaves is the answer of who has had enough.
const leaves = -1

// choose asks for one of n numbered answers and returns it, from 1; 0 if there
// will be no answer.
func (r *reader) choose(n int) int {
	for {
		fmt.Fprintf(r.out, "Your prediction (1-%d, q: quit): ", n)
		line, ok := r.line()
		if answer, err := strconv.Atoi(line); err == nil && answer >= 1 && answer <= n {
			return answer
		}
		if ok && line == "q" {
			return leaves
		}
		if !ok {
			return 0
		}
	}
}

// wait waits for Enter; false if the person wants otherwise, or is not there.
func (r *reader) wait(what, otherwise string) bool {
	fmt.Fprintf(r.out, "[Enter: %s, q: %s] ", what, otherwise)
	line, ok := r.line()
	return ok && line != "q"
}
