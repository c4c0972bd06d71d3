package main

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"shmrace/property"
)

// The help of every command that is shown fits the width of a screen.
func TestHelpFits(t *testing.T) {
	root := rootCommand()
	root.InitDefaultHelpCmd()
	shown := 0
	for _, c := range append(root.Commands(), root) {
		if c.Hidden {
			continue
		}
		var text strings.Builder
		c.SetOut(&text)
		c.InitDefaultHelpFlag()
		if err := c.Help(); err != nil || !strings.Contains(text.String(), "--help") {
			t.Errorf("%s: %v, %q", c.Name(), err, text.String())
		}
		fits(t, c.Name(), text.String())
		shown++
	}
	if shown < 10 {
		t.Errorf("%d commands are shown, expected all", shown)
	}
}

// What is said of common mistakes fits it too, and says what was expected, or
// where to look.
func TestErrorsFit(t *testing.T) {
	long := strings.Repeat("x", 300)
	for _, line := range []string{
		"nope", "help nope", long, "--nope", "-x",
		"explore nope", "explore " + long, "explore counter/nope", "explore counter/unlocked --nope", "explore a b",
		"explore counter/unlocked --actors 99999999999999999999999", "explore counter/unlocked --actors " + long,
		"explore counter/unlocked --host " + long, "explore counter/unlocked --strategy " + long,
		"explore counter/unlocked --faults " + long, "explore counter/unlocked --shard " + long,
		"explore counter/unlocked --time 3", "explore counter/unlocked --start " + long,
		"run counter/unlocked --plan " + long, "run counter/unlocked --runs 0",
		"demo nope", "demo --check", "demo " + long, "demo counter --seed -1",
		"ipc nope", "ipc a b", "ipc 99", "ipc pipe --compare", "ipc --svg x", "ipc --live 3", "ipc signals --live abc",
		"list nope", "list a b", "list " + long, "clean x", "doctor x",
		"replay", "replay nope", "merge", "merge /dev/null",
	} {
		root := rootCommand()
		root.SetArgs(strings.Fields(line))
		err := said(root)
		if err == nil {
			t.Errorf("shmrace %.60s: no error", line)
			continue
		}
		text := property.Wrap("shmrace: "+err.Error(), "  ")
		if fits(t, line, text); !strings.Contains(text, "expected") && !strings.Contains(text, "--help") {
			t.Errorf("shmrace %.60s: %q does not say what was expected", line, text)
		}
	}
}

func said(root *cobra.Command) error {
	root.SetOut(new(strings.Builder))
	return root.Execute()
}

func fits(t *testing.T, of, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		if line = strings.TrimSuffix(line, "\n"); len([]rune(line)) > screenWidth {
			t.Errorf("shmrace %.60s: %d columns: %q", of, len([]rune(line)), line)
		}
	}
}
