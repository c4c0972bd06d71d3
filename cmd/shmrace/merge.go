package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

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
			case whole.Failure != nil || len(whole.Unreached) > 0 && whole.Exhaustive && whole.Bound == nil:
				return &exit{status: statusViolated}
			case whole.Undecided != "":
				return undecided(errors.New(whole.Undecided))
			case len(whole.Unreached) > 0:
				return undecided(fmt.Errorf("in %d schedules none came to: %s", whole.Schedules, strings.Join(whole.Unreached, "; ")))
			case whole.Complete+whole.Blocked < whole.Schedules || whole.Schedules == 0 && !whole.Exhaustive:
				return undecided(fmt.Errorf("not every schedule came to an end: %d of %d", whole.Complete+whole.Blocked, whole.Schedules))
			}
			return nil
		},
	}
}

// mergeFiles joins the reports in the files. It is exhaustive if each is and no
// shard is missing.
func mergeFiles(names []string) (*jsonReport, error) {
	var whole *jsonReport
	var have shards
	for _, name := range names {
		part, its, err := readReport(name)
		if err != nil {
			return nil, err
		}
		if whole == nil {
			whole, have = part, its
			continue
		}
		if err := whole.differs(part); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if err := have.add(its); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		whole.merge(part)
	}
	if whole.Shard = have.String(); have.whole() {
		whole.Shard = "1/1"
	}
	whole.Exhaustive = whole.Searched && have.whole()
	return whole, nil
}

func readReport(name string) (*jsonReport, shards, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, shards{}, fmt.Errorf("%s cannot be read: %w", name, err)
	}
	part := &jsonReport{}
	if err := json.Unmarshal(b, part); err != nil || part.Lab == "" {
		return nil, shards{}, fmt.Errorf("%s is not what explore --json prints: expected one JSON object with a lab", name)
	}
	its, err := parseShards(part.Shard)
	if err != nil {
		return nil, shards{}, fmt.Errorf("%s: %w", name, err)
	}
	return part, its, nil
}

// differs says why part is not of the same search as j.
func (j *jsonReport) differs(part *jsonReport) error {
	bound := func(r *jsonReport) any {
		if r.Bound == nil {
			return "no bound"
		}
		return *r.Bound
	}
	for _, field := range []struct {
		name      string
		got, want any
	}{
		{"lab", part.Lab, j.Lab}, {"strategy", part.Strategy, j.Strategy}, {"host", part.Host, j.Host}, {"seed", part.Seed, j.Seed},
		{"actors", part.Actors, j.Actors}, {"ops", part.Ops, j.Ops}, {"inside_locks", part.InsideLocks, j.InsideLocks},
		{"staggered", part.Staggered, j.Staggered}, {"faults", part.Faults, j.Faults}, {"bound", bound(part), bound(j)},
	} {
		if field.got != field.want {
			return fmt.Errorf("it is of another search: %s %v, expected %v", field.name, field.got, field.want)
		}
	}
	return nil
}

// merge adds part to j: counts are sums, the failure is the first part's that
// has one, and the time is all of them together.
func (j *jsonReport) merge(part *jsonReport) {
	j.Schedules += part.Schedules
	j.Passed += part.Passed
	j.Complete += part.Complete
	j.Blocked += part.Blocked
	j.Failures += part.Failures
	j.Searched = j.Searched && part.Searched
	if j.Outcomes == nil {
		j.Outcomes = map[string]int{}
	}
	for state, n := range part.Outcomes {
		j.Outcomes[state] += n
	}
	if j.Estimate = add(j.Estimate, part.Estimate); j.Searched {
		whole := float64(j.Schedules)
		j.Estimate = &whole
	}
	if j.Failure == nil {
		j.Failure, j.FirstFailure = part.Failure, part.FirstFailure
	}
	j.Unreached = slices.DeleteFunc(j.Unreached, func(state string) bool { return !slices.Contains(part.Unreached, state) })
	if j.Undecided == "" {
		j.Undecided = part.Undecided
	}
	j.ElapsedNS += part.ElapsedNS
	if j.ElapsedNS > 0 {
		j.PerSecond = float64(j.Schedules) / (float64(j.ElapsedNS) / 1e9)
	}
}

// add adds two numbers that may be unknown: then so is the sum.
func add(a, b *float64) *float64 {
	if a == nil || b == nil {
		return nil
	}
	sum := *a + *b
	return &sum
}

// shards are some of the shards of a search: "1+3/4" is the first and the third
// of four.
type shards struct {
	have []int // from 1, in ascending order
	of   int
}

func parseShards(text string) (s shards, err error) {
	if text == "" { // of an older shmrace
		text = "1/1"
	}
	bad := fmt.Errorf("its shard is %.40q: expected i/n, as 1/4", text)
	list, of, _ := strings.Cut(text, "/")
	if s.of, err = strconv.Atoi(of); err != nil {
		return s, bad
	}
	for _, one := range strings.Split(list, "+") {
		i, err := strconv.Atoi(one)
		if err != nil || i < 1 || i > s.of || len(s.have) > 0 && i <= s.have[len(s.have)-1] {
			return s, bad
		}
		s.have = append(s.have, i)
	}
	return s, nil
}

// add adds the shards of t, of which none may be there already.
func (s *shards) add(t shards) error {
	if s.of != t.of {
		return fmt.Errorf("it is one of %d shards, expected one of %d", t.of, s.of)
	}
	for _, i := range t.have {
		if slices.Contains(s.have, i) {
			return fmt.Errorf("shard %d/%d is there twice: expected each once", i, s.of)
		}
		s.have = append(s.have, i)
	}
	slices.Sort(s.have)
	return nil
}

func (s *shards) whole() bool { return len(s.have) == s.of }

// String is the inverse of parseShards.
func (s *shards) String() string {
	var list []string
	for _, i := range s.have {
		list = append(list, strconv.Itoa(i))
	}
	return fmt.Sprintf("%s/%d", strings.Join(list, "+"), s.of)
}
