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
			p := &pager{out: c.OutOrStdout()}
			p.line("Labs (family/variant, actors x operations):")
			for _, l := range workload.Catalog {
				d := l.Describe()
				p.text(fmt.Sprintf("  %-23s %2d x %-7d ", d.Name, d.Size.Actors, d.Size.Ops), d.Doc)
			}
			p.line("Strategies (the first is the default):")
			for _, s := range inject.Strategies {
				p.text(fmt.Sprintf("  %-23s ", s.Name), s.Doc)
			}
			return nil
		},
	}
}
