package main

import (
	"fmt"
	"slices"
	"strings"
)

// mostNear is how many names are offered instead of one that is none.
const mostNear = 3

// noSuch says that nothing is called name, which of all is near, and where all
// are listed, in a line.
func noSuch(what, name string, all []string, where string) error {
	line := fmt.Sprintf("no %s %.20q", what, name)
	near := nearest(name, all)
	for n := len(near); n > 0; n-- {
		if full := fmt.Sprintf("%s; nearest: %s; %s has all", line, join(near[:n]), where); len(full) <= lineWidth {
			return usage("%s", full)
		}
	}
	if len(near) > 0 {
		return usage("%s; nearest: %s", line, near[0])
	}
	return usage("%s; %s has all", line, where)
}

// nearest returns those of all that name may have meant, the likeliest first: what
// begins as it does, then what is few letters from it.
func nearest(name string, all []string) (near []string) {
	if name == "" {
		return nil
	}
	family, _, within := strings.Cut(name, "/")
	far := func(s string) int {
		d := distance(name, s)
		if strings.HasPrefix(s, name) || within && strings.HasPrefix(s, family+"/") {
			d -= len(name) + 100 // before all others
		}
		return d
	}
	for _, s := range all {
		if far(s) <= max(1, len(name)/3) && len(name) < 2*len(s)+4 {
			near = append(near, s)
		}
	}
	slices.SortStableFunc(near, func(a, b string) int { return far(a) - far(b) })
	return near[:min(len(near), mostNear)]
}

// distance is how many letters must be put in, left out or changed to make b of a
// (Wagner and Fischer, "The string-to-string correction problem", JACM 1974).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := corner
			if a[i] != b[j] {
				change++
			}
			corner = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
