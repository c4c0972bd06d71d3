package shmsync

import "shmrace/shmlab"

// Waiters returns how many the lock counts as waiting.
func (m *RobustMutex) Waiters() int { return int(m.word.Peek() & allWaiters >> 32) }

// WillWake reports whether the owner's Unlock, or its death, wakes a sleeper.
func (m *RobustMutex) WillWake() bool { return m.word.Peek()&shmlab.OwnerWaits != 0 }
