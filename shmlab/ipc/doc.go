// Package ipc shows the ways in which processes communicate, each by running
// it: real system calls between real processes, in an order that is decided and
// not hoped for, so that a [Demonstration] cannot come out differently.
//
// A demonstration is a script. The processes on its [Stage] make one system
// call at a time, when the script says so, and what they answer is observed.
// Where a call must block, the script looks in /proc whether it does.
//
// A program that uses the package calls [Serve] first in main, or in TestMain:
// the processes are this same binary, started again. Go has no fork, so where
// a lecture says "the parent forks", here a child is started with exec and is
// given the descriptors that it would have inherited.
package ipc
