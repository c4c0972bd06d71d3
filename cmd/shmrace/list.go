package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"shmrace/inject"
	"shmrace/property/workload"
)

func listCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "labs, with their variants, and strategies",
		Args:  none,
		RunE: func(c *cobra.Command, _ []string) error {
			out := c.OutOrStdout()
			fmt.Fprintln(out, "Labs (family/variant, actors x operations):")
			for _, l := range workload.Catalog {
				d := l.Describe()
				fmt.Fprintf(out, "  %-24s %2d x %-8d %s\n", d.Name, d.Size.Actors, d.Size.Ops, d.Doc)
			}
			fmt.Fprintln(out, "Strategies (the first is the default):")
			for _, s := range inject.Strategies {
				fmt.Fprintf(out, "  %-24s %s\n", s.Name, s.Doc)
			}
			return nil
		},
	}
}
