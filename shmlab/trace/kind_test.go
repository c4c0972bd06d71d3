package trace_test

import (
	"testing"

	"shmrace/shmlab/trace"
)

// kindTable says of each kind what it is: p a point, a an access, l plain, w writes.
var kindTable = map[trace.Kind]string{
	trace.Start: "Start p", trace.Get: "Get p a l", trace.Set: "Set p a l w", trace.Load: "Load p a",
	trace.Store: "Store p a w", trace.Add: "Add p a w", trace.Swap: "Swap p a w", trace.CompareAndSwap: "CompareAndSwap p a w",
	trace.Wait: "Wait p", trace.Wake: "Wake p", trace.Lock: "Lock p", trace.TryLock: "TryLock p", trace.Unlock: "Unlock p",
	trace.RLock: "RLock p", trace.RUnlock: "RUnlock p", trace.Acquire: "Acquire p", trace.Release: "Release p",
	trace.ReadBegin: "ReadBegin p", trace.ReadCheck: "ReadCheck p", trace.List: "List p",
	trace.Yield: "Yield p", trace.Label: "Label", trace.Call: "Call", trace.Return: "Return", trace.Failed: "Failed",
	trace.Panic: "Panic", trace.Died: "Died", trace.Blocked: "Blocked", trace.Injected: "Injected",
	trace.Handle: "Handle", trace.Handled: "Handled", trace.Finish: "Finish",
}

func TestKinds(t *testing.T) {
	for k := trace.Start; k.Valid(); k++ {
		is := k.String()
		for _, property := range []struct {
			letter string
			holds  bool
		}{{" p", k.Point()}, {" a", k.Access()}, {" l", k.Plain()}, {" w", k.Writes()}} {
			if property.holds {
				is += property.letter
			}
		}
		if is != kindTable[k] {
			t.Errorf("%v is %q, expected %q", k, is, kindTable[k])
		}
		if back, err := trace.ParseKind(k.String()); err != nil || back != k {
			t.Errorf("%v is read as %v, %v", k, back, err)
		}
		delete(kindTable, k)
	}
	if len(kindTable) > 0 || trace.None.Valid() || trace.Kind(255).Valid() {
		t.Errorf("the valid kinds are not those of the table: %v are left", kindTable)
	}
}

func TestVerdicts(t *testing.T) {
	bad := ""
	for v := trace.Undecided; v <= trace.Tampered; v++ {
		if back, err := trace.ParseVerdict(v.String()); err != nil || back != v {
			t.Errorf("%v is read as %v, %v", v, back, err)
		}
		if v.Bad() {
			bad += " " + v.String()
		}
	}
	if bad != " violated deadlock livelock stuck tampered" {
		t.Errorf("bad are%s", bad)
	}
}

// TestForeignNumbers: a value that is none has a name all the same, which no
// parser takes for one.
func TestForeignNumbers(t *testing.T) {
	e := trace.Event{Kind: trace.Kind(200), Actor: -1}
	for text, want := range map[string]string{
		e.String():                          "Kind(200) step=0 actor=?",
		trace.None.String():                 "None",
		trace.Fault(200).String():           "fault(200)",
		trace.Decision{Actor: -1}.String():  "?",
		trace.Decision{Fault: 200}.String(): "fault(200)(A)",
		trace.Verdict(200).String():         "verdict(200)",
		trace.NoFault.String():              "none",
	} {
		if text != want {
			t.Errorf("%q, expected %q", text, want)
		}
		_, e := trace.ParseEvent(text)
		_, d := trace.ParseDecision(text)
		_, v := trace.ParseVerdict(text)
		if e == nil || d == nil || v == nil {
			t.Errorf("%q is taken for an event, a decision or a verdict", text)
		}
	}
}
