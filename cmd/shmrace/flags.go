package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"shmrace/inject"
	"shmrace/property"
	"shmrace/property/workload"
	"shmrace/shmlab"
	"shmrace/shmlab/trace"
)

// flags are the flags that several commands have.
type flags struct {
	host, start, strategy string
	actors, ops           int
	schedules             int
	preemptions           int
	seed                  uint64
	time                  time.Duration
	shard                 string
	insideLocks, crash    bool
	noRace, all           bool
	jobs                  int
	faults                string
	json                  bool
}

// addSetting adds the flags that say how a lab is set up.
func (f *flags) addSetting(c *cobra.Command) {
	c.Flags().StringVar(&f.host, "host", "processes", "`where` actors live: processes (default) or coroutines")
	c.Flags().Lookup("host").DefValue = "" // which the text says
	c.Flags().IntVar(&f.actors, "actors", 0, "`N` actors (default the lab's)")
	c.Flags().IntVar(&f.ops, "ops", 0, "`N` operations of each actor (default the lab's)")
	c.Flags().StringVar(&f.start, "start", "barrier", "`how` actors start: barrier (default) or staggered")
	c.Flags().Lookup("start").DefValue = ""
	c.Flags().BoolVar(&f.insideLocks, "inside-locks", false, "every access within a primitive is a point")
	c.Flags().BoolVar(&f.json, "json", false, "print one JSON object")
}

// addSearch adds the flags that say how schedules are searched.
func (f *flags) addSearch(c *cobra.Command) {
	c.Flags().Uint64Var(&f.seed, "seed", 1, "`N`, what random choices begin with")
	c.Flags().StringVar(&f.strategy, "strategy", "", "`name` of list: who goes next (default "+inject.Strategies[0].Name+")")
	c.Flags().IntVar(&f.schedules, "schedules", property.DefaultSchedules, "at most `N` (default 10000; with faults 2000 or 500000)")
	c.Flags().Lookup("schedules").DefValue = "0"
	c.Flags().IntVar(&f.preemptions, "preemptions", -1, "at most `N`, if the strategy counts them (no bound)")
	c.Flags().Lookup("preemptions").DefValue = "0" // which help takes for none
	c.Flags().DurationVar(&f.time, "time", 0, "most `time` to take, as 30s (default no bound)")
	c.Flags().StringVar(&f.shard, "shard", "1/1", "part `i/n` of the search, for merge")
	c.Flags().IntVar(&f.jobs, "jobs", 1, "`N` shards side by side")
	c.Flags().BoolVar(&f.all, "all", false, "go on after the first failure, and count outcomes")
	c.Flags().BoolVar(&f.crash, "crash", false, "kills are among the choices, as with --faults kill")
	c.Flags().StringVar(&f.faults, "faults", "", "kill,stop,wake,eintr,spurious,timeout,usr1,signals")
	c.Flags().BoolVar(&f.noRace, "no-race", false, "say nothing of data races")
}

// ranges are what the flags that have one expect.
var ranges = map[string]string{
	"actors":      fmt.Sprintf("1 to %d", trace.MaxActors),
	"ops":         fmt.Sprintf("1 to %d", shmlab.MaxOps),
	"schedules":   "at least 1",
	"runs":        "at least 1",
	"jobs":        fmt.Sprintf("1 to %d, without --shard", mostJobs),
	"preemptions": "at least 0",
	"host":        "processes or coroutines",
	"start":       "barrier or staggered",
	"shard":       "i/n, i from 1 to n, n to 65536, as 1/4",
	"time":        "a positive time, as 30s",
	"seed":        "a number from 0",
	"live":        "the number of a process",
}

// outside says that a flag's value is not what it may be.
func outside(flag string, value any) error {
	return usage("--%s %.20s: expected %s", flag, fmt.Sprint(value), ranges[flag])
}

// flagNames finds the flags in a text.
var flagNames = regexp.MustCompile(`--[a-z][a-z-]*`)

// flagError is what is said of a flag that is not one or whose value is none:
// of the latter what was expected, instead of how parsing failed.
func flagError(c *cobra.Command, err error) error {
	var bad interface{ GetValue() string }
	var none interface{ GetSpecifiedName() string }
	switch {
	case errors.As(err, &bad):
		flag := flagNames.FindString(err.Error()[strings.LastIndex(err.Error(), "for \"")+1:])
		if strings.Contains(err.Error(), "ParseBool") {
			return usage("%s %.20s: expected true or false", flag, bad.GetValue())
		} else if flag = strings.TrimPrefix(flag, "--"); ranges[flag] != "" {
			return outside(flag, bad.GetValue())
		}
	case errors.As(err, &none) && strings.HasPrefix(err.Error(), "unknown flag"):
		return noSuch("flag", "--"+none.GetSpecifiedName(), flagNames.FindAllString(c.LocalFlags().FlagUsages(), -1), c.CommandPath()+" --help")
	}
	return usage("%w (see \"%s --help\")", err, c.CommandPath())
}

