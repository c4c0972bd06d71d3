package house

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"testing"
)

// Every folder that holds a package begins a line of the README's map.
func TestReadme(t *testing.T) {
	tree := os.DirFS("..")
	readme, err := fs.ReadFile(tree, "README.md")
	if err != nil {
		t.Fatal(err)
	}
	var folders []string
	err = sources(tree, func(name string) error {
		if dir := path.Dir(name); !slices.Contains(folders, dir) {
			folders = append(folders, dir)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		if !regexp.MustCompile(`(?m)^\W*` + regexp.QuoteMeta(folder) + `/?(\W|$)`).Match(readme) {
			t.Errorf("README.md has no line that begins with %s", folder)
		}
	}
}
