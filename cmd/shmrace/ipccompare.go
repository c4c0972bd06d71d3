package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"shmrace/shmlab/ipc"
)

// compare measures every mechanism and prints what came of it.
func (s *ipcShow) compare(svg string) error {
	progress := newMeter()
	begin := time.Now()
	c, err := ipc.Compare(s.ctx, func(name string) {
		progress.show(fmt.Sprintf("%3.0f s  %s", time.Since(begin).Seconds(), name))
	})
	progress.clear()
	if errors.Is(err, ipc.ErrInterrupted) {
		return undecided(err)
	}
	if err != nil {
		return &exit{statusViolated, err}
	}
	if svg != "" {
		if err := os.WriteFile(svg, []byte(c.SVG()), 0o666); err != nil {
			return undecided(err)
		}
	}
	if s.json {
		return s.encode(c)
	}
	s.comparison(c)
	return nil
}

func (s *ipcShow) comparison(c *ipc.Comparison) {
	s.line("one producer, one consumer, pinned to CPUs %d and %d, the best of %d rounds", c.CPUs[0], c.CPUs[1], c.Rounds)
	s.line("%-14s %7s %12s %12s %14s", "mechanism", "bytes", "p50 one way", "p99", "messages/s")
	for i, size := range c.Sizes {
		for _, m := range c.Mechanisms {
			z := m.Sizes[i]
			s.line("%-14s %7d %12s %12s %14s", m.Name, size, nanoseconds(z.P50), nanoseconds(z.P99), rate(fmt.Sprint(z.PerSecond)))
		}
		s.line("")
	}
	s.line("%-14s %7s %12s %12s   one word, there and back", "cache line", "-", nanoseconds(c.Bare.P50), nanoseconds(c.Bare.P99))
	s.line("%-14s %7s %12s %12s   a line for each way", "cache lines", "-", nanoseconds(c.BareTwo.P50), nanoseconds(c.BareTwo.P99))
	for _, l := range c.Lacking {
		s.line("Left out here: %s", l.Why)
	}
	ring, pipe := c.Find("ring"), c.Find("pipe")
	if ring != nil && pipe != nil && c.Bare.P50 > 0 {
		s.text("The ring: ", fmt.Sprintf("%.0f times a pipe's messages, %.2f times one word's latency, %.2f times two's. It is plain memory; shmsync.SPSC, whose every access is a point, has its own figures in the README.",
			ring.Sizes[0].PerSecond/pipe.Sizes[0].PerSecond, ring.Sizes[0].P50/c.Bare.P50, ring.Sizes[0].P50/c.BareTwo.P50))
	}
}

func nanoseconds(ns float64) string { return latency(fmt.Sprint(ns)) }
