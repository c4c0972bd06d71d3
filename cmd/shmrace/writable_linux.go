package main

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// writable says why there can be no file of this name, before anything is run for
// it; "" is none.
func writable(flag, name string) error {
	if name == "" {
		return nil
	}
	folder := filepath.Dir(name)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return usage("--%s %.20s: expected a file in a folder that is there", flag, name)
	}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return usage("--%s %.20s: it is a folder, expected a file", flag, name)
	}
	if unix.Access(folder, unix.W_OK) != nil {
		return usage("--%s %.20s: expected a folder that may be written to", flag, name)
	}
	return nil
}
