// Package shmsync has locks that work between processes: each is a few words of
// shared memory, whose zero value is ready, and is passed the actor that uses it.
//
// The folder is called sync and the package shmsync, so that no file can take
// the standard library's sync.Mutex for this one.
package shmsync
