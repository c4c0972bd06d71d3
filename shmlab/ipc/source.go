package ipc

import (
	"embed"
	"strings"
)

//go:embed *.go
var sources embed.FS

// Code returns the source of the functions that the demonstration is made of.
func (d Demonstration) Code() string {
	var functions []string
	for _, name := range d.code {
		functions = append(functions, sourceOf(name))
	}
	return strings.Join(functions, "\n")
}

// sourceOf returns the source of a function or method of this package.
func sourceOf(name string) string {
	files, _ := sources.ReadDir(".") // it is there: it was embedded
	for _, file := range files {
		b, _ := sources.ReadFile(file.Name())
		for _, declaration := range strings.SplitAfter(string(b), "\n}\n") {
			at := strings.LastIndex(declaration, "\nfunc ")
			if at < 0 {
				continue
			}
			header, _, _ := strings.Cut(declaration[at+1:], "\n")
			if strings.HasPrefix(header, "func "+name+"(") || strings.Contains(header, ") "+name+"(") {
				return declaration[at+1:]
			}
		}
	}
	return ""
}
