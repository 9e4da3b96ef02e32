package measure

import "time"

// Figures are what was measured of a run.
type Figures struct {
	Arrivals int
	// Late is by how much the program that sends the crowd was behind its schedule at
	// most. Latencies include it.
	Late time.Duration
	// Visits are how many visitors went with what: "order", a refusal's code, "fault"
	// or "unfinished".
	Visits map[string]int
	// Answers are all requests that ended; Tickets and Orders those that were granted,
	// where an order that the same visitor was told twice counts once.
	Answers, Tickets, Orders int
	// Refusals are the requests that were refused, by code, Faults those without an
	// answer that the API knows.
	Refusals, Faults map[string]int
	Steps            []Latencies
	// Points are the slices of the run, each of length Slice.
	Slice  time.Duration
	Points []Point
}

// Latencies are those of one step, from when a request was due.
type Latencies struct {
	Step Step
	// Count are all requests, Granted those with a success.
	Count, Granted           int
	P50, P90, P99, P999, Max time.Duration
}

// Point is one slice of a run.
type Point struct {
	At time.Duration
	// Arrivals were due in the slice, the others came in it.
	Arrivals, Answers, Tickets, Orders, Refusals, Faults int
	// P50, P99 and Max are latencies of what was due in the slice.
	P50, P99, Max time.Duration
	// Left is how many units were on sale, nil if nobody asked.
	Left *int
}

// End is when the last answer came, to within a slice.
func (f Figures) End() time.Duration {
	for i := len(f.Points) - 1; i >= 0; i-- {
		if p := f.Points[i]; p.Answers+p.Arrivals > 0 {
			return p.At + f.Slice
		}
	}
	return 0
}

// PerSecond is how many requests ended a second, over all of the run.
func (f Figures) PerSecond() float64 {
	if f.End() == 0 {
		return 0
	}
	return float64(f.Answers) / f.End().Seconds()
}
