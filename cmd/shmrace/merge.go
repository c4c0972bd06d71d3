package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"shmrace/property"
	"shmrace/property/workload"
	"shmrace/shmlab/trace"
)

func mergeCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "merge FILE...",
		Short: "join what the shards of a search printed with --json",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("merge: expected files with what explore --json printed, found none")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			r, err := mergeFiles(args)
			if err != nil {
				return &exit{statusUsage, err}
			}
			if err = printReport(c.OutOrStdout(), r, asJSON); err == nil && len(r.Unreached) > 0 && r.Verdict() == trace.Holds {
				err = fmt.Errorf("in %s none came to: %s", property.Count(r.Schedules, "schedule"), strings.Join(r.Unreached, "; "))
			}
			return statusOf(r, err)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

// mergeFiles joins the reports in the files.
func mergeFiles(names []string) (whole *property.Report, err error) {
	for _, name := range names {
		part, err := readReport(name)
		if err != nil {
			return nil, err
		}
		if whole == nil {
			whole = part
		} else if err := whole.Add(part); err != nil {
			return nil, fmt.Errorf("%.20s: %w", filepath.Base(name), err)
		}
	}
	if lab, err := workload.Find(whole.Lab); err == nil { // what it says of itself is in no file
		d := lab.Describe()
		whole.Expected, whole.Why = d.Outcomes, d.Why
	}
	return whole, nil
}

func readReport(name string) (*property.Report, error) {
	text, err := readFile(name)
	if err != nil {
		return nil, fmt.Errorf("%.20s cannot be read: %w", name, err)
	}
	if !json.Valid([]byte(text)) {
		text = "{}" // whose error says what is expected
	}
	r := &property.Report{}
	if err := json.Unmarshal([]byte(text), r); err != nil {
		return nil, fmt.Errorf("%.20s is not of explore --json: %w", name, err)
	}
	return r, nil
}
