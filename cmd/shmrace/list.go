package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"shmrace/inject"
	"shmrace/property/workload"
	"shmrace/shmlab"
)

func listCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "labs, with their variants, and strategies",
		Args:  none,
		RunE: func(c *cobra.Command, _ []string) error {
			p := &pager{out: c.OutOrStdout()}
			p.line("Labs (family/variant, actors x operations; - wrong, + right, ? a question):")
			for _, l := range workload.Catalog {
				d := l.Describe()
				p.text(fmt.Sprintf("%s %-24s %2d x %-7d ", sign(d), d.Name, d.Size.Actors, d.Size.Ops), d.Doc)
			}
			p.line("Strategies (the first is the default):")
			for _, s := range inject.Strategies {
				p.text(fmt.Sprintf("  %-23s ", s.Name), s.Doc)
			}
			return nil
		},
	}
}

// sign tells the labs that are wrong, which say why, from those that are right,
// and from those that only ask what can come out.
func sign(d shmlab.Description) string {
	switch {
	case len(d.Outcomes) > 0:
		return "?"
	case d.Why != "":
		return "-"
	}
	return "+"
}
