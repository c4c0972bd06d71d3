// Package shmlab is the bench on which races between processes are run.
//
// A [Lab] is a small concurrent program over one shared state. Its actors are
// operating-system processes, or coroutines of this one; either way each has a
// mapping of its own of the same memory. Every access an actor makes to the
// state is a point: there a [Strategy] decides who goes next, so that a run can
// be searched for, told and repeated step by step. Without a strategy the
// hardware decides, and a point costs one predictable branch.
//
// A program that runs labs on processes calls [Serve] first in main, or in
// TestMain: the processes are this same binary, started again.
package shmlab
