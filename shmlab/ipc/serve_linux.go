package ipc

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"

	"golang.org/x/sys/unix"
)

// roleEnv is set for the processes of a stage: what this one is.
const roleEnv = "SHMRACE_IPC"

// controlFile is where a process on a stage gets its orders. What it inherits
// for the demonstration follows.
const controlFile = 3

// roles are the parts a process can be started for.
var roles = map[string]func() error{
	"actor": act,
}

// Serve is called first in main, or in TestMain. In a process that was started
// for a part in a demonstration it never returns.
func Serve() {
	role, ok := os.LookupEnv(roleEnv)
	if !ok {
		return
	}
	os.Unsetenv(roleEnv)
	f, ok := roles[role]
	if !ok {
		fmt.Fprintf(os.Stderr, "ipc: %s=%q is no part in a demonstration\n", roleEnv, role)
		os.Exit(3)
	}
	runtime.LockOSThread()
	if err := f(); err != nil {
		fmt.Fprintln(os.Stderr, "ipc:", role+":", err)
		os.Exit(3)
	}
	os.Exit(0)
}

// act makes the calls it is told to, one at a time, until there are no more.
func act() error {
	debug.SetPanicOnFault(true)
	if err := tell(answer{N: int64(unix.Gettid())}); err != nil {
		return err
	}
	packet := make([]byte, packetSize)
	for {
		n, err := unix.Read(controlFile, packet)
		if err == unix.EINTR {
			continue
		}
		if n <= 0 {
			return err
		}
		var c call
		if err := json.Unmarshal(packet[:n], &c); err != nil {
			return fmt.Errorf("cannot read an order: %w", err)
		}
		if err := tell(perform(&c)); err != nil {
			return err
		}
	}
}

// packetSize bounds an order and an answer, in bytes.
const packetSize = 1 << 16

func tell(a answer) error {
	packet, err := json.Marshal(a)
	if err == nil {
		_, err = unix.Write(controlFile, packet)
	}
	return err
}
