// Package report tells what a simulated sale was like: as a table, as JSON, and as
// one HTML page with its charts in it.
package report

import (
	"encoding/json"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/seckill-go/seckill/examples/simulate/audit"
	"github.com/seckill-go/seckill/examples/simulate/measure"
)

// Run is what was asked for.
type Run struct {
	// URL is the shop's, GoodsID what it sells.
	URL     string `json:"url"`
	GoodsID string `json:"goods_id"`
	Title   string `json:"title"`
	Units   int    `json:"units"`
	// At is when it began.
	At              time.Time `json:"at"`
	Users           int       `json:"users"`
	DurationSeconds float64   `json:"duration_seconds"`
	Curve           string    `json:"curve"`
	Mix             string    `json:"mix"`
	BotsPercent     float64   `json:"bots_percent"`
	DoublesPercent  float64   `json:"double_percent"`
	Retries         int       `json:"retries"`
	Connections     int       `json:"connections"`
	Seed            uint64    `json:"seed"`
	// Interrupted says that somebody ended the run early.
	Interrupted bool `json:"interrupted"`
}

// Report is a run, what was measured of it, and whether the invariants held.
type Report struct {
	Run      Run            `json:"run"`
	Totals   Totals         `json:"totals"`
	Visits   map[string]int `json:"visits"`
	Refusals map[string]int `json:"refusals"`
	Faults   map[string]int `json:"faults"`
	Steps    []Step         `json:"steps"`
	Slice    float64        `json:"slice_seconds"`
	Points   []Point        `json:"points"`
	Checks   []audit.Check  `json:"checks"`
}

// Totals are counts over all of a run.
type Totals struct {
	Arrivals  int     `json:"arrivals"`
	Requests  int     `json:"requests"`
	Tickets   int     `json:"tickets"`
	Orders    int     `json:"orders"`
	Refusals  int     `json:"refusals"`
	Faults    int     `json:"faults"`
	Seconds   float64 `json:"seconds"`
	PerSecond float64 `json:"requests_per_second"`
	// Late is by how much this program was behind its own schedule at most. Latencies
	// include it.
	Late int64 `json:"generator_late_us"`
}

// Step are the latencies of one step, in microseconds from when it was due.
type Step struct {
	Step    string `json:"step"`
	Count   int    `json:"count"`
	Granted int    `json:"granted"`
	P50     int64  `json:"p50_us"`
	P90     int64  `json:"p90_us"`
	P99     int64  `json:"p99_us"`
	P999    int64  `json:"p999_us"`
	Max     int64  `json:"max_us"`
}

// Point is one slice of a run.
type Point struct {
	Seconds  float64 `json:"at_seconds"`
	Arrivals int     `json:"arrivals"`
	Requests int     `json:"requests"`
	Tickets  int     `json:"tickets"`
	Orders   int     `json:"orders"`
	Refusals int     `json:"refusals"`
	Faults   int     `json:"faults"`
	P50      int64   `json:"p50_us"`
	P99      int64   `json:"p99_us"`
	Max      int64   `json:"max_us"`
	Left     *int    `json:"left"`
}

// New puts a report together.
func New(run Run, f measure.Figures, checks []audit.Check) Report {
	r := Report{
		Run: run, Visits: f.Visits, Refusals: f.Refusals, Faults: f.Faults, Checks: checks, Slice: f.Slice.Seconds(),
		Totals: Totals{
			Arrivals: f.Arrivals, Requests: f.Answers, Tickets: f.Tickets, Orders: f.Orders, Refusals: sum(f.Refusals),
			Faults: sum(f.Faults), Seconds: f.End().Seconds(), PerSecond: f.PerSecond(), Late: f.Late.Microseconds(),
		},
	}
	for _, l := range f.Steps {
		r.Steps = append(r.Steps, Step{
			string(l.Step), l.Count, l.Granted, l.P50.Microseconds(), l.P90.Microseconds(), l.P99.Microseconds(),
			l.P999.Microseconds(), l.Max.Microseconds(),
		})
	}
	for _, p := range f.Points {
		r.Points = append(r.Points, Point{
			p.At.Seconds(), p.Arrivals, p.Answers, p.Tickets, p.Orders, p.Refusals, p.Faults,
			p.P50.Microseconds(), p.P99.Microseconds(), p.Max.Microseconds(), p.Left,
		})
	}
	return r
}

func sum(counts map[string]int) (all int) {
	for _, n := range counts {
		all += n
	}
	return all
}

// Passed says that no invariant is broken, and none open.
func (r Report) Passed() bool {
	return !slices.ContainsFunc(r.Checks, func(c audit.Check) bool { return c.Verdict == audit.Broken || c.Verdict == audit.Open })
}

// JSON writes the report for machines.
func (r Report) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// count is a name with a number.
type count struct {
	Name string
	N    int
}

// largest returns the counts, the largest first.
func largest(counts map[string]int) (all []count) {
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		all = append(all, count{name, counts[name]})
	}
	slices.SortStableFunc(all, func(a, b count) int { return b.N - a.N })
	return all
}
