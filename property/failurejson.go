package property

import (
	"encoding/json"
	"fmt"
	"strings"

	"shmrace/property/race"
	"shmrace/property/waiting"
	"shmrace/shmlab/trace"
)

// A failureForm is a failure as JSON, a contract.
type failureForm struct {
	Property    string     `json:"property"` // the verdict: violated, deadlock, livelock, stuck, tampered
	Message     string     `json:"message"`
	Schedule    string     `json:"schedule"`
	Steps       int        `json:"steps"`
	Preemptions int        `json:"preemptions"`
	Events      []string   `json:"events"`          // a line of the trace each
	Pair        *pairForm  `json:"pair"`            // the accesses whose order decides; null if no single pair does
	Blow        int        `json:"blow,omitempty"`  // the step of the fault that decides
	Tried       *triedForm `json:"tried,omitempty"` // what was, to find the pair; nothing if it was not looked for
	Race        *raceForm  `json:"race"`            // null if there is none
	Matters     []int      `json:"matters"`         // which events do, from 0; null: all
	Why         string     `json:"why,omitempty"`
}

type pairForm struct {
	First   accessForm `json:"first"`
	Second  accessForm `json:"second"`
	Late    bool       `json:"late,omitempty"` // the run ended before the second, whose step is 0
	Changed []string   `json:"changed"`        // words that hold something else at the end when it holds
}

type triedForm struct {
	Pairs int  `json:"pairs"` // that were swapped
	Cut   bool `json:"cut"`   // there was no time for more
}

// A raceForm is a data race: the access that came second, the one before it, and
// which lock is held at how many of the other accesses to the word.
type raceForm struct {
	Word      string     `json:"word"`
	Access    accessForm `json:"access"`
	Previous  accessForm `json:"previous"`
	Guard     string     `json:"guard"` // "" if no lock is
	With      int        `json:"with"`
	Elsewhere int        `json:"elsewhere"`
	Schedule  string     `json:"schedule"`
}

type accessForm struct {
	Event string   `json:"event"` // a line of the trace
	At    string   `json:"at"`    // file:line
	Held  []string `json:"held"`  // locks
}

type edgeForm struct {
	Held  string   `json:"held"`
	Taken string   `json:"taken"` // a line of the trace
	Gates []string `json:"gates"` // what else was held
}

// MarshalJSON returns the failure as one JSON object, but for the cure.
func (f *Failure) MarshalJSON() ([]byte, error) {
	t := f.Trace
	form := failureForm{
		Property: t.Verdict.String(), Message: t.Message, Schedule: t.Schedule.String(), Steps: len(t.Schedule.Decisions),
		Preemptions: t.Preemptions, Events: []string{}, Race: formOf(f.Race), Why: f.Why, Blow: f.Blow,
	}
	if f.Tried.Looked {
		form.Tried = &triedForm{f.Tried.Pairs, f.Tried.Cut}
	}
	for i := range t.Events {
		form.Events = append(form.Events, t.Events[i].String())
		if f.matters != nil && f.matters[i] {
			form.Matters = append(form.Matters, i)
		}
	}
	if p := f.Pair; p != nil {
		form.Pair = &pairForm{accessOf(&p.First, p.Held[0]), accessOf(&p.Second, p.Held[1]), p.Late, p.Changed}
	}
	return json.Marshal(form)
}

// UnmarshalJSON is the inverse of [Failure.MarshalJSON].
func (f *Failure) UnmarshalJSON(b []byte) error {
	var form failureForm
	if err := json.Unmarshal(b, &form); err != nil {
		return err
	}
	t, err := trace.Parse(strings.Join(append([]string{form.Schedule}, form.Events...), "\n"))
	if err != nil {
		return fmt.Errorf("its failure: %w", err)
	}
	if t.Verdict, err = trace.ParseVerdict(form.Property); err != nil {
		return fmt.Errorf("its failure: %w", err)
	}
	t.Message, t.Preemptions = form.Message, form.Preemptions
	*f = Failure{Trace: t, Why: form.Why, Blow: form.Blow}
	if form.Tried != nil {
		f.Tried = Tried{true, form.Tried.Pairs, form.Tried.Cut}
	}
	for _, i := range form.Matters {
		if f.matters == nil {
			f.matters = make([]bool, len(t.Events))
		}
		if i < 0 || i >= len(t.Events) {
			return fmt.Errorf("its failure: event %d matters, and there are %d", i, len(t.Events))
		}
		f.matters[i] = true
	}
	if p := form.Pair; p != nil {
		f.Pair = &Pair{Held: [2][]string{p.First.Held, p.Second.Held}, Late: p.Late, Changed: p.Changed}
		if f.Pair.First, err = trace.ParseEvent(p.First.Event); err != nil {
			return err
		}
		if f.Pair.Second, err = trace.ParseEvent(p.Second.Event); err != nil {
			return err
		}
	}
	if form.Race != nil {
		f.Race, err = form.Race.race()
	}
	return err
}

func accessOf(e *trace.Event, held []string) accessForm {
	return accessForm{e.String(), e.At, append([]string{}, held...)}
}

func formOf(r *race.Race) *raceForm {
	if r == nil {
		return nil
	}
	return &raceForm{
		Word: r.Word(), Access: accessOf(&r.Access.Event, r.Access.Held), Previous: accessOf(&r.Previous.Event, r.Previous.Held),
		Guard: r.Guard, With: r.With, Elsewhere: r.Elsewhere, Schedule: r.Schedule.String(),
	}
}

// race is the inverse of formOf.
func (f *raceForm) race() (*race.Race, error) {
	s, err := trace.ParseSchedule(f.Schedule)
	if err != nil {
		return nil, err
	}
	r := &race.Race{Guard: f.Guard, With: f.With, Elsewhere: f.Elsewhere, Schedule: *s}
	r.Access.Held, r.Previous.Held = f.Access.Held, f.Previous.Held
	if r.Access.Event, err = trace.ParseEvent(f.Access.Event); err == nil {
		r.Previous.Event, err = trace.ParseEvent(f.Previous.Event)
	}
	return r, err
}

func edgeForms(edges []waiting.Edge) (forms []edgeForm) {
	for _, e := range edges {
		forms = append(forms, edgeForm{e.Held, e.Taken.String(), e.Gates})
	}
	return forms
}

// edgesOf is the inverse of edgeForms.
func edgesOf(forms []edgeForm) (edges []waiting.Edge, err error) {
	for _, f := range forms {
		e, err := trace.ParseEvent(f.Taken)
		if err != nil {
			return nil, err
		}
		edges = append(edges, waiting.Edge{Held: f.Held, Taken: e, Gates: f.Gates})
	}
	return edges, nil
}