// setting checks the flags and makes a setting of them.
func (f *flags) setting(c *cobra.Command) (s shmlab.Setting, err error) {
	if s.Host, err = shmlab.ParseHost(f.host); err != nil {
		return s, outside("host", f.host)
	}
	if f.start != "barrier" && f.start != "staggered" {
		return s, outside("start", f.start)
	}
	if c.Flags().Changed("actors") && (f.actors < 1 || f.actors > trace.MaxActors) {
		return s, outside("actors", f.actors)
	}
	if c.Flags().Changed("ops") && (f.ops < 1 || f.ops > shmlab.MaxOps) {
		return s, outside("ops", f.ops)
	}
	s.Size = shmlab.Size{Actors: f.actors, Ops: f.ops}
	s.Staggered, s.InsideLocks = f.start == "staggered", f.insideLocks
	return s, nil
}

// named checks that there is a strategy of that name.
func (f *flags) named() error {
	var all []string
	for _, s := range inject.Strategies {
		if all = append(all, s.Name); s.Name == f.strategy {
			return nil
		}
	}
	if f.strategy == "" {
		return nil
	}
	return noSuch("strategy", f.strategy, all, "shmrace list")
}

// mostJobs is as many as there are processors, on any machine that one meets.
const mostJobs = 256

// options checks the flags and makes options of a search of them.
func (f *flags) options(c *cobra.Command) (property.Options, error) {
	setting, err := f.setting(c)
	if err != nil {
		return property.Options{}, err
	}
	if f.schedules < 1 {
		return property.Options{}, outside("schedules", f.schedules)
	}
	if c.Flags().Changed("time") && f.time <= 0 {
		return property.Options{}, outside("time", f.time)
	}
	if c.Flags().Changed("preemptions") && f.preemptions < 0 {
		return property.Options{}, outside("preemptions", f.preemptions)
	}
	var faults inject.Faults
	if f.faults != "" {
		if faults, err = inject.ParseFaults(f.faults); err != nil {
			return property.Options{}, usage("--faults %.20s: expected faults of \"explore --help\"", f.faults)
		}
	}
	if f.crash {
		faults = faults.With(inject.Kills)
	}
	if f.jobs < 1 || f.jobs > mostJobs || f.jobs > 1 && c.Flags().Changed("shard") {
		return property.Options{}, outside("jobs", f.jobs)
	}
	shard, err := inject.ParseShard(f.shard)
	if err != nil {
		return property.Options{}, outside("shard", f.shard)
	}
	if err := f.named(); err != nil {
		return property.Options{}, err
	}
	return property.Options{
		Setting: setting, Strategy: f.strategy, Schedules: f.schedules, Time: f.time, NoRace: f.noRace,
		Jobs: f.jobs, Whole: f.all,
		Inject: inject.Options{Seed: f.seed, Bounded: f.preemptions >= 0, Preemptions: f.preemptions, Faults: faults, Shard: shard},
	}, nil
}

// find returns the lab that the user named and has been seen to be fit.
func find(name string) (shmlab.AnyLab, error) {
	if err := sealed(name); err != nil {
		return nil, err
	}
	lab, err := workload.Find(name)
	if err != nil {
		return nil, noSuch("lab", name, workload.Names(), "shmrace list")
	}
	if err := shmlab.Check(lab); err != nil {
		return nil, &exit{statusUsage, err}
	}
	return lab, nil
}

// stepped is find for a lab whose steps are decided.
func stepped(name string) (shmlab.AnyLab, error) {
	lab, err := find(name)
	if err == nil && lab.Describe().FreeOnly {
		return nil, usage("%s blocks outside of points: expected \"shmrace run\"", name)
	}
	return lab, err
}

// named is a command's argument check: exactly one, with this name.
func named(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usage("%s: expected one %s, found %d (see \"shmrace %s --help\")", c.Name(), what, len(args), c.Name())
		}
		return nil
	}
}

// none is a command's argument check: it takes no argument.
func none(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage("%s: expected no argument, found %d (see \"shmrace %s --help\")", c.Name(), len(args), c.Name())
	}
	return nil
}
