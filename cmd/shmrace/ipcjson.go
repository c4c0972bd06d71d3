package main

import (
	"encoding/json"
	"errors"
	"time"

	"shmrace/shmlab/ipc"
)

// A jsonLecture is what ipc prints with --json.
type jsonLecture struct {
	Demonstrations []jsonDemonstration `json:"demonstrations"`
	Table          []ipc.Row           `json:"table"`   // if that demonstration was run
	Columns        []string            `json:"columns"` // of its cells
	ElapsedNS      int64               `json:"elapsed_ns"`
}

type jsonDemonstration struct {
	Number  int               `json:"number"`
	Name    string            `json:"name"`
	Title   string            `json:"title"`
	Claim   string            `json:"claim"`
	OK      bool              `json:"ok"`
	Error   string            `json:"error,omitempty"`
	Answer  string            `json:"answer"`
	Facts   map[string]string `json:"facts"`
	Lacking []ipc.Lack        `json:"lacking"`
	Steps   []ipc.Step        `json:"steps"`
}

// printJSON runs demonstrations and prints what came of them as one object.
func (s *ipcShow) printJSON(demonstrations []ipc.Demonstration) error {
	all := jsonLecture{Demonstrations: []jsonDemonstration{}}
	var first error
	begin := time.Now()
	for _, d := range demonstrations {
		r := d.Run(s.ctx, ipc.Watcher{})
		if errors.Is(r.Err, ipc.ErrInterrupted) {
			return undecided(r.Err)
		}
		j := demonstrationJSON(d, r)
		first = graver(first, d, r)
		if d.Name == "table" {
			all.Table, all.Columns = ipc.Table(r), ipc.Columns()
		}
		all.Demonstrations = append(all.Demonstrations, j)
	}
	all.ElapsedNS = time.Since(begin).Nanoseconds()
	if err := s.encode(all); err != nil {
		return err
	}
	return first
}

func demonstrationJSON(d ipc.Demonstration, r *ipc.Report) jsonDemonstration {
	j := jsonDemonstration{
		Number: d.Number, Name: d.Name, Title: d.Title, Claim: d.Claim, OK: true,
		Facts: map[string]string{}, Lacking: append([]ipc.Lack{}, r.Lacking...), Steps: append([]ipc.Step{}, r.Steps...),
	}
	for _, f := range r.Facts {
		j.Facts[f.Name] = f.Value
	}
	if i := d.Answer(r); i >= 0 {
		j.Answer = d.Choices[i]
	}
	if err := d.Check(r); err != nil {
		j.OK, j.Error = false, err.Error()
	}
	return j
}

func (s *ipcShow) encode(v any) error {
	e := json.NewEncoder(s.out)
	e.SetIndent("", " ")
	return e.Encode(v)
}
