package main

import (
	"errors"
	"strings"

	"golang.org/x/term"

	"shmrace/property"
)

// prefix is what a line on stderr begins with, and lineWidth how much of the
// screen is left for what is wrong.
const (
	prefix    = "shmrace: "
	lineWidth = screenWidth - len(prefix)
)

// errorLine is what is said on stderr of e. A wrong wish is one line that fits the
// screen: of a list that does not, its beginning. What else there is to say is
// said in full, and broken for a person.
func errorLine(e *exit, stderr int) string {
	text := strings.Join(strings.Fields(e.Error()), " ")
	var differs *property.Mismatch
	if e.status == statusUsage && !errors.As(e, &differs) {
		return prefix + shorten(text, lineWidth)
	}
	if term.IsTerminal(stderr) {
		return property.Wrap(prefix+text, "  ")
	}
	return prefix + text
}

// shorten leaves out the end of a text that is too long, from a word on.
func shorten(text string, width int) string {
	if see := strings.Index(text, " (see "); len(text) > width && see > 0 {
		text = text[:see]
	}
	if len(text) <= width {
		return text
	}
	const rest = " ..."
	end := width - len(rest)
	if space := strings.LastIndexByte(text[:end+1], ' '); space > width/2 {
		end = space
	}
	return strings.ToValidUTF8(text[:end], "") + rest
}
