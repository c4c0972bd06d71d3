package ipc

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// namePrefix begins the name of everything the kit makes that has one. The
// owner follows: its pid and start time, then a random part.
const namePrefix = "shmrace-"

// A private is what a run calls its own: a prefix of names and a directory.
// The zero private has neither yet.
type private struct {
	prefix string
	dir    string
}

// name returns a name that nobody else uses and that says who its owner is.
func (p *private) name(part string) string {
	if p.prefix == "" {
		pid := os.Getpid()
		p.prefix = fmt.Sprintf("%s%d-%s-%06x", namePrefix, pid, startTime(pid), rand.IntN(1<<24))
	}
	return p.prefix + "-" + part
}

// maxDirectory leaves room for a name within the 108 bytes of a socket's path.
const maxDirectory = 90

// path returns the path of a file in the run's own directory.
func (s *Stage) path(file string) string {
	p := &s.private
	if p.dir == "" {
		dir := filepath.Join(os.TempDir(), p.name("dir"))
		if len(dir) > maxDirectory {
			dir = filepath.Join("/tmp", p.name("dir"))
		}
		if err := os.Mkdir(dir, 0o700); err != nil {
			s.abort(fmt.Errorf("cannot make a private directory: %w", err))
		}
		p.dir = dir
	}
	return filepath.Join(p.dir, file)
}

// remove removes the directory, if there is one, and all in it.
func (p *private) remove() {
	if p.dir != "" {
		os.RemoveAll(p.dir)
	}
}

// ownerGone reports whether a name is one of the kit's and the process that
// made it has ended.
func ownerGone(name string) bool {
	rest, ok := strings.CutPrefix(name, namePrefix)
	if !ok {
		return false
	}
	fields := strings.SplitN(rest, "-", 3)
	if len(fields) < 3 {
		return false
	}
	pid, err := strconv.Atoi(fields[0])
	return err == nil && startTime(pid) != fields[1]
}
