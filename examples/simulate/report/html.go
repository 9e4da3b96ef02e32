package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"micros": micros, "seconds": seconds, "mark": mark,
	"granted": Step.granted,
}).Parse(pageText))

// HTML writes the report as one page without scripts and without other files.
func (r Report) HTML(w io.Writer) error {
	return page.Execute(w, map[string]any{
		"Report": r, "Charts": r.charts(), "Width": Width, "Height": Height, "Left": left, "Right": right, "Base": base,
		"Bars": []any{
			map[string]any{"Title": "Visitors", "What": "what each of them went with", "Bars": bars(r.Visits, visitClass)},
			map[string]any{"Title": "Refusals", "What": "requests, by the code of their problem", "Bars": bars(r.Refusals, func(string) string { return "refusal" })},
			map[string]any{"Title": "Faults", "What": "requests without an answer that the API knows", "Bars": bars(r.Faults, func(string) string { return "fault" })},
		},
	})
}

func visitClass(name string) string {
	switch name {
	case "order":
		return "order"
	case "fault", "unfinished":
		return "fault"
	}
	return "refusal"
}

func (r Report) charts() []chart {
	rate := func(name, class string, fill bool, of func(Point) int) row {
		return row{name, class, fill, func(p Point) (float64, bool) { return float64(of(p)) / r.Slice, true }}
	}
	latency := func(name, class string, of func(Point) int64) row {
		return row{name, class, false, func(p Point) (float64, bool) { return float64(of(p)) / 1000, of(p) > 0 }}
	}
	digits := func(v float64) string { return fmt.Sprintf("%.4g", v) }
	whole := func(v float64) string { return fmt.Sprintf("%.6g", v) }
	return []chart{
		draw("Throughput", "a second", r.Points, r.Slice, whole,
			rate("arrivals", "arrival", true, func(p Point) int { return p.Arrivals }),
			rate("answers", "answer", false, func(p Point) int { return p.Requests }),
			rate("orders", "order", false, func(p Point) int { return p.Orders }),
			rate("refusals", "refusal", false, func(p Point) int { return p.Refusals }),
			rate("faults", "fault", false, func(p Point) int { return p.Faults })),
		draw("Latency of all requests", "ms, by when they were due", r.Points, r.Slice, digits,
			latency("p50", "answer", func(p Point) int64 { return p.P50 }),
			latency("p99", "refusal", func(p Point) int64 { return p.P99 }),
			latency("max", "fault", func(p Point) int64 { return p.Max })),
		draw("Units left on sale", "units", r.Points, r.Slice, whole,
			row{"left", "order", true, func(p Point) (float64, bool) {
				if p.Left == nil {
					return 0, false
				}
				return float64(*p.Left), true
			}}),
	}
}
