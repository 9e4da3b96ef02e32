package report

import (
	"fmt"
	"math"
	"strings"
)

// chart is a drawing of numbers over time, in the units of its view box.
type chart struct {
	Title, Unit string
	Lines       []line
	X, Y        []tick
}

// line is one row of numbers. Class names its colour and dash in the page's style.
type line struct {
	Name, Class string
	// Points are the attribute of an SVG polyline.
	Points string
	Fill   bool // down to the axis
	// Most is the largest number, for the legend.
	Most string
}

// tick is a mark at an axis.
type tick struct {
	At    float64
	Label string
}

// The view box, and where in it the numbers are.
const (
	Width, Height          = 720, 260
	left, right, top, base = 64, 708, 12, 228
)

// row is a line's numbers before they are drawn.
type row struct {
	name, class string
	fill        bool
	of          func(Point) (v float64, ok bool)
}

// draw draws the rows over the points, which are slice seconds apart, with times
// of half a slice into each.
func draw(title, unit string, points []Point, slice float64, show func(float64) string, rows ...row) chart {
	c := chart{Title: title, Unit: unit}
	end, most := slice, 0.0
	for _, p := range points {
		end = max(end, p.Seconds+slice)
		for _, r := range rows {
			if v, ok := r.of(p); ok {
				most = max(most, v)
			}
		}
	}
	stepX, stepY := nice(end/8), nice(most/4)
	roof := max(stepY*math.Ceil(most/stepY), stepY)
	x := func(s float64) float64 { return left + (right-left)*s/end }
	y := func(v float64) float64 { return base - (base-top)*v/roof }
	for i := 0; float64(i)*stepX <= end*1.0001; i++ {
		s := float64(i) * stepX
		c.X = append(c.X, tick{x(s), fmt.Sprintf("%.3g", s)})
	}
	for i := 0; float64(i)*stepY <= roof*1.0001; i++ {
		v := float64(i) * stepY
		c.Y = append(c.Y, tick{y(v), show(v)})
	}
	for _, r := range rows {
		c.Lines = append(c.Lines, r.draw(points, slice, x, y, show))
	}
	return c
}

func (r row) draw(points []Point, slice float64, x, y func(float64) float64, show func(float64) string) line {
	var at strings.Builder
	var most, first, last float64
	drawn := 0
	for _, p := range points {
		v, ok := r.of(p)
		if !ok {
			continue
		}
		most, last = max(most, v), x(p.Seconds+slice/2)
		if drawn == 0 {
			first = last
		}
		drawn++
		fmt.Fprintf(&at, "%.1f,%.1f ", last, y(v))
	}
	text := at.String()
	if r.fill && drawn > 0 {
		text = fmt.Sprintf("%.1f,%d %s%.1f,%d", first, base, text, last, base)
	}
	return line{Name: r.name, Class: r.class, Points: strings.TrimSpace(text), Fill: r.fill, Most: show(most)}
}

// nice rounds up to 1, 2 or 5 times a power of ten.
func nice(v float64) float64 {
	if v <= 0 {
		return 1
	}
	unit := math.Pow(10, math.Floor(math.Log10(v)))
	for _, n := range []float64{1, 2, 5} {
		if v <= n*unit*1.0001 {
			return n * unit
		}
	}
	return 10 * unit
}

// bar is one of several counts, Part of the largest.
type bar struct {
	Name, Class string
	N           int
	Part        float64 // 0 to 100
	Percent     string  // of all
}

func bars(counts map[string]int, class func(name string) string) (all []bar) {
	sorted, total := largest(counts), sum(counts)
	for _, c := range sorted {
		all = append(all, bar{
			c.Name, class(c.Name), c.N, 100 * float64(c.N) / float64(max(sorted[0].N, 1)),
			fmt.Sprintf("%.1f %%", 100*float64(c.N)/float64(max(total, 1))),
		})
	}
	return all
}
