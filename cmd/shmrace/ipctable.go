package main

import (
	"fmt"
	"strconv"

	"shmrace/shmlab/ipc"
)

// table prints the table that ends the lecture.
func (s *ipcShow) table(r *ipc.Report) {
	s.line("")
	const format = "%-14s %-5s %-6s %-7s %-5s %-6s %-5s %-5s %8s %9s"
	s.line(format, "", "any", "stays", "records", "ways", "copies", "own", "tells", "64 bytes", "64 bytes")
	s.line(format, "mechanism", "proc.", "", "kept", "", "", "lock", "death", "one way", "a second")
	for _, row := range ipc.Table(r) {
		c := row.Cells
		for i := range c {
			if c[i] == "" {
				c[i] = "-"
			}
		}
		s.line(format, row.Name,
			c[0], c[1], c[2], c[3], c[4], c[5], c[6], latency(row.P50), rate(row.PerSecond))
	}
	s.line("any proc.: one that inherited nothing can get at it. stays: what was sent is")
	s.line("there when nobody has it open (name: only the name is). - was not observed.")
}

// latency is nanoseconds for people.
func latency(ns string) string {
	f, err := strconv.ParseFloat(ns, 64)
	switch {
	case err != nil:
		return "-"
	case f < 1000:
		return fmt.Sprintf("%.0f ns", f)
	}
	return fmt.Sprintf("%.1f us", f/1000)
}

// rate is a number per second for people.
func rate(perSecond string) string {
	f, err := strconv.ParseFloat(perSecond, 64)
	switch {
	case err != nil:
		return "-"
	case f >= 1e6:
		return fmt.Sprintf("%.1f M", f/1e6)
	}
	return fmt.Sprintf("%.0f k", f/1e3)
}
