package ipc

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// A Leftover is something that a run of the kit made and did not remove: it was
// killed. Its owner is gone.
type Leftover struct {
	Kind string `json:"kind"` // "shared memory", "POSIX queue", "System V queue", "directory"
	Name string `json:"name"`

	remove func() error
}

// Remove removes it. It is no error if it is gone already.
func (l Leftover) Remove() error {
	if err := l.remove(); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot remove the %s %s: %w", l.Kind, l.Name, err)
	}
	return nil
}

// Leftovers finds what runs of the kit left whose process is gone. What belongs
// to a process that lives is not among them. The notes say what could not be
// looked at.
func Leftovers() (found []Leftover, notes []string) {
	found = named("shared memory", sharedMemoryDirectory)
	queues, note := posixLeftovers()
	found = append(found, queues...)
	if note != "" {
		notes = append(notes, note)
	}
	queues, err := sysvLeftovers()
	found = append(found, queues...)
	if err != nil {
		notes = append(notes, fmt.Sprintf("System V queues cannot be listed: %v", err))
	}
	for _, dir := range directories() {
		found = append(found, named("directory", dir)...)
	}
	return found, notes
}

// directories are where a run's private directory may be.
func directories() []string {
	dirs := []string{os.TempDir(), "/tmp"}
	return slices.Compact(dirs)
}

// named finds files in a directory whose names say that their owner is gone.
func named(kind, dir string) (found []Leftover) {
	paths, _ := filepath.Glob(filepath.Join(dir, namePrefix+"*"))
	for _, path := range paths {
		if ownerGone(filepath.Base(path)) {
			found = append(found, Leftover{kind, path, func() error { return os.RemoveAll(path) }})
		}
	}
	return found
}

// posixLeftovers finds queues in the mounted mqueue file system. Without one it
// goes by the private directories: a run that makes a queue has one, and its
// name tells what the queues are called.
func posixLeftovers() (found []Leftover, note string) {
	if dir := queueDirectory(); dir != "" {
		for _, l := range named("POSIX queue", dir) {
			name := filepath.Base(l.Name)
			found = append(found, Leftover{l.Kind, name, func() error { return UnlinkPosixQueue(name) }})
		}
		return found, ""
	}
	for _, dir := range directories() {
		for _, l := range named("directory", dir) {
			prefix := strings.TrimSuffix(filepath.Base(l.Name), "dir")
			for n := range queuesOfRun {
				name := fmt.Sprint(prefix, "queue", n)
				if q, err := OpenPosixQueue(name, unix.O_RDONLY, nil); err == nil {
					unix.Close(int(q))
					found = append(found, Leftover{"POSIX queue", name, func() error { return UnlinkPosixQueue(name) }})
				}
			}
		}
	}
	return found, "POSIX queues are looked for by the names of known runs: no mqueue file system is mounted"
}

// queueDirectory is where an mqueue file system is mounted, or "".
func queueDirectory() string {
	b, _ := os.ReadFile("/proc/self/mounts")
	for line := range strings.Lines(string(b)) {
		if fields := strings.Fields(line); len(fields) > 2 && fields[2] == "mqueue" {
			return fields[1]
		}
	}
	return ""
}

// sysvLeftovers finds queues whose key is of the kit and names a process that
// is gone.
func sysvLeftovers() (found []Leftover, err error) {
	b, err := os.ReadFile("/proc/sysvipc/msg")
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(bytes.NewReader(b))
	lines.Scan() // the heading
	for lines.Scan() {
		var key int32
		var id int
		if n, _ := fmt.Sscan(lines.Text(), &key, &id); n < 2 || key>>24 != keyPrefix {
			continue
		}
		if pid := int(key & (1<<pidBits - 1)); startTime(pid) == "" {
			found = append(found, Leftover{"System V queue", fmt.Sprintf("key %#x", key), SysVQueue(id).Remove})
		}
	}
	return found, nil
}
