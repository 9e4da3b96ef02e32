package otel

import (
	"context"
	"errors"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/seckill-go/seckill"
)

// Watch makes metrics of the engine's [seckill.Tally], which is read whenever the
// meter's reader collects: new orders, leases, duplicates, and what should stay rare. Unregister
// what it returns to end that. Watch one engine of a process: two would be mixed up.
func (o *Observer) Watch(engine *seckill.Engine) (metric.Registration, error) {
	w := &watch{meter: o.meter}
	w.counter("seckill.orders.created", "{order}", "New orders that this node committed.", func(t *seckill.Tally) uint64 { return t.Orders })
	w.counter("seckill.leases", "{lease}", "Leases that this node had for selling.", func(t *seckill.Tally) uint64 { return t.Leases })
	w.counter("seckill.groups.fenced", "{group}", "Groups that a newer lease had overtaken.", func(t *seckill.Tally) uint64 { return t.Fenced })
	w.counter("seckill.groups.astray", "{group}", "Groups in which the ledger refused somebody whom the gate had let through.", func(t *seckill.Tally) uint64 { return t.Astray })
	w.counter("seckill.outcomes.unknown", "{buyer}", "Buyers who were told outcome_unknown by their group.", func(t *seckill.Tally) uint64 { return t.Unknown })
	w.counter("seckill.holds.swept", "{hold}", "Holds that the sweep settled.", func(t *seckill.Tally) uint64 { return t.Swept })
	w.counter("seckill.reconcile.differences", "{difference}", "What reconciles on this node found that did not agree.", func(t *seckill.Tally) uint64 { return t.Differences })
	w.counters("seckill.leases.ended", "{lease}", "Leases for selling that ended, by the reason.", "seckill.reason", func(t *seckill.Tally) map[seckill.Code]uint64 { return t.LeasesEnded })
	w.counters("seckill.duplicates", "{duplicate}", "Attempts and payment events that came again, by who noticed.", "seckill.layer", func(t *seckill.Tally) map[seckill.Code]uint64 { return t.Duplicates })
	w.counters("seckill.order.moves", "{order}", "Orders that this node moved, by the state they moved to.", "seckill.state", func(t *seckill.Tally) map[seckill.Code]uint64 { return t.Moves })
	if w.err != nil {
		return nil, fmt.Errorf("otel: %w", w.err)
	}
	return o.meter.RegisterCallback(func(_ context.Context, observer metric.Observer) error {
		t := engine.Tally()
		for _, report := range w.reports {
			report(observer, &t)
		}
		return nil
	}, w.instruments...)
}

// watch is a list of counters that is being made.
type watch struct {
	meter       metric.Meter
	instruments []metric.Observable
	reports     []func(metric.Observer, *seckill.Tally)
	err         error
}

func (w *watch) instrument(name, unit, description string, report func(metric.Int64Observable, metric.Observer, *seckill.Tally)) {
	c, err := w.meter.Int64ObservableCounter(name, metric.WithUnit(unit), metric.WithDescription(description))
	w.err = errors.Join(w.err, err)
	w.instruments = append(w.instruments, c)
	w.reports = append(w.reports, func(o metric.Observer, t *seckill.Tally) { report(c, o, t) })
}

func (w *watch) counter(name, unit, description string, of func(*seckill.Tally) uint64) {
	w.instrument(name, unit, description, func(c metric.Int64Observable, o metric.Observer, t *seckill.Tally) {
		o.ObserveInt64(c, int64(of(t)))
	})
}

func (w *watch) counters(name, unit, description, label string, of func(*seckill.Tally) map[seckill.Code]uint64) {
	w.instrument(name, unit, description, func(c metric.Int64Observable, o metric.Observer, t *seckill.Tally) {
		for code, n := range of(t) {
			o.ObserveInt64(c, int64(n), metric.WithAttributes(attribute.String(label, string(code))))
		}
	})
}
