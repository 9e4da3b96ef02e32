package httpadapter

import (
	"fmt"
	"time"

	"github.com/seckill-go/seckill"
)

// tally writes what the node counted itself.
func (p *page) tally(t seckill.Tally) {
	p.counters("seckill_tickets_total", "code", "Tickets asked for, by answer.", t.Tickets, "")
	p.counters("seckill_purchases_total", "code", "Purchase requests, by answer.", t.Purchases, "",
		seckill.SoldOut, seckill.LimitReached, seckill.Busy, seckill.OutcomeUnknown)
	p.counter("seckill_orders_created_total", "New orders that this node committed.", t.Orders)
	p.counters("seckill_payments_total", "code", "Payments asked for, by answer.", t.Payments, "")
	p.counters("seckill_order_moves_total", "state", "Orders that this node moved, by the state they moved to.", t.Moves,
		"paid", "cancelled", "refund_due")
	const took = "seckill_stage_duration_seconds"
	p.family(took, "histogram", "Time that each stage of the engine's work took.")
	for _, name := range seckill.Stages() {
		p.histogram(took, fmt.Sprintf("stage=%q,", name), t.Stages[name])
	}
	p.family("seckill_group_size", "histogram", "Buyers in each group commit.")
	p.histogram("seckill_group_size", "", t.GroupSizes)
	p.counter("seckill_leases_total", "Leases that this node had for selling.", t.Leases)
	p.counters("seckill_leases_ended_total", "reason", "Leases for selling that ended, by the reason.", t.LeasesEnded,
		"fenced", "handed_over", "idle", "lost", "mode", "stopped")
	p.counters("seckill_duplicates_total", "layer", "Attempts and payment events that came again, by who noticed.", t.Duplicates,
		"gate", "inbox", "ledger")
	p.counter("seckill_fenced_groups_total", "Groups that a newer lease had overtaken.", t.Fenced)
	p.counter("seckill_unknown_outcomes_total", "Buyers who were told outcome_unknown by their group.", t.Unknown)
	p.counter("seckill_astray_groups_total", "Groups in which the ledger refused somebody whom the gate had let through.", t.Astray)
	p.counter("seckill_swept_holds_total", "Holds that the sweep settled.", t.Swept)
	p.counter("seckill_reconcile_differences_total", "What reconciles on this node found that did not agree.", t.Differences)
	p.counters("seckill_parked_total", "lane", "Events and cancels that could not be done and were parked.", t.Parked, "order", "payment", "cancel")
	p.counter("seckill_events_published_total", "Events that this node published.", t.Events)
}

// status writes what all nodes share, as this one read it.
func (p *page) status(s *seckill.Status, now time.Time) {
	p.family("seckill_part_up", "gauge", "Whether a part of the engine does its work.")
	for _, h := range s.Parts {
		p.sample("seckill_part_up", fmt.Sprintf("part=%q", h.Part), one(h.Fault == nil))
	}
	p.family("seckill_outbox_pending_batches", "gauge", "Batches of events that were not sent.")
	p.sample("seckill_outbox_pending_batches", "", float64(s.Outbox.Pending))
	p.family("seckill_outbox_lag_seconds", "gauge", "Age of the oldest of them.")
	p.sample("seckill_outbox_lag_seconds", "", secondsSince(s.Outbox.Oldest, now))
	p.family("seckill_parked", "gauge", "Events and cancels that are parked.")
	p.sample("seckill_parked", "", float64(s.Parked))
	p.family("seckill_stock_units", "gauge", "Units of a goods in the gate.")
	p.each(s, func(g seckill.GoodsStatus, name string) {
		if g.Loaded {
			p.sample("seckill_stock_units", name+`,state="left"`, float64(g.Gate.Left))
			p.sample("seckill_stock_units", name+`,state="held"`, float64(g.Gate.Held))
			p.sample("seckill_stock_units", name+`,state="sold"`, float64(g.Gate.Sold))
		}
	})
	p.family("seckill_stock_conserved", "gauge", "Whether the gate's numbers add up.")
	p.each(s, func(g seckill.GoodsStatus, name string) {
		p.sample("seckill_stock_conserved", name, one(g.Conserved || !g.Loaded))
	})
	p.family("seckill_stock_drift_units", "gauge", "Units by which the gate and the ledger's stock row of a goods differ.")
	p.each(s, func(g seckill.GoodsStatus, name string) {
		if g.Loaded {
			p.sample("seckill_stock_drift_units", name+`,against="gate"`, gateDrift(g))
		}
	})
}

// gateDrift is by how many units the gate and the stock row contradict each other.
// What is held may be sold in the row already. They are read one after the other, so
// a drift that does not last is none.
func gateDrift(g seckill.GoodsStatus) float64 {
	return float64(max(0, g.Ledger.Sold-g.Gate.Sold-g.Gate.Held, g.Gate.Sold-g.Ledger.Sold))
}

// each calls f with each goods and its label.
func (p *page) each(s *seckill.Status, f func(g seckill.GoodsStatus, name string)) {
	for _, g := range s.Goods {
		f(g, fmt.Sprintf("goods=%q", g.Goods.ID))
	}
}
