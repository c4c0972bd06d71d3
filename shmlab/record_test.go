package shmlab_test

import (
	"fmt"
	"strings"
	"testing"

	"shmrace/shmlab"
)

// A tear is a record of some bytes that one actor writes and another reads.
type tear[T any] struct{ R shmlab.Record[T] }

// tearing is a lab in which A writes whole and B tells what it reads.
func tearing[T any](name string, whole T) shmlab.AnyLab {
	return served(shmlab.Lab[tear[T]]{
		Name: "record/" + name, Size: shmlab.Size{Actors: 2},
		Actors: func(shmlab.Size) []shmlab.Actor[tear[T]] {
			return []shmlab.Actor[tear[T]]{
				{Name: "writes", Body: func(p *shmlab.Proc, s *tear[T]) { s.R.Set(p, whole) }},
				{Name: "reads", Body: func(p *shmlab.Proc, s *tear[T]) { p.Label(fmt.Sprint(s.R.Get(p))) }},
			}
		},
	})
}

// tears are records and the sizes of their words.
var tears = []struct {
	lab   shmlab.AnyLab
	words []int
}{
	{tearing("1", [1]byte{1}), []int{1}},
	{tearing("3", [3]byte{1, 1, 1}), []int{2, 1}},
	{tearing("7", [7]byte{1, 1, 1, 1, 1, 1, 1}), []int{4, 2, 1}},
	{tearing("8", [8]byte{1, 1, 1, 1, 1, 1, 1, 1}), []int{8}},
	{tearing("12", [12]byte{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}), []int{8, 4}},
	{tearing("24", [24]byte{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}), []int{8, 8, 8}},
}

// mixture is what a reader tells of a record whose first bytes are of one value
// and the rest of another.
func mixture(first, of, n int) string {
	b := make([]int, n)
	for i := range b {
		if b[i] = of; i >= first {
			b[i] = 1 - of
		}
	}
	return strings.Join(strings.Fields(fmt.Sprint(b)), " ")
}

// A record tears between two words of it and nowhere else, whether the writer or
// the reader is interrupted.
func TestRecordTears(t *testing.T) {
	for _, test := range tears {
		onBoth(t, test.lab, shmlab.Setting{}, func(t *testing.T, bench *shmlab.Bench) {
			steps, size := len(test.words), 0
			for _, n := range test.words {
				size += n
			}
			done := 0
			for k := 0; k <= steps; k++ {
				writer := script(t, strings.Repeat("A ", k)+strings.Repeat("B ", steps))
				if told := story(traced(t, bench, writer)); !strings.Contains(told, "B Label "+mixture(done, 1, size)+";") {
					t.Errorf("%d of %d words written: %s, expected %s", k, steps, told, mixture(done, 1, size))
				}
				reader := script(t, strings.Repeat("B ", k)+strings.Repeat("A ", steps)+strings.Repeat("B ", steps-k))
				if told := story(traced(t, bench, reader)); !strings.Contains(told, "B Label "+mixture(done, 0, size)+";") {
					t.Errorf("%d of %d words read: %s, expected %s", k, steps, told, mixture(done, 0, size))
				}
				if k < steps {
					done += test.words[k]
				}
			}
		})
	}
}
