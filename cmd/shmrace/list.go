package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"shmrace/inject"
	"shmrace/property/workload"
	"shmrace/shmlab"
)

func listCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list [FAMILY]",
		Short: "labs, with their variants, and strategies",
		Args:  cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				return named("family")(c, args)
			}
			family := ""
			if len(args) == 1 {
				if family = args[0]; !slices.Contains(workload.Families(), family) {
					return noSuch("family", family, workload.Families(), "shmrace list")
				}
			}
			p := newPager(c.OutOrStdout())
			p.line("Labs (family/variant, actors x operations; - wrong, + right, ? a question):")
			for _, l := range workload.Catalog {
				d := l.Describe()
				if of, _, _ := strings.Cut(d.Name, "/"); family != "" && of != family {
					continue
				}
				p.text(fmt.Sprintf("%s %-24s %d x %-3d ", sign(d), d.Name, d.Size.Actors, d.Size.Ops), d.Doc+aside(d))
			}
			if family != "" {
				return nil
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

// aside says what must happen to an actor for the lab to go wrong.
func aside(d shmlab.Description) string {
	switch {
	case d.Why == "":
		return ""
	case len(d.Faults) > 0:
		return fmt.Sprintf(" (with %v)", d.Faults[0])
	case d.Mortal:
		return " (with kill)"
	}
	return ""
}
