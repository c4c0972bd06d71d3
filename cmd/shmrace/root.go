package main

import (
	"strings"

	"github.com/spf13/cobra"
)

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "shmrace",
		Short: "races between processes that share memory: see, find, replay and fix them",
		Long: `shmrace runs small concurrent programs, called labs, in real processes that
share memory. It decides who takes each step, so that a race shows every time,
is found, is replayed from one line and is seen to be gone.

Exit status: 0 it holds, 1 it is violated, 2 wrong usage, 3 could not decide.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("no command is called %.40q: expected %s", args[0], strings.Join(names(c.Commands()), ", "))
			}
			return c.Help()
		},
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(
		listCommand(), demoCommand(), runCommand(), exploreCommand(), mergeCommand(), replayCommand(), ipcCommand(),
		cleanCommand(), doctorCommand(),
	)
	return root
}

// names returns the names of the commands that are shown.
func names(commands []*cobra.Command) (names []string) {
	for _, c := range commands {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return names
}
