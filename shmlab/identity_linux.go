package shmlab

import (
	"bytes"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// ID returns who p is, to be written into shared memory: never 0, and no other
// actor's at any time. It is the number of the thread and when it started, since
// the kernel gives numbers again; in a stepped run, for the sake of equal runs,
// the actor's number plus 1. It has at most [IDBits] bits.
func (p *Proc) ID() uint64 {
	if p.id == 0 {
		p.id = p.identify()
		if !p.stepped {
			p.quick = p.id
		}
	}
	return p.id
}

// Quick returns p's ID if it is not stepped and was asked for its ID before, else
// 0: whether a primitive may take its uncontended way, past all points.
func (p *Proc) Quick() uint64 { return p.quick }

func (p *Proc) identify() uint64 {
	if p.stepped && !p.alone {
		return uint64(p.index) + 1
	}
	if p.robust == nil {
		p.register() // it binds p to its thread
	}
	start, alive := startOf(p.tid)
	if !alive {
		panic("shmlab: cannot read when this thread started: expected /proc to be mounted")
	}
	return start<<tidBits | uint64(p.tid)
}

// IDBits is how many bits an ID has: the highest of a word is left, for what is to
// be said of who is in it.
const IDBits = 63

const tidBits = 30

// Dead reports whether the actor that id names has ended. It is for slow paths:
// it asks the kernel. Nobody, 0, is not dead.
func (p *Proc) Dead(id uint64) bool {
	if p.stepped && !p.alone {
		p.mourned = p.deaths
		return id != 0 && p.deaths>>(id-1)&1 != 0
	}
	start, alive := startOf(uint32(id & OwnerBits))
	return id != 0 && (!alive || start != 0 && start != id>>tidBits)
}

// Gone reports whether the actor with that index was killed in the stepped run.
// Of others it is not known before they have written down their ID.
func (p *Proc) Gone(index int) bool { return p.deaths>>index&1 != 0 }

// Who says in words whom an id names.
func Who(id uint64) string {
	if id>>tidBits == 0 {
		return fmt.Sprintf("actor %d", int(id)-1)
	}
	return fmt.Sprintf("thread %d", id&OwnerBits)
}

// startOf returns when a thread started, in ticks since boot, which come round
// after 2.7 years, and whether it still runs: of one that nobody has waited for only
// the entry is left. A start of 0 is not known: nobody is to be taken for dead for
// want of a descriptor.
func startOf(tid uint32) (ticks uint64, alive bool) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(int(tid)) + "/stat")
	if err != nil {
		err = unix.Kill(int(tid), 0)
		return 0, err == nil || err == unix.EPERM
	}
	// proc_pid_stat(5): the name is in parentheses and may hold any character;
	// behind it come the state, field 3, and in field 22 the start.
	fields := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	if len(fields) < 20 {
		return 0, false
	}
	ticks, err = strconv.ParseUint(string(fields[19]), 10, 64)
	return ticks & (1<<(IDBits-tidBits) - 1), err == nil && fields[0][0] != 'Z' && fields[0][0] != 'X'
}
