package report

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/seckill-go/seckill/examples/simulate/audit"
)

// Table writes the report for people.
func (r Report) Table(w io.Writer) error {
	var text strings.Builder
	t := r.Totals
	fmt.Fprintf(&text, "\n%s %q at %s, seed %d\n", r.Run.GoodsID, r.Run.Title, r.Run.URL, r.Run.Seed)
	if r.Run.Interrupted {
		text.WriteString("ended early: this is what was measured so far\n")
	}
	fmt.Fprintf(&text, "\n%d arrivals in %s: %d requests, %.0f a second\n%d tickets, %d orders of %d units, %d refusals, %d faults\n",
		t.Arrivals, seconds(t.Seconds), t.Requests, t.PerSecond, t.Tickets, t.Orders, r.Run.Units, t.Refusals, t.Faults)
	if t.Late > late {
		fmt.Fprintf(&text, "this program was up to %s behind its own schedule, which is in the latencies: it wants an idle machine\n", micros(t.Late))
	}
	counts := func(what string, of map[string]int) {
		for _, c := range largest(of) {
			fmt.Fprintf(&text, "  %-9s %8d  %s\n", what, c.N, c.Name)
		}
	}
	text.WriteString("\n")
	counts("visit", r.Visits)
	counts("refusal", r.Refusals)
	counts("fault", r.Faults)
	text.WriteString("\nlatency, from when each was due\n")
	r.latencies(&text)
	text.WriteString("\n")
	for _, c := range r.Checks {
		fmt.Fprintf(&text, "%s %-26s %s\n", mark(c.Verdict), c.Name, c.Detail)
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// late is from when on, in microseconds, a crowd's own delay is worth a word.
const late = 50_000

func (r Report) latencies(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "  step\tcount\tgranted\tp50\tp90\tp99\tp99.9\tmax\t")
	for _, s := range r.Steps {
		fmt.Fprintf(t, "  %s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t\n", s.Step, s.Count, s.granted(), micros(s.P50), micros(s.P90), micros(s.P99), micros(s.P999), micros(s.Max))
	}
	t.Flush()
}

// granted is "" for a span that holds several requests.
func (s Step) granted() string {
	if s.Step == "visit" || s.Step == "until paid" {
		return ""
	}
	return fmt.Sprint(s.Granted)
}

// micros writes a latency in three digits or so.
func micros(us int64) string {
	switch d := time.Duration(us) * time.Microsecond; {
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", us)
	case d < 100*time.Millisecond:
		return fmt.Sprintf("%.1f ms", d.Seconds()*1000)
	case d < 10*time.Second:
		return fmt.Sprintf("%.0f ms", d.Seconds()*1000)
	default:
		return seconds(d.Seconds())
	}
}

func seconds(s float64) string { return fmt.Sprintf("%.3g s", s) }

// mark is a verdict in one column.
func mark(v audit.Verdict) string {
	switch v {
	case audit.Holds:
		return "✓"
	case audit.Broken:
		return "✗"
	case audit.Open:
		return "?"
	default:
		return "–"
	}
}
