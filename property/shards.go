package property

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"shmrace/inject"
)

// Shards are some of the shards of a search: "1+3/4" is the first and the third
// of four. The zero Shards are the whole.
type Shards struct {
	have []int // from 1, in ascending order
	of   int
}

func shardsOf(s inject.Shard) Shards {
	if s.Of < 2 {
		return Shards{}
	}
	return Shards{[]int{s.Index + 1}, s.Of}
}

// ParseShards is the inverse of [Shards.String].
func ParseShards(text string) (s Shards, err error) {
	bad := fmt.Errorf("its shard is %.40q: expected i/n, as 1/4", text)
	list, of, _ := strings.Cut(text, "/")
	if s.of, err = strconv.Atoi(of); err != nil || s.of > inject.MostShards {
		return s, bad
	}
	for one := range strings.SplitSeq(list, "+") {
		i, err := strconv.Atoi(one)
		if err != nil || i < 1 || i > s.of || len(s.have) > 0 && i <= s.have[len(s.have)-1] {
			return s, bad
		}
		s.have = append(s.have, i)
	}
	return s, nil
}

// with returns the shards of s and of t, of which none may be in both.
func (s Shards) with(t Shards) (Shards, error) {
	if of, one := max(s.of, 1), max(t.of, 1); of != one {
		return s, fmt.Errorf("it is one of %s, expected one of %d", Count(one, "shard"), of)
	}
	all := Shards{slices.Clone(s.list()), max(s.of, 1)}
	for _, i := range t.list() {
		if slices.Contains(all.have, i) {
			return s, fmt.Errorf("shard %d/%d is there twice: expected each once", i, all.of)
		}
		all.have = append(all.have, i)
	}
	slices.Sort(all.have)
	return all, nil
}

func (s Shards) list() []int {
	if s.of == 0 {
		return []int{1}
	}
	return s.have
}

// Whole reports whether none is missing.
func (s Shards) Whole() bool { return len(s.have) == s.of }

// String names them: "1+3/4", or "1/1" if none is missing.
func (s Shards) String() string {
	if s.Whole() {
		return "1/1"
	}
	var list []string
	for _, i := range s.have {
		list = append(list, strconv.Itoa(i))
	}
	return fmt.Sprintf("%s/%d", strings.Join(list, "+"), s.of)
}
