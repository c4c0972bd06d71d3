package main

import (
	"fmt"
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
				return noCommand(c, args[0])
			}
			return c.Help()
		},
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(flagError)
	root.SetUsageTemplate(strings.NewReplacer(
		".FlagUsages ", fmt.Sprintf(".FlagUsagesWrapped %d ", screenWidth),
		"Usage:{{if .Runnable}}\n  {{", "Usage:{{if .Runnable}} {{", // rows that say nothing
		"\n\nFlags:\n", "\n\n",
		"{{if .HasAvailableSubCommands}}\n  {{.CommandPath}} [command]{{end}}", "",
	).Replace(root.UsageTemplate()))
	root.SetHelpCommand(helpCommand())
	root.AddCommand(
		listCommand(), demoCommand(), runCommand(), exploreCommand(), mergeCommand(), replayCommand(), ipcCommand(),
		cleanCommand(), doctorCommand(),
	)
	return root
}

// helpCommand is --help as a command: of what there is not it says so.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "what a command does, and its flags",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			of, _, err := c.Root().Find(args)
			if err != nil || of == c.Root() && len(args) > 0 {
				return noCommand(c.Root(), args[0])
			}
			of.InitDefaultHelpFlag()
			return of.Help()
		},
	}
}

// noCommand says that no command has this name.
func noCommand(root *cobra.Command, name string) error {
	return noSuch("command", name, names(root.Commands()), "shmrace --help")
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
