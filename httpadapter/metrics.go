package httpadapter

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seckill-go/seckill"
)

var metricsType = []string{"text/plain; version=0.0.4; charset=utf-8"}

// metrics serves what the engine counts, in Prometheus's text format.
func (w *watch) metrics(rw http.ResponseWriter, r *http.Request) {
	status := w.status.get(func() *seckill.Status {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), 3*time.Second)
		defer cancel()
		s, err := w.engine.Status(ctx)
		if err != nil {
			w.log.Warn("no status for metrics", "error", err)
			return nil
		}
		return &s
	})
	var p page
	p.tally(w.engine.Tally())
	if live, err := w.engine.Settings(r.Context()); err == nil { // from memory
		p.family("seckill_settings_age_seconds", "gauge", "Time since the live settings were last known to be the current ones.")
		p.sample("seckill_settings_age_seconds", "", secondsSince(live.ReadAt, time.Now()))
	}
	if status != nil {
		p.status(status, w.engine.Now())
	}
	send(rw, http.StatusOK, metricsType, []byte(p.String()))
}

// page is a page of metrics that is being written.
type page struct{ strings.Builder }

// family begins the metrics of one name.
func (p *page) family(name, kind, help string) {
	fmt.Fprintf(p, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

// sample writes one number; labels are a="b" pairs or nothing.
func (p *page) sample(name, labels string, v float64) {
	if labels != "" {
		labels = "{" + labels + "}"
	}
	fmt.Fprintf(p, "%s%s %s\n", name, labels, strconv.FormatFloat(v, 'g', -1, 64))
}

func (p *page) counter(name, help string, v uint64) {
	p.family(name, "counter", help)
	p.sample(name, "", float64(v))
}

// counters writes one number for each code. Those in always are there before they
// are counted, so that a rate sees the first.
func (p *page) counters(name, label, help string, counts map[seckill.Code]uint64, always ...seckill.Code) {
	p.family(name, "counter", help)
	codes := append(slices.Collect(maps.Keys(counts)), always...)
	slices.Sort(codes)
	for _, code := range slices.Compact(codes) {
		v := string(code)
		if v == "" {
			v = "ok"
		}
		p.sample(name, fmt.Sprintf("%s=%q", label, v), float64(counts[code]))
	}
}

// histogram writes the samples of one histogram of a family; labels end with a
// comma or are empty.
func (p *page) histogram(name, labels string, h seckill.Histogram) {
	var n uint64
	for i, bound := range h.Bounds {
		n += h.Counts[i]
		p.sample(name+"_bucket", fmt.Sprintf(`%sle="%s"`, labels, strconv.FormatFloat(bound, 'g', -1, 64)), float64(n))
	}
	n += h.Counts[len(h.Bounds)]
	p.sample(name+"_bucket", labels+`le="+Inf"`, float64(n))
	labels = strings.TrimSuffix(labels, ",")
	p.sample(name+"_sum", labels, h.Sum)
	p.sample(name+"_count", labels, float64(n))
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
