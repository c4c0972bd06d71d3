package linear_test

import (
	"testing"
	"time"

	"shmrace/property/linear"
	"shmrace/shmlab/trace"
)

func init() {
	for name, m := range map[string]modelled{
		"rwlock":    {linear.RWLock(), func() object { return &shared{writer: -1, readers: map[int]int{}} }, "lock|unlock|rlock|runlock", "|true", ""},
		"semaphore": {linear.Semaphore(1), func() object { return &permits{1} }, "acquire|tryacquire|release", "|true|false", "acquire|release"},
		"group":     {linear.Group(2), func() object { return &permits{-2} }, "done|wait", "|true", ""},
		"once":      {linear.Once(), func() object { return new(done) }, "do", "|true|false", ""},
		"rounds":    {linear.Rounds(3), func() object { return &rounds{} }, "come|leave", "|true", ""},
	} {
		models[name] = m
	}
}

type shared struct {
	writer  int
	readers map[int]int
}

func (x *shared) do(o *linear.Operation) (string, bool) {
	me, all := int(o.Actor), 0
	for _, n := range x.readers {
		all += n
	}
	switch o.Words[0] {
	case "lock":
		if x.writer >= 0 || all > 0 {
			return "", false
		}
		x.writer = me
	case "unlock":
		if x.writer != me {
			return "", false
		}
		x.writer = -1
	case "rlock":
		if x.writer >= 0 {
			return "", false
		}
		x.readers[me]++
	case "runlock":
		if x.readers[me] == 0 {
			return "", false
		}
		x.readers[me]--
	}
	return "", true
}

// permits are a semaphore's, or what a group misses, below 0.
type permits struct{ n int }

func (x *permits) do(o *linear.Operation) (string, bool) {
	switch o.Words[0] {
	case "release":
		x.n++
	case "acquire":
		if x.n == 0 {
			return "", false
		}
		x.n--
	case "tryacquire":
		if x.n == 0 {
			return "false", true
		}
		x.n--
		return "true", true
	case "done":
		if x.n == 0 {
			return "", false
		}
		x.n++
	case "wait":
		return "", x.n == 0
	}
	return "", true
}

type done bool

func (x *done) do(*linear.Operation) (string, bool) {
	before := *x
	*x = true
	return map[bool]string{false: "true", true: "false"}[bool(before)], true
}

type rounds struct{ come [3]int }

func (x *rounds) do(o *linear.Operation) (string, bool) {
	mine := x.come[o.Actor]
	if o.Words[0] == "come" {
		x.come[o.Actor]++
		return "", true
	}
	return "", x.come[0] >= mine && x.come[1] >= mine && x.come[2] >= mine
}

// TestOverslept: who waits for what has come is found, who waits for what has
// not is not.
func TestOverslept(t *testing.T) {
	put := []string{"Call step=1 actor=A note=dequeue", `Call step=2 actor=B note="enqueue 1"`, "Return step=3 actor=B note=<nil>"}
	for _, c := range []struct {
		name  string
		model linear.Model
		lines []string
		want  []trace.Actor
	}{
		{"missed", linear.Queue(1), put, []trace.Actor{0}},
		{"taken", linear.Queue(1), append(put, "Call step=4 actor=C note=dequeue", "Return step=5 actor=C note=1"), nil},
		{"full", linear.Queue(1), append(put, `Call step=4 actor=C note="enqueue 2"`), []trace.Actor{0}},
		{"both", linear.Queue(1), append(put, "Call step=4 actor=C note=dequeue"), []trace.Actor{0, 2}},
		{"held", linear.Lock(), []string{"Call step=1 actor=A note=lock", "Return step=2 actor=A note=<nil>", "Call step=3 actor=B note=lock"}, nil},
	} {
		late, err := linear.Overslept(traced(t, c.lines...), c.model, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		var who []trace.Actor
		for _, o := range late {
			who = append(who, o.Actor)
		}
		if len(who) != len(c.want) || len(who) > 0 && (who[0] != c.want[0] || who[len(who)-1] != c.want[len(c.want)-1]) {
			t.Errorf("%s: %v overslept, expected %v", c.name, who, c.want)
		}
	}
}
