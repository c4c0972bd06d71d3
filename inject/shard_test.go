package inject_test

import (
	"slices"
	"testing"

	"shmrace/inject"
)

// The shards of a search take its schedules, each once.
func TestShards(t *testing.T) {
	const schedules, shards = 50, 3
	for _, c := range []struct {
		name   string
		faults inject.Faults
	}{{name: "random"}, {"random", inject.Kills}, {name: "pos"}, {name: "roundrobin"}, {"pos", inject.Kills}} {
		whole := schedulesOf(t, c.name, inject.Options{Seed: 7, Faults: c.faults}, schedules)
		got := make([]string, schedules)
		for i := range shards {
			shard := inject.Shard{Index: i, Of: shards}
			for k, s := range schedulesOf(t, c.name, inject.Options{Seed: 7, Faults: c.faults, Shard: shard}, shard.Share(schedules)) {
				got[i+k*shards] = s
			}
		}
		if !slices.Equal(got, whole) {
			t.Errorf("%s, %v: the shards took\n%q\nexpected\n%q", c.name, c.faults, got, whole)
		}
	}
}

func schedulesOf(t *testing.T, name string, o inject.Options, n int) (list []string) {
	t.Helper()
	strategy, err := inject.New(name, o)
	if err != nil {
		t.Fatal(err)
	}
	bench := open(t, program(incRW(3)...))
	for range n {
		if !strategy.Begin() {
			t.Fatal("the strategy is over")
		}
		run, err := bench.Run(strategy)
		if err != nil {
			t.Fatal(err)
		}
		schedule := bench.Schedule(run)
		list = append(list, schedule.String())
	}
	return list
}

func TestParseShard(t *testing.T) {
	if s, err := inject.ParseShard("2/3"); err != nil || s != (inject.Shard{Index: 1, Of: 3}) {
		t.Errorf("2/3 is %v, %v", s, err)
	}
	for _, text := range []string{"", "1", "0/3", "4/3", "1/0", "a/b", "1/2/3", "-1/3", "1/ 3"} {
		if s, err := inject.ParseShard(text); err == nil {
			t.Errorf("%q is %v, expected an error", text, s)
		}
	}
}
