package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/examples/simulate/audit"
	"github.com/seckill-go/seckill/examples/simulate/measure"
	"github.com/seckill-go/seckill/examples/simulate/report"
)

// sample is a report of a small sale with something of everything.
func sample() report.Report {
	r := measure.NewRecorder(2 * time.Second)
	for n := range 200 {
		due := time.Duration(n) * 10 * time.Millisecond
		r.Arrived(due, 0)
		r.OnSale(due, 200-n)
		r.Add(measure.Sample{Step: measure.Ticket, Due: due, Took: time.Duration(n) * time.Millisecond})
		s := measure.Sample{Step: measure.Purchase, Due: due, Took: 3 * time.Millisecond}
		switch n % 4 {
		case 0:
			s.Code = "sold_out"
		case 1:
			s.Fault = "timeout"
		}
		r.Add(s)
		r.Left([]string{"sold_out", "fault", "order", "order"}[n%4])
	}
	run := report.Run{URL: "http://127.0.0.1:8000", GoodsID: "1001", Title: `<script>alert("茶")</script>`, Units: 200, Users: 200, DurationSeconds: 2, Curve: "ramp", Seed: 42}
	return report.New(run, r.Figures(), audit.Judge(audit.Facts{GoodsID: "1001", Most: 200}))
}

func page(t *testing.T, r report.Report) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, r.HTML(&b))
	return b.String()
}

func TestThePageIsWellFormedAndComplete(t *testing.T) {
	t.Parallel()
	html := page(t, sample())
	d := xml.NewDecoder(strings.NewReader(html))
	d.Entity = xml.HTMLEntity
	elements := map[string]int{}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if e, ok := token.(xml.StartElement); ok {
			elements[e.Name.Local]++
			for _, a := range e.Attr {
				require.NotContains(t, []string{"src", "href", "onclick", "onload"}, a.Name.Local, "nothing from outside")
			}
		}
	}
	require.Equal(t, 3, elements["svg"])
	require.Equal(t, 5+3+1, elements["polyline"]+elements["polygon"])
	require.Zero(t, elements["script"]+elements["link"]+elements["img"]+elements["iframe"])
	require.NotContains(t, html, "url(")
	require.NotContains(t, html, "@import")
	require.NotContains(t, html, "ZgotmplZ", "html/template found something unsafe")
	require.NotContains(t, html, "NaN")
	require.NotContains(t, html, "Inf")
	require.Contains(t, html, "prefers-color-scheme: dark")
}

// An area goes down to the axis right below its first and its last point.
func TestAreasStandOnTheAxis(t *testing.T) {
	t.Parallel()
	areas := regexp.MustCompile(`<polygon class="[^"]*" points="([^"]*)"`).FindAllStringSubmatch(page(t, sample()), -1)
	require.Len(t, areas, 2)
	for _, a := range areas {
		points := strings.Fields(a[1])
		for ground, above := range map[string]string{points[0]: points[1], points[len(points)-1]: points[len(points)-2]} {
			x, y, _ := strings.Cut(ground, ",")
			require.Equal(t, "228", y)
			require.True(t, strings.HasPrefix(above, x+","), "%s is not above %s", above, ground)
		}
	}
}

func TestWhatAShopSaysIsNoMarkup(t *testing.T) {
	t.Parallel()
	html := page(t, sample())
	require.Contains(t, html, "&lt;script&gt;alert")
	require.NotContains(t, html, "<script")
}

func TestTheSumsAgree(t *testing.T) {
	t.Parallel()
	r := sample()
	var b bytes.Buffer
	require.NoError(t, r.JSON(&b))
	var got report.Report
	require.NoError(t, json.Unmarshal(b.Bytes(), &got))
	require.Equal(t, r, got, "JSON says all of it")

	sum := func(counts map[string]int) (n int) {
		for _, c := range counts {
			n += c
		}
		return n
	}
	require.Equal(t, got.Totals.Arrivals, sum(got.Visits))
	require.Equal(t, got.Totals.Refusals, sum(got.Refusals))
	require.Equal(t, got.Totals.Faults, sum(got.Faults))
	require.Equal(t, got.Totals.Requests, got.Totals.Tickets+got.Totals.Orders+got.Totals.Refusals+got.Totals.Faults)
	points := report.Point{}
	for _, p := range got.Points {
		points.Arrivals, points.Requests, points.Orders = points.Arrivals+p.Arrivals, points.Requests+p.Requests, points.Orders+p.Orders
	}
	require.Equal(t, report.Point{Arrivals: 200, Requests: 400, Orders: 100}, points)

	// The page has the same numbers.
	var shown []int
	for _, m := range regexp.MustCompile(`<div><b>(\d+)</b>`).FindAllStringSubmatch(page(t, r), -1) {
		n, err := strconv.Atoi(m[1])
		require.NoError(t, err)
		shown = append(shown, n)
	}
	require.Equal(t, []int{200, 400, int(got.Totals.PerSecond + .5), 200, 100, 50, 50}, shown)

	// And so has the table.
	b.Reset()
	require.NoError(t, r.Table(&b))
	for _, want := range []string{"200 arrivals in ", ": 400 requests, ", "200 tickets, 100 orders of 200 units, 50 refusals, 50 faults", "seed 42", "50  sold_out", "50  timeout", "✓ no_oversell", "– conserved"} {
		require.Contains(t, b.String(), want)
	}
}

func TestThePageAndTheStatusSayWhatIsBroken(t *testing.T) {
	t.Parallel()
	r := sample()
	require.True(t, r.Passed(), "nobody asked about conservation, which is no failure")
	for _, v := range []audit.Verdict{audit.Broken, audit.Open} {
		r.Checks[0] = audit.Check{Name: "no_oversell", Verdict: v, Detail: "3 units in orders, of 2 on sale"}
		require.False(t, r.Passed())
		require.Contains(t, page(t, r), "Not every invariant holds.")
		require.Contains(t, page(t, r), "3 units in orders, of 2 on sale")
	}
}

func TestAnEmptyRunHasAPageToo(t *testing.T) {
	t.Parallel()
	r := report.New(report.Run{}, measure.NewRecorder(time.Second).Figures(), nil)
	require.NotContains(t, page(t, r), "NaN")
	require.NoError(t, r.Table(io.Discard))
	require.NoError(t, r.JSON(io.Discard))
}
