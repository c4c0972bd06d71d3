package ipc

import (
	"fmt"
	"math"
	"strings"
)

// Find returns a mechanism's measurements; nil if it was left out.
func (c *Comparison) Find(name string) *MechanismMeasure {
	for i := range c.Mechanisms {
		if c.Mechanisms[i].Name == name {
			return &c.Mechanisms[i]
		}
	}
	return nil
}

// The plot's measures, in pixels.
const (
	plotLabel = 120 // width of the names
	plotWidth = 320 // of a panel
	plotRow   = 22
	plotTop   = 60
)

// marks tell the sizes of the messages apart, by shape and not by colour alone.
var marks = []struct{ color, shape string }{
	{"#0060a0", `<circle cx="%.1f" cy="%.1f" r="5" fill="%s"><title>%s</title></circle>`},
	{"#c04000", `<rect x="-5" y="-5" width="10" height="10" transform="translate(%.1f %.1f)" fill="%s"><title>%s</title></rect>`},
	{"#207020", `<path d="M-6 5 L6 5 L0 -6 Z" transform="translate(%.1f %.1f)" fill="%s"><title>%s</title></path>`},
}

// SVG returns a plot: a row for each mechanism, to the left the latency one
// way, to the right the messages a second, both on logarithmic axes.
func (c *Comparison) SVG() string {
	var b strings.Builder
	height := plotTop + plotRow*(len(c.Mechanisms)+1) + 40
	width := plotLabel + 2*plotWidth + 60
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">`+"\n", width, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="white"/>`+"\n", width, height)
	for i, size := range c.Sizes {
		x := float64(plotLabel + 110*i)
		fmt.Fprintf(&b, marks[i%len(marks)].shape+"\n", x, 16.0, marks[i%len(marks)].color, "")
		fmt.Fprintf(&b, `<text x="%.1f" y="20">%d bytes</text>`+"\n", x+12, size)
	}
	for i, m := range c.Mechanisms {
		fmt.Fprintf(&b, `<text x="4" y="%d">%s</text>`+"\n", plotTop+plotRow*i+4, m.Name)
	}
	c.panel(&b, plotLabel, panel{"ns one way, median", func(m Measurement) float64 { return m.P50 }})
	c.panel(&b, plotLabel+plotWidth+40, panel{"messages a second", func(m Measurement) float64 { return m.PerSecond }})
	b.WriteString("</svg>\n")
	return b.String()
}

// A panel is one of the two plots.
type panel struct {
	title string
	of    func(Measurement) float64
}

func (c *Comparison) panel(b *strings.Builder, left float64, p panel) {
	low, high := math.Inf(1), math.Inf(-1)
	for _, m := range c.Mechanisms {
		for _, z := range m.Sizes {
			if v := p.of(z); v > 0 {
				low, high = min(low, v), max(high, v)
			}
		}
	}
	from, to := math.Floor(math.Log10(low)), math.Ceil(math.Log10(high))
	if !(to > from) {
		return // nothing was measured
	}
	at := func(v float64) float64 { return left + plotWidth*(math.Log10(v)-from)/(to-from) }
	bottom := plotTop + plotRow*len(c.Mechanisms)
	for e := from; e <= to; e++ {
		x := at(math.Pow(10, e))
		fmt.Fprintf(b, `<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="#cccccc"/>`+"\n", x, plotTop-14, x, bottom)
		fmt.Fprintf(b, `<text x="%.1f" y="%d" text-anchor="middle">1e%.0f</text>`+"\n", x, bottom+16, e)
	}
	fmt.Fprintf(b, `<text x="%.1f" y="%d">%s</text>`+"\n", left, plotTop-20, p.title)
	for i, m := range c.Mechanisms {
		for n, z := range m.Sizes {
			if v := p.of(z); v > 0 {
				title := fmt.Sprintf("%s, %d bytes: %.0f", m.Name, z.Size, v)
				mark := marks[n%len(marks)]
				fmt.Fprintf(b, mark.shape+"\n", at(v), float64(plotTop+plotRow*i), mark.color, title)
			}
		}
	}
}
