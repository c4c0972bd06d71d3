package house

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// apart are the entries of the root that are not of the tree: git's own, what
// make builds, and the labs of whoever works here.
var apart = []string{".git", "bin", "labs"}

// files calls f for each file of the tree, with its slash-separated path.
func files(tree fs.FS, f func(name string) error) error {
	return fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case slices.Contains(apart, name) && entry.IsDir():
			return fs.SkipDir
		case !entry.Type().IsRegular() || slices.Contains(apart, name):
			return nil
		}
		return f(name)
	})
}

// sources calls f for each Go file that the go command would look at.
func sources(tree fs.FS, f func(name string) error) error {
	return files(tree, func(name string) error {
		if path.Ext(name) != ".go" || slices.Contains(strings.Split(name, "/"), "testdata") {
			return nil
		}
		return f(name)
	})
}

// maxLines is the most that a file written by hand may have.
const maxLines = 450

// written are the files it holds for, by extension; the rest is data.
var written = []string{".go", ".c", ".h", ".md", ".awk", ".sh", ".js", ".css", ".html"}

// vague are names that say nothing about what is in a file.
var vague = []string{"util", "utils", "helper", "helpers", "common", "types", "core", "engine", "manager", "misc", "base", "consts"}

// foreign is what is true of one machine only. The brackets keep it from
// finding itself.
var foreign = []struct {
	what    string
	pattern *regexp.Regexp
}{
	{"a path of one machine", regexp.MustCompile(`/[w]ork/|/[r]oot/|/[h]ome/[a-z]`)},
	{"the host of a package registry", regexp.MustCompile(`(proxy|sum)[.]golang[.]org|go[p]roxy[.]|[p]ypi[.]|npm[j]s[.]|art[i]factory|\bnex[u]s[.]`)},
}

// unkempt returns what in the tree's files is against the rules.
func unkempt(tree fs.FS) (wrong []string, err error) {
	err = files(tree, func(name string) error {
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		base, ext := path.Base(name), path.Ext(name)
		if noun := strings.TrimSuffix(strings.TrimSuffix(base, ext), "_test"); ext == ".go" && slices.Contains(vague, noun) {
			wrong = append(wrong, fmt.Sprintf("%s: a file is called by the noun it holds, %q is none", name, noun))
		}
		if n := bytes.Count(text, []byte("\n")); n > maxLines && slices.Contains(written, ext) {
			wrong = append(wrong, fmt.Sprintf("%s has %d lines, expected at most %d", name, n, maxLines))
		}
		for i, line := range bytes.Split(text, []byte("\n")) {
			for _, f := range foreign {
				if found := f.pattern.Find(line); found != nil {
					wrong = append(wrong, fmt.Sprintf("%s:%d: %q is %s", name, i+1, found, f.what))
				}
			}
		}
		return nil
	})
	return wrong, err
}

func TestTree(t *testing.T) {
	wrong, err := unkempt(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range wrong {
		t.Error(line)
	}
}

func TestTreeFound(t *testing.T) {
	long := strings.Repeat("// on and on\n", maxLines+1)
	for _, test := range []struct {
		file, text string
		wrong      bool
	}{
		{"sync/mutex.go", long[:len(long)/2], false},
		{"sync/mutex.go", long, true},
		{"README.md", long, true},
		{"sync/testdata/mutex.golden", long, false},
		{"sync/util.go", "", true},
		{"sync/helper_test.go", "", true},
		{"sync/once.go", "", false},
		{"README.md", "see /wo" + "rk/main", true},
		{"Makefile", "GOPROXY=https://proxy.golang" + ".org", true},
		{"README.md", "at work / at home", false},
		{".git", "gitdir: /wo" + "rk/main", false},
		{"bin/shmrace", "/ro" + "ot/go/src", false},
	} {
		wrong, err := unkempt(fstest.MapFS{test.file: {Data: []byte(test.text)}})
		if err != nil {
			t.Fatal(err)
		}
		if (len(wrong) > 0) != test.wrong {
			t.Errorf("%s with %d bytes: found %q, expected wrong = %t", test.file, len(test.text), wrong, test.wrong)
		}
	}
}
