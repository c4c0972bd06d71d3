package shmlab

import (
	"fmt"

	"golang.org/x/sys/unix"

	"shmrace/shmlab/trace"
)

// Light reports whether p may do without the fence between its store and its
// load where another looks after its own store with [Proc.FenceAll] between: what
// the one does often is free then, and what the other does before it sleeps costs
// a system call (Dice, Huang and Yang, "Asymmetric Dekker synchronization", 2001;
// membarrier(2)). No stepped actor is, and none before it called [Proc.Lighten].
func (p *Proc) Light() bool { return p.light }

// Lighten makes p light if it is not stepped and the kernel can fence this
// process in others' favour. The first time in a process that takes the kernel
// some 10 ms, which pays for whoever locks a million times. Actors of a free run
// that meet no points are light from the start. Who is light is quick; see
// [Proc.Quick].
func (p *Proc) Lighten() {
	if !p.stepped && !p.asked {
		p.asked = true
		p.light = p.ID() != 0 && membarrier(registerGlobalExpedited)
	}
}

// FenceAll is a fence for every light actor: what each of them stored before it
// is seen after it, and what p stored before it is seen by what they load after.
// Where there is no such fence nobody is light. A stepped run needs none.
func (p *Proc) FenceAll() {
	if !p.stepped || p.alone {
		membarrier(globalExpedited)
	}
}

// The commands of membarrier(2).
const (
	globalExpedited         = 1 << 1
	registerGlobalExpedited = 1 << 2
)

func membarrier(command uintptr) bool {
	_, _, errno := unix.RawSyscall(unix.SYS_MEMBARRIER, command, 0, 0)
	return errno == 0
}

// lighten has the workers that will be light in a free run tell the kernel, before
// they are let go together: in each the first time takes a while.
func (h *processes) lighten(r rules) error {
	var told []int
	for i, w := range h.workers {
		if r == 0 && w.alive && !w.light {
			w.let(lighten)
			told = append(told, i)
		}
	}
	for _, i := range told {
		if why := h.collect(i, max(h.setting.Guard, DefaultGuard)); why != nil {
			return fmt.Errorf("%w: worker %v: %w", ErrHost, trace.Actor(i), why)
		}
		h.workers[i].light = true
	}
	return nil
}
