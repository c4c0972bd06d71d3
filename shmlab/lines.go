package shmlab

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
)

// A place is a line of an actor's code.
type place struct{ at, code string }

// lines turns call stacks into the line of the actor's own code.
type lines struct {
	source fs.FS // nil: the files on disk
	files  map[string][]string
	places map[[stackDepth]uintptr]place // those found
}

// find returns the innermost line of stack that is not the kit's own.
func (l *lines) find(stack []uintptr) place {
	var key [stackDepth]uintptr
	copy(key[:], stack)
	p, known := l.places[key]
	if !known && len(stack) > 0 {
		p = l.look(stack)
		if l.places == nil {
			l.places = map[[stackDepth]uintptr]place{}
		}
		l.places[key] = p
	}
	return p
}

// look is find for a stack that was not met before.
func (l *lines) look(stack []uintptr) place {
	frames := runtime.CallersFrames(stack)
	for {
		f, more := frames.Next()
		if f.Line > 0 && !strings.HasPrefix(f.Function, "shmrace/shmlab.") && !strings.HasPrefix(f.Function, "shmrace/sync.") {
			base := filepath.Base(f.File)
			return place{fmt.Sprintf("%s:%d", base, f.Line), l.text(f.File, base, f.Line)}
		}
		if !more {
			return place{}
		}
	}
}

// text returns a line of a file without the space around it, or "".
func (l *lines) text(file, base string, line int) string {
	text, ok := l.files[file]
	if !ok {
		var b []byte
		if l.source != nil {
			b, _ = fs.ReadFile(l.source, base)
		} else {
			b, _ = os.ReadFile(file)
		}
		text = strings.Split(string(b), "\n")
		if l.files == nil {
			l.files = map[string][]string{}
		}
		l.files[file] = text
	}
	if line > len(text) {
		return ""
	}
	return strings.TrimSpace(text[line-1])
}

// lineBase is where the binary is in memory. Call stacks are passed between
// processes relative to it: the binary is the same, its place may differ.
var lineBase = reflect.ValueOf(monotonic).Pointer()
