package main

import "github.com/spf13/cobra"

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
		Args:          cobra.NoArgs,
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(
		listCommand(), demoCommand(), runCommand(), exploreCommand(), replayCommand(),
		cleanCommand(), doctorCommand(),
	)
	return root
}
