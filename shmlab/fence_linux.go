package shmlab

import "golang.org/x/sys/unix"

// Light reports whether p may do without the fence between its store and its
// load where another looks after its own store with [Proc.FenceAll] between: what
// the one does often is free then, and what the other does before it sleeps costs
// a system call (Dice, Huang and Yang, "Asymmetric Dekker synchronization", 2001;
// membarrier(2)). No stepped actor is, and none before it called [Proc.Lighten].
func (p *Proc) Light() bool { return p.light }

// Lighten makes p light if it is not stepped and the kernel can fence this
// process in others' favour. Who is light is quick; see [Proc.Quick].
func (p *Proc) Lighten() {
	if !p.stepped && !p.light {
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
