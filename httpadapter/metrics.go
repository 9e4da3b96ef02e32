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
	if status != nil {
		p.status(status)
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

func (p *page) counters(name, label, help string, counts map[seckill.Code]uint64) {
	p.family(name, "counter", help)
	for _, code := range slices.Sorted(maps.Keys(counts)) {
		v := string(code)
		if v == "" {
			v = "ok"
		}
		p.sample(name, fmt.Sprintf("%s=%q", label, v), float64(counts[code]))
	}
}

func (p *page) tally(t seckill.Tally) {
	p.counters("seckill_tickets_total", "code", "Tickets asked for, by answer.", t.Tickets)
	p.counters("seckill_purchases_total", "code", "Purchases, by answer.", t.Purchases)
	p.counters("seckill_payments_total", "code", "Payments asked for, by answer.", t.Payments)
	p.counters("seckill_order_moves_total", "state", "Orders that this node moved, by the state they moved to.", t.Moves)
	p.counter("seckill_groups_total", "Group commits.", t.Groups)
	p.counter("seckill_group_buyers_total", "Buyers in group commits.", t.GroupBuyers)
	p.counter("seckill_fenced_groups_total", "Groups that a newer lease had overtaken.", t.Fenced)
	p.counter("seckill_unknown_outcomes_total", "Buyers who were told outcome_unknown by their group.", t.Unknown)
	p.counter("seckill_astray_groups_total", "Groups in which the ledger refused somebody whom the gate had let through.", t.Astray)
	p.counter("seckill_swept_holds_total", "Holds that the sweep settled.", t.Swept)
	p.counter("seckill_events_published_total", "Events that this node published.", t.Events)
	const took = "seckill_purchase_duration_seconds"
	p.family(took, "summary", "Time that purchases took.")
	p.sample(took+"_sum", "", t.PurchaseSeconds)
	var calls uint64
	for _, n := range t.Purchases {
		calls += n
	}
	p.sample(took+"_count", "", float64(calls))
}

func (p *page) status(s *seckill.Status) {
	p.family("seckill_part_up", "gauge", "Whether a part of the engine does its work.")
	for _, h := range s.Parts {
		p.sample("seckill_part_up", fmt.Sprintf("part=%q", h.Part), one(h.Fault == nil))
	}
	p.family("seckill_outbox_pending_batches", "gauge", "Batches of events that were not sent.")
	p.sample("seckill_outbox_pending_batches", "", float64(s.Outbox.Pending))
	p.family("seckill_outbox_lag_seconds", "gauge", "Age of the oldest of them.")
	p.sample("seckill_outbox_lag_seconds", "", secondsSince(s.Outbox.Oldest, time.Now()))
	p.family("seckill_stock_units", "gauge", "Units of a goods in the gate.")
	for _, g := range s.Goods {
		for _, n := range []struct {
			state string
			units int
		}{{"left", g.Gate.Left}, {"held", g.Gate.Held}, {"sold", g.Gate.Sold}} {
			if g.Loaded {
				p.sample("seckill_stock_units", fmt.Sprintf("goods=%q,state=%q", g.Goods.ID, n.state), float64(n.units))
			}
		}
	}
	p.family("seckill_stock_conserved", "gauge", "Whether the gate's numbers add up.")
	for _, g := range s.Goods {
		p.sample("seckill_stock_conserved", fmt.Sprintf("goods=%q", g.Goods.ID), one(g.Conserved || !g.Loaded))
	}
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
