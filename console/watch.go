package console

import (
	"context"
	"encoding/json"
	"log/slog"
	"math"
	"sync"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/internal/door"
	"github.com/seckill-go/seckill/settings"
)

const (
	// interval is how often the engine is looked at while somebody watches.
	interval = time.Second
	// calm is how many times longer than a look took the next one is waited for: a
	// shop that takes long to answer is not made slower by who watches it.
	calm = 5
	// lookPatience bounds a look.
	lookPatience = 5 * time.Second
	// memory is how long points are kept for who comes next.
	memory = 2 * time.Minute
	// gap is how far two looks may be apart for a rate between them.
	gap = 15 * time.Second
)

// watch looks at the engine for everybody who watches. It has no goroutine: who comes
// first after a look has become old makes the next, and the others wait for it.
type watch struct {
	engine *seckill.Engine
	log    *slog.Logger

	mu      sync.Mutex
	last    look
	tally   seckill.Tally
	taken   time.Time // when tally was
	history []pointView
	faults  door.Sparse
}

// look is what was seen. due is when it is old.
type look struct {
	tick, whole []byte // JSON, without and with the history
	due         time.Time
}

// get returns a look that is not old.
func (w *watch) get(ctx context.Context) look {
	w.mu.Lock()
	defer w.mu.Unlock()
	if time.Now().After(w.last.due) {
		start := time.Now()
		w.last = w.take(context.WithoutCancel(ctx), start)
		w.last.due = start.Add(max(interval, calm*time.Since(start)))
	}
	return w.last
}

func (w *watch) take(ctx context.Context, now time.Time) look {
	ctx, cancel := context.WithTimeout(ctx, lookPatience)
	defer cancel()
	at := w.engine.Now() // for what is compared with the times of the ledger, and shown
	v := stateView{At: at.UnixMilli(), Node: w.engine.Node()}
	live, err := w.engine.Settings(ctx)
	if err == nil {
		v.Settings = newSettingsView(live, now)
	}
	status, statusErr := w.engine.Status(ctx)
	if statusErr != nil { // who fails may be known all the same
		status.Parts = w.engine.Health(ctx)
		w.note(statusErr)
		v.Fault = true
	}
	v.fill(status, live, at)
	v.Point = w.point(w.engine.Tally(), now, at)
	v.Totals = newTotals(w.tally)
	tick, _ := json.Marshal(v) // cannot fail: plain structs
	v.History = w.history
	whole, _ := json.Marshal(v)
	return look{tick: tick, whole: whole}
}

func (w *watch) note(err error) {
	if unheard, ok := w.faults.Due(); ok {
		w.log.Warn("console: the status cannot be read", "error", err, "not_logged_before", unheard)
	}
}

// point is what happened since the last look; nil if that was too long ago.
func (w *watch) point(t seckill.Tally, now, at time.Time) *pointView {
	before, since := w.tally, now.Sub(w.taken)
	w.tally, w.taken = t, now
	for len(w.history) > 0 && at.UnixMilli()-w.history[0].At > memory.Milliseconds() {
		w.history = w.history[1:]
	}
	if since > gap {
		return nil
	}
	p := newPoint(before, t, since.Seconds())
	p.At = at.UnixMilli()
	w.history = append(w.history, p)
	return &p
}

// newPoint is the difference of two tallies that are so many seconds apart.
func newPoint(before, after seckill.Tally, seconds float64) pointView {
	p := pointView{Orders: round(float64(after.Orders-before.Orders) / seconds), Refused: make(map[string]float64)}
	for code, n := range after.Purchases {
		if n -= before.Purchases[code]; code != "" && n > 0 {
			p.Refused[string(code)] = float64(n) / seconds
		}
	}
	for code, n := range after.Tickets {
		if n -= before.Tickets[code]; code != "" && n > 0 {
			p.Refused[string(code)] += float64(n) / seconds
		}
	}
	for code, rate := range p.Refused {
		p.Refused[code] = round(rate)
	}
	if times := after.Stages[seckill.StagePurchase].Since(before.Stages[seckill.StagePurchase]); times.Count > 0 {
		p.Times = &spreadView{round(1000 * times.Quantile(0.5)), round(1000 * times.Quantile(0.99))}
	}
	if sizes := after.GroupSizes.Since(before.GroupSizes); sizes.Count > 0 { // of whole buyers
		p.Sizes = &spreadView{math.Ceil(sizes.Quantile(0.5)), math.Ceil(sizes.Quantile(0.99))}
	}
	return p
}

// round keeps two decimals.
func round(f float64) float64 { return float64(int64(f*100+0.5)) / 100 }

// saleState is where a sale is, for a badge.
func saleState(g seckill.GoodsStatus, live settings.Settings, now time.Time) string {
	switch {
	case !now.Before(g.Goods.EndsAt):
		return string(seckill.SaleEnded)
	case g.Ledger.GoodsID == "":
		return "not_preloaded"
	case !g.Loaded:
		return "not_loaded"
	case now.Before(g.Goods.StartsAt):
		return string(seckill.SaleUpcoming)
	case !live.Enabled:
		return string(seckill.SaleDisabled)
	case g.Gate.Left == 0:
		return string(seckill.SaleSoldOut)
	}
	return string(seckill.SaleOpen)
}
