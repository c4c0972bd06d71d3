package main

import (
	"errors"
	"fmt"
	"io/fs"

	"shmrace/shmlab/ipc"
)

// signalTable prints what was observed of the signals, as a table.
func (s *ipcShow) signalTable(r *ipc.Report) {
	s.page()
	s.line("no name       default  catch in a Go program        meaning")
	for _, sig := range ipc.SignalsOf(r) {
		catch := "yes"
		if !sig.Catchable {
			catch = "NO"
		}
		def := sig.Default
		if sig.Core {
			def += "*"
		}
		s.line("%.79s", fmt.Sprintf("%2d %-10s %-8s %-5s %-22s %s", sig.Number, sig.Name, def, catch, sig.Go, sig.Meaning))
	}
	s.line("* with a core dump, if those are switched on")
}

// liveSignals prints the signal sets of a process.
func (s *ipcShow) liveSignals(pid int) error {
	sets, err := ipc.SignalSetsOf(pid)
	if errors.Is(err, fs.ErrNotExist) {
		return undecided(fmt.Errorf("there is no process %d to look at", pid))
	}
	if err != nil {
		return undecided(err)
	}
	if s.json {
		return s.encode(sets)
	}
	s.line("process %d, %s", sets.Pid, sets.Name)
	for _, set := range []struct {
		label string
		set   ipc.SignalSet
	}{
		{"pending for its main thread: ", sets.Thread}, {"pending for any thread:      ", sets.Process},
		{"blocked:                     ", sets.Blocked}, {"ignored:                     ", sets.Ignored},
		{"caught:                      ", sets.Caught},
	} {
		s.text(set.label, set.set.String())
	}
	return nil
}
