package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

func mergeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "merge FILE...",
		Short: "join what the shards of a search printed with --json",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("merge: expected files with what explore --json printed, found none")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			whole, err := mergeFiles(args)
			if err != nil {
				return &exit{statusUsage, err}
			}
			if err := json.NewEncoder(c.OutOrStdout()).Encode(whole); err != nil {
				return undecided(err)
			}
			switch {
			case whole.Failure != nil || len(whole.Unreached) > 0:
				return &exit{status: statusViolated}
			case whole.Complete+whole.Blocked < whole.Schedules || whole.Schedules == 0:
				return undecided(fmt.Errorf("not every schedule came to an end: %d of %d", whole.Complete+whole.Blocked, whole.Schedules))
			}
			return nil
		},
	}
}

func mergeFiles(names []string) (*jsonReport, error) {
	var whole *jsonReport
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("%s cannot be read: %w", name, err)
		}
		part := &jsonReport{}
		if err := json.Unmarshal(b, part); err != nil || part.Lab == "" {
			return nil, fmt.Errorf("%s is not what explore --json prints: expected one JSON object with a lab", name)
		}
		if whole == nil {
			whole = part
		} else if err := whole.merge(part); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return whole, nil
}

// merge adds part to j: counts are sums, the failure is the first part's that
// has one, and the time is all of them together.
func (j *jsonReport) merge(part *jsonReport) error {
	if part.Lab != j.Lab || part.Strategy != j.Strategy || part.Seed != j.Seed {
		return fmt.Errorf("it is of %s, strategy %s, seed %d: expected %s, strategy %s, seed %d",
			part.Lab, part.Strategy, part.Seed, j.Lab, j.Strategy, j.Seed)
	}
	j.Schedules += part.Schedules
	j.Complete += part.Complete
	j.Blocked += part.Blocked
	j.Failures += part.Failures
	j.Exhaustive = j.Exhaustive && part.Exhaustive
	if j.Outcomes == nil {
		j.Outcomes = map[string]int{}
	}
	for state, n := range part.Outcomes {
		j.Outcomes[state] += n
	}
	if j.Failure == nil {
		j.Failure, j.FirstFailure = part.Failure, part.FirstFailure
	}
	j.ElapsedNS += part.ElapsedNS
	if j.ElapsedNS > 0 {
		j.PerSecond = float64(j.Schedules) / (float64(j.ElapsedNS) / 1e9)
	}
	return nil
}
