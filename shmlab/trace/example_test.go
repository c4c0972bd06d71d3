package trace_test

import (
	"fmt"

	"shmrace/shmlab/trace"
)

// A schedule written by hand, as two actors in turn.
func ExampleParseSchedule() {
	s, err := trace.ParseSchedule("shmrace/1 counter/unlocked actors=2 ops=1 : A B B kill(A)")
	if err != nil {
		panic(err)
	}
	fmt.Println(s.Lab, s.Actors, s.Decisions[3].Fault)
	fmt.Println(s)
	_, err = trace.ParseSchedule("shmrace/1 counter/unlocked actors=2 ops=1 : A B C")
	fmt.Println(err)
	// Output:
	// counter/unlocked 2 kill
	// shmrace/1 counter/unlocked actors=2 ops=1 : A B2 kill(A)
	// there is no actor C: expected A to B, as actors=2
}

// What a view does: it is computed from the trace and from nothing else.
func ExampleParse() {
	t, err := trace.Parse(`# both read before either writes
shmrace/1 counter/unlocked actors=2 ops=1 : A B2 A
Get step=1 actor=A word=Count read=0
Get step=2 actor=B word=Count read=0
Set step=3 actor=B word=Count wrote=1
Set step=4 actor=A word=Count wrote=1
Verdict is=violated preemptions=1 note="an increment is lost"
`)
	if err != nil {
		panic(err)
	}
	for _, e := range t.Events {
		if e.Kind.Writes() {
			fmt.Println(e.Actor, "writes", e.Wrote, "to", e.Word)
		}
	}
	fmt.Println(t.Verdict, "-", t.Message)
	// Output:
	// B writes 1 to Count
	// A writes 1 to Count
	// violated - an increment is lost
}

// The first event that is not as expected is named.
func ExampleTrace_Differs() {
	before, _ := trace.Parse("shmrace/1 a/b actors=1 ops=1 : A\nGet step=1 actor=A word=X read=0 at=a.go:7")
	after, _ := trace.Parse("shmrace/1 a/b actors=1 ops=1 : A\nGet step=1 actor=A word=X read=1 at=a.go:9")
	expected, found, _ := before.Differs(after)
	fmt.Println("expected", expected)
	fmt.Println("found   ", found)
	// Output:
	// expected Get step=1 actor=A word=X read=0
	// found    Get step=1 actor=A word=X read=1
}
