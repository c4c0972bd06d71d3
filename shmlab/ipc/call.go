package ipc

import (
	"fmt"
	"maps"

	"golang.org/x/sys/unix"
)

// A call is one system call or one access to memory, as it is told to the
// process that is to make it. What its fields mean depends on Op.
type call struct {
	Op   string
	FD   int    `json:",omitempty"`
	N    int64  `json:",omitempty"`
	M    int64  `json:",omitempty"`
	K    int64  `json:",omitempty"`
	Name string `json:",omitempty"`
	Data []byte `json:",omitempty"`
	At   int64  `json:",omitempty"` // if not 0: Data is 8 bytes of memory at this address
}

// An answer is what a call came to.
type answer struct {
	N     int64      `json:",omitempty"`
	M     int64      `json:",omitempty"`
	Data  []byte     `json:",omitempty"`
	Errno unix.Errno `json:",omitempty"`
	Fault string     `json:",omitempty"` // memory could not be accessed
}

// A request is a call, with its text for people and, if it may block, the
// system call it blocks in.
type request struct {
	call
	text string
	nr   uintptr
}

// operations is what a process on a stage can do, by the name of the call.
var operations map[string]func(*call) answer

func init() {
	operations = merge(fileOperations, memoryOperations, queueOperations, signalOperations, socketOperations, channelOperations)
}

func merge(all ...map[string]func(*call) answer) map[string]func(*call) answer {
	one := map[string]func(*call) answer{}
	for _, m := range all {
		maps.Copy(one, m)
	}
	return one
}

// perform makes a call in this process. A call that a signal interrupted has
// had no effect and is made again.
func perform(c *call) (a answer) {
	f, ok := operations[c.Op]
	if !ok {
		panic("ipc: no operation is called " + c.Op)
	}
	if c.At != 0 {
		c.Data = bytesAt(c.At, 8)
	}
	for {
		if a = f(c); a.Errno != unix.EINTR {
			return a
		}
	}
}

// done is the answer of a system call that returns a number.
func done[T int | uintptr | int64](n T, err error) answer {
	if err == nil {
		return answer{N: int64(n)}
	}
	errno, ok := err.(unix.Errno)
	if !ok || errno == 0 {
		panic(fmt.Sprintf("ipc: %v is no error of a system call", err))
	}
	return answer{N: -1, Errno: errno}
}

// quote is data as the text of a call shows it.
func quote(data []byte) string {
	if len(data) > 24 {
		return fmt.Sprintf("%q...", data[:12])
	}
	return fmt.Sprintf("%q", data)
}
