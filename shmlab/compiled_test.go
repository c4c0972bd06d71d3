package shmlab_test

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"shmrace/shmlab"
)

// far is a variable at an offset that nothing else has.
type far struct {
	_ [0x1358]byte
	v shmlab.Var[int64]
}

//go:noinline
func getsTwice(p *shmlab.Proc, f *far) int64 { return f.v.Get(p) + f.v.Get(p) }

//go:noinline
func setsTwice(p *shmlab.Proc, f *far) {
	f.v.Set(p, 1)
	f.v.Set(p, 2)
}

//go:noinline
func counts(p *shmlab.Proc, f *far) { f.v.Set(p, f.v.Get(p)+1) }

// Each access of a free run is an instruction of its own: the compiler merges no
// two reads, no two writes, and no read with the write after it.
func TestAccessesAreNotMerged(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("the instructions looked for are those of amd64")
	}
	goCommand, err := exec.LookPath("go")
	if err != nil {
		t.Skip("no go command to disassemble with")
	}
	if testing.Short() {
		t.Skip("a whole program is built")
	}
	binary := filepath.Join(t.TempDir(), "shmlab.test") // what go test runs has no symbols
	if text, err := exec.Command(goCommand, "test", "-c", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	f := &far{}
	setsTwice(&shmlab.Proc{}, f)
	counts(&shmlab.Proc{}, f)
	if got := getsTwice(&shmlab.Proc{}, f); got != 6 {
		t.Errorf("%d, expected 6", got)
	}
	text, err := exec.Command(goCommand, "tool", "objdump", "-s", `shmlab_test\.(getsTwice|setsTwice|counts)$`, binary).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	read, write := regexp.MustCompile(`MOVQ 0x1358\(\w+\), \w+`), regexp.MustCompile(`MOVQ (\w+|\$\S+), 0x1358\(\w+\)`)
	other := regexp.MustCompile(`\b(INC|ADD|XADD)Q\S* .*0x1358\(\w+\)`)
	for name, want := range map[string][2]int{"getsTwice": {2, 0}, "setsTwice": {0, 2}, "counts": {1, 1}} {
		body := function(string(text), name)
		reads, writes := len(read.FindAllString(body, -1)), len(write.FindAllString(body, -1))
		if got := [2]int{reads, writes}; got != want || other.MatchString(body) {
			t.Errorf("%s has %d reads and %d writes, expected %d and %d:\n%s", name, reads, writes, want[0], want[1], body)
		}
	}
}

// function returns what objdump prints of one function.
func function(text, name string) string {
	_, body, _ := strings.Cut(text, "shmlab_test."+name+"(SB)")
	body, _, _ = strings.Cut(body, "\nTEXT ")
	return body
}
