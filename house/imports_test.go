package house

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// The parts of other modules that are imported.
const (
	kernel    = "golang.org/x/sys/unix"
	rapid     = "pgregory.net/rapid"
	porcupine = "github.com/anishathalye/porcupine"
	gops      = "github.com/google/gops"
	cobra     = "github.com/spf13/cobra"
	colors    = "github.com/fatih/color"
	terminal  = "golang.org/x/term"
	scripts   = "github.com/rogpeppe/go-internal/testscript"
)

// policy says which packages of this module there are, lowest first, and what
// each may import besides the standard library. It is the picture in the README
// as a table, and a statement of policy: do not change it to fix a build.
var policy = []struct {
	name  string
	allow []string
}{
	{"shmrace/shmlab/trace", nil},
	{"shmrace/shmlab", []string{"shmrace/shmlab/trace", kernel}},
	{"shmrace/shmlab/ipc", []string{"shmrace/shmlab", "shmrace/shmlab/trace", kernel}},

	{"shmrace/sync", []string{"shmrace/shmlab", "shmrace/shmlab/trace", kernel}},
	{"shmrace/inject", []string{"shmrace/shmlab", "shmrace/shmlab/trace", kernel}},

	{"shmrace/property/race", []string{"shmrace/shmlab/trace"}},
	{"shmrace/property/waiting", []string{"shmrace/shmlab/trace"}},
	{"shmrace/property/linear", []string{"shmrace/shmlab/trace", porcupine}},
	{"shmrace/property", []string{"shmrace/shmlab", "shmrace/shmlab/trace", "shmrace/sync", "shmrace/inject",
		"shmrace/property/race", "shmrace/property/waiting", "shmrace/property/linear", rapid}},
	{"shmrace/property/workload", []string{"shmrace/shmlab", "shmrace/shmlab/trace", "shmrace/sync"}},
	{"shmrace/property/assignment", []string{"shmrace/shmlab", "shmrace/shmlab/trace", "shmrace/sync", "shmrace/inject",
		"shmrace/property", "shmrace/property/workload"}},

	{"shmrace/cmd/shmrace", []string{"shmrace/shmlab", "shmrace/shmlab/trace", "shmrace/shmlab/ipc", "shmrace/sync", "shmrace/inject",
		"shmrace/property", "shmrace/property/race", "shmrace/property/waiting", "shmrace/property/linear",
		"shmrace/property/workload", "shmrace/property/assignment", kernel, gops, cobra, colors, terminal}},

	{"shmrace/house", nil},
}

// tests is what tests may import besides: all of this module but the command,
// which nobody imports, and the libraries that test. So a test of sync may be
// interleaved by inject, though sync itself never meets it.
var tests = []string{kernel, rapid, porcupine, scripts}

// command is imported by nobody.
const command = "shmrace/cmd/shmrace"

// never holds whatever the table says.
var never = []struct{ importer, imported, why string }{
	{"shmrace/sync", "shmrace/inject", "the injector shares nothing with its victim"},
	{"shmrace/inject", "shmrace/sync", "the injector shares nothing with its victim"},
	{"shmrace/shmlab/trace", "shmrace/", "it is what everything else is told in"},
	{"shmrace/shmlab", "shmrace/sync", "the bench knows no lock"},
	{"shmrace/shmlab", "shmrace/inject", "the bench knows no strategy"},
	{"shmrace/shmlab", "shmrace/property/", "the bench knows no verdict but its own"},
	{"shmrace/property/race", "shmrace/shmlab", "a checker computes from the trace"},
	{"shmrace/property/waiting", "shmrace/shmlab", "a checker computes from the trace"},
	{"shmrace/property/linear", "shmrace/shmlab", "a checker computes from the trace"},
	{"shmrace/", command, "it wires everything"},
}

// imports returns what in the tree is against the policy.
func imports(tree fs.FS) (wrong []string, err error) {
	err = sources(tree, func(name string) error {
		dir, base := path.Split(name)
		importer := path.Join("shmrace", dir)
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if why := against(importer, imported, strings.HasSuffix(base, "_test.go")); why != "" {
				wrong = append(wrong, fmt.Sprintf("%s imports %q: %s", name, imported, why))
			}
		}
		if !slices.Contains(packages(), importer) {
			wrong = append(wrong, fmt.Sprintf("%s: package %s is not in the table of house/imports_test.go", name, importer))
		}
		return nil
	})
	return wrong, err
}

