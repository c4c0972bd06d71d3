package house

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// guarded are the imports with which a program can get at memory or at the
// kernel behind Go's back.
var guarded = []string{`"unsafe"`, `"syscall"`, `"` + kernel + `"`}

// exposed returns which files of the tree import one of them and do not say so
// in their name.
func exposed(tree fs.FS) (wrong []string, err error) {
	err = sources(tree, func(name string) error {
		base := strings.TrimSuffix(strings.TrimSuffix(path.Base(name), ".go"), "_test")
		if strings.HasSuffix(base, "_unsafe") || strings.HasSuffix(base, "_linux") {
			return nil
		}
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			if slices.Contains(guarded, spec.Path.Value) {
				wrong = append(wrong, fmt.Sprintf("%s imports %s: only files called *_unsafe.go or *_linux.go may", name, spec.Path.Value))
			}
		}
		return nil
	})
	return wrong, err
}

func TestUnsafe(t *testing.T) {
	wrong, err := exposed(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range wrong {
		t.Error(line)
	}
}

func TestUnsafeFound(t *testing.T) {
	for _, test := range []struct {
		file, imported string
		wrong          bool
	}{
		{"shmlab/cell.go", "unsafe", true},
		{"shmlab/cell_unsafe.go", "unsafe", false},
		{"shmlab/cell_unsafe_test.go", "unsafe", false},
		{"shmlab/cell_test.go", "unsafe", true},
		{"shmlab/cell_linux.go", kernel, false},
		{"shmlab/unsafe.go", "syscall", true},
		{"shmlab/cell.go", "sync/atomic", false},
	} {
		text := fmt.Sprintf("package p\n\nimport _ %q\n", test.imported)
		wrong, err := exposed(fstest.MapFS{test.file: {Data: []byte(text)}})
		if err != nil {
			t.Fatal(err)
		}
		if (len(wrong) > 0) != test.wrong {
			t.Errorf("%s importing %q: found %q, expected wrong = %t", test.file, test.imported, wrong, test.wrong)
		}
	}
}
