package shmlab_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
	"unsafe"

	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// mapped returns the mapping of this process whose file has the given name.
func mapped(name string) []byte {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		panic(err)
	}
	for line := range strings.Lines(string(maps)) {
		if !strings.Contains(line, name) {
			continue
		}
		var from, to uintptr
		if _, err := fmt.Sscanf(line, "%x-%x", &from, &to); err != nil {
			panic(err)
		}
		return unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(nil), from)), to-from)
	}
	panic("no mapping is called " + name)
}

// tampers is an actor that writes b all over its own control words: once, or
// again and again beside what it does, or without ever coming to a point.
func tampers(name string, b byte, spare int, then func()) shmlab.Lab[board] {
	return mischief("tamper-"+name, func(p *shmlab.Proc, s *board) {
		control := mapped("shmrace-control")
		for i := spare; i < len(control); i++ {
			control[i] = b
		}
		then()
	})
}

var tamperers = []shmlab.Lab[board]{
	tampers("ones", 0xff, 0, func() {}),
	tampers("ones-after-the-turn", 0xff, 8, func() {}),
	tampers("text", 'A', 4, func() {}),
	tampers("turn", 0, 0, func() { time.Sleep(time.Hour) }), // it is the supervisor's turn
	mischief("tamper-on", func(p *shmlab.Proc, s *board) {
		control := mapped("shmrace-control")
		go func() {
			for i := 0; ; i++ {
				control[i%len(control)] = byte(i / 7)
			}
		}()
		for {
			s.X.Set(p, 3)
		}
	}),
}

// A worker that writes what only the scheduler may write ends the run, and
// neither the program nor the run after.
func TestTampered(t *testing.T) {
	for _, lab := range tamperers {
		t.Run(lab.Name, func(t *testing.T) {
			bench := open(t, lab, shmlab.Setting{Guard: 5 * time.Second, Steps: 1 << 20})
			for range 2 {
				told := traced(t, bench, script(t, "A A A A A A A"))
				if told.Verdict != trace.Tampered || !strings.HasPrefix(told.Message, "A wrote what only the scheduler may write: ") {
					t.Errorf("%v: %s", told.Verdict, told.Message)
				}
				if run, err := bench.Run(script(t, "kill(A) B")); err != nil || run.Verdict != trace.Holds {
					t.Errorf("the next run: %v: %v, %v", run.Verdict, run.Reason, err)
				}
			}
		})
	}
}

// A free run is no less suspicious.
func TestTamperedFree(t *testing.T) {
	bench := open(t, tamperers[0], shmlab.Setting{})
	run, err := bench.Free(10 * time.Second)
	if err != nil || run.Verdict != trace.Tampered {
		t.Errorf("%v: %v, %v", run.Verdict, run.Reason, err)
	}
}
