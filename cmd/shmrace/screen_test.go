package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// The help of every command that is shown fits a screen.
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
		if rows := strings.Count(text.String(), "\n") + 1; rows > 24 { // one for what is typed next
			t.Errorf("%s: %d rows, expected 24 at most", c.Name(), rows)
		}
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
		"replay", "replay nope", "merge", "merge /dev/null", "merge " + long,
		"explore torn", "explore counter/unlokced", "explore truncate", "explore stdmutex/shared", "explore robust/queue --actors 2",
		"explore counter/unlocked --strategy random --preemptions 2", "explore counter/unlocked --json=maybe", "explore counter/unlocked --" + long,
		"explore counter/unlocked --html /nope/x", "explore operations/unlocked --html /nope/x", "explore operations/unlocked --html /",
		"run counter/unlocked --host coroutines", "run counter/unlocked --start staggered", "run counter/unlocked --plan nope",
		"ipc --compare --svg /nope/x", "replay " + long, "lsit",
	} {
		root := rootCommand()
		root.SetArgs(strings.Fields(line))
		err := said(root)
		if err == nil {
			t.Errorf("shmrace %.60s: no error", line)
			continue
		}
		e := &exit{statusUsage, err}
		errors.As(err, &e)
		text := errorLine(e, -1)
		if fits(t, line, text); e.status != statusUsage || strings.Contains(text, "\n") {
			t.Errorf("shmrace %.60s: status %d, %q, expected one line with status 2", line, e.status, text)
		}
		if !strings.Contains(text, "expected") && !strings.Contains(text, "--help") && !strings.Contains(text, " has all") && !strings.Contains(text, "nearest: ") && !strings.Contains(text, "cannot ") {
			t.Errorf("shmrace %.60s: %q does not say what was expected, or where to look", line, text)
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