// against says why importer must not import imported, or "".
func against(importer, imported string, test bool) string {
	ours := within(imported, "shmrace")
	switch {
	case imported == "C":
		return "the module builds without cgo"
	case !ours && !strings.Contains(strings.Split(imported, "/")[0], "."):
		return "" // the standard library
	case ours && !slices.Contains(packages(), imported):
		return "it is not in the table of house/imports_test.go"
	case test && ours && imported != command:
		return ""
	case test && slices.ContainsFunc(tests, func(module string) bool { return within(imported, module) }):
		return ""
	case allowed(importer, imported):
		return ""
	}
	return "the table of house/imports_test.go does not allow it"
}

// allowed reports whether the table has imported in importer's row: a package of
// ours by name, of another module whatever is in the folder named.
func allowed(importer, imported string) bool {
	for _, row := range policy {
		if row.name == importer {
			return slices.ContainsFunc(row.allow, func(allow string) bool {
				return imported == allow || !within(allow, "shmrace") && within(imported, allow)
			})
		}
	}
	return false
}

func within(name, folder string) bool {
	return name == folder || strings.HasPrefix(name, folder+"/")
}

func packages() (names []string) {
	for _, row := range policy {
		names = append(names, row.name)
	}
	return names
}

func TestImports(t *testing.T) {
	wrong, err := imports(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range wrong {
		t.Error(line)
	}
}

// The table is ordered, so that it has no cycle, and keeps what must never be.
func TestPolicy(t *testing.T) {
	for i, row := range policy {
		for _, allow := range row.allow {
			if within(allow, "shmrace") && !slices.Contains(packages()[:i], allow) {
				t.Errorf("%s may import %s, which is not above it in the table", row.name, allow)
			}
			for _, n := range never {
				if matches(row.name, n.importer) && matches(allow, n.imported) {
					t.Errorf("%s may import %s: never, for %s", row.name, allow, n.why)
				}
			}
		}
	}
}

// matches reports whether name is the package of the pattern or, if the pattern
// ends with a slash, that or any below it.
func matches(name, pattern string) bool {
	return name == pattern || strings.HasSuffix(pattern, "/") && strings.HasPrefix(name+"/", pattern)
}

func TestImportsFound(t *testing.T) {
	for _, test := range []struct {
		file, imported string
		wrong          bool
	}{
		{"sync/mutex.go", "shmrace/shmlab", false},
		{"sync/mutex.go", "sync/atomic", false},
		{"sync/mutex.go", "shmrace/inject", true},
		{"sync/mutex_test.go", "shmrace/inject", false},
		{"sync/mutex_linux.go", kernel, false},
		{"sync/mutex_linux.go", "golang.org/x/sys/cpu", true},
		{"sync/mutex.go", "C", true},
		{"inject/random.go", "shmrace/sync", true},
		{"inject/random.go", rapid, true},
		{"inject/random_test.go", rapid, false},
		{"shmlab/trace/event.go", "shmrace/shmlab", true},
		{"property/race/race.go", "shmrace/shmlab", true},
		{"property/race/race.go", "shmrace/shmlab/trace", false},
		{"property/explore_test.go", command, true},
		{"cmd/shmrace/ps.go", gops + "/goprocess", false},
		{"shmlab/pipe.go", "shmrace/shmlab/ipc", true},
		{"shmlab/lab.go", "shmrace/engine", true},
		{"engine/engine.go", "fmt", true},
	} {
		text := fmt.Sprintf("package p\n\nimport _ %q\n", test.imported)
		wrong, err := imports(fstest.MapFS{test.file: {Data: []byte(text)}})
		if err != nil {
			t.Fatal(err)
		}
		if (len(wrong) > 0) != test.wrong {
			t.Errorf("%s importing %q: found %q, expected wrong = %t", test.file, test.imported, wrong, test.wrong)
		}
	}
}
