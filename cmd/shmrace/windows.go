package main

import (
	"fmt"
	"strings"

	"shmrace/inject"
	"shmrace/property"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// windows shows what whoever locks next finds when the first actor is killed
// before each of its steps, those within Lock and Unlock included: a table of
// which each row is a run.
func (s *show) windows(lab shmlab.AnyLab) error {
	bench, err := shmlab.Open(lab, shmlab.Setting{InsideLocks: true})
	if err != nil {
		return err
	}
	defer bench.Close()
	whole, err := bench.Trace(inject.Begun(inject.NewReplay(nil))) // the first actor from its beginning to its end, then the others
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "\n%-44s%s\n", fmt.Sprintf("%s: A is killed before", lab.Describe().Name), "B, which locks next")
	for step := 1; step <= len(whole.Schedule.Decisions) && whole.Schedule.Decisions[step-1].Actor == 0; step++ {
		t, err := bench.Trace(inject.Begun(inject.NewPlay(inject.Scene{Fault: trace.Kill, Before: step - 1}, s.seed)))
		if err != nil {
			return err
		}
		rows := strings.TrimSuffix(property.Rows(whole, step), "\n")
		row := rows[strings.LastIndexByte(rows, '\n')+1:] // what the step came to
		fmt.Fprintf(s.out, "%-43.43s %.36s\n", row, heard(t))
	}
	return nil
}

// heard says what became of the second actor.
func heard(t *trace.Trace) string {
	said := ""
	for _, e := range t.Events {
		if e.Actor == 1 && e.Kind == trace.Label {
			said = "gets the lock: " + e.Note
		}
	}
	switch t.Verdict {
	case trace.Holds:
		return said
	case trace.Deadlock:
		return "waits for ever"
	}
	return t.Message
}
