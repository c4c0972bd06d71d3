package house

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// guarded are the imports with which a program can get at memory or at the
// kernel behind Go's back.
var guarded = []string{"unsafe", "syscall", kernel}

// harmless are the kernel's words: constants, numbers of errors and signals. Any file
// may say them; to call the kernel is another thing.
var harmless = regexp.MustCompile(`^([A-Z0-9_]+|(Errno|Signal)(Name)?)$`)

// exposed returns which files of the tree are unsafe or call the kernel and do
// not say so in their name.
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
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, used := range uses(file) {
			wrong = append(wrong, fmt.Sprintf("%s uses %s: only files called *_unsafe.go or *_linux.go may", name, used))
		}
		return nil
	})
	return wrong, err
}

// uses returns what file uses of the guarded imports that is not harmless.
func uses(file *ast.File) (used []string) {
	called := map[string]bool{} // the guarded packages, as this file calls them
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil || !slices.Contains(guarded, imported) {
			continue
		}
		name := path.Base(imported)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name == "." || name == "_" {
			used = append(used, imported)
		}
		called[name] = true
	}
	ast.Inspect(file, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := selector.X.(*ast.Ident); ok && called[x.Name] && !harmless.MatchString(selector.Sel.Name) {
			used = append(used, x.Name+"."+selector.Sel.Name)
		}
		return true
	})
	return used
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
		file, imported, use string
		wrong               bool
	}{
		{"shmlab/cell.go", `"unsafe"`, "unsafe.Pointer(nil)", true},
		{"shmlab/cell_unsafe.go", `"unsafe"`, "unsafe.Pointer(nil)", false},
		{"shmlab/cell_unsafe_test.go", `"unsafe"`, "unsafe.Pointer(nil)", false},
		{"shmlab/cell_test.go", `u "unsafe"`, "u.Sizeof(0)", true},
		{"shmlab/cell.go", `_ "unsafe"`, "0", true},
		{"shmlab/futex_linux.go", `"` + kernel + `"`, "unix.Getpid()", false},
		{"shmlab/futex.go", `"` + kernel + `"`, "unix.Getpid()", true},
		{"shmlab/futex.go", `"` + kernel + `"`, "unix.EAGAIN", false},
		{"shmlab/unsafe.go", `"syscall"`, "syscall.Getpid", true},
		{"shmlab/signal.go", `"syscall"`, "syscall.Signal(9)", false},
		{"shmlab/cell.go", `"sync/atomic"`, "atomic.Uint32{}", false},
	} {
		text := fmt.Sprintf("package p\n\nimport %s\n\nvar _ = %s\n", test.imported, test.use)
		wrong, err := exposed(fstest.MapFS{test.file: {Data: []byte(text)}})
		if err != nil {
			t.Fatal(err)
		}
		if (len(wrong) > 0) != test.wrong {
			t.Errorf("%s with %s: found %q, expected wrong = %t", test.file, test.use, wrong, test.wrong)
		}
	}
}
