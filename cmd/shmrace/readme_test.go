package main

import (
	"os"
	"strings"
	"testing"
)

// What the README shows is what the command prints, to the letter.
func TestReadmeExhibit(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, want, found := strings.Cut(string(readme), "\n$ shmrace explore counter/unlocked\n")
	want, _, closed := strings.Cut(want, "```\n")
	if !found || !closed {
		t.Fatal("there is no exhibit")
	}
	var got strings.Builder
	root := rootCommand()
	root.SetArgs([]string{"explore", "counter/unlocked"})
	root.SetOut(&got)
	if err := root.Execute(); err == nil {
		t.Error("it holds")
	}
	if got.String() != want {
		t.Errorf("printed:\n%s\nin the README:\n%s", &got, want)
	}
}
