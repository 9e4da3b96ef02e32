package seckill

import (
	"context"
	"errors"
	"time"

	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/limiter"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/settings"
	"github.com/seckill-go/seckill/stock"
)

// names refuses ids that no backend has to cope with.
func names(user, goodsID string) error {
	if err := name("user_id", user); err != nil {
		return err
	}
	return name("goods_id", goodsID)
}

func name(field, id string) error {
	ok := 1 <= len(id) && len(id) <= 64
	for i := range len(id) { // twice for each request: too often for a regular expression
		c := id[i]
		ok = ok && ('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-')
	}
	if !ok {
		return refuse(InvalidRequest, field+": want 1 to 64 letters, digits, _ or -")
	}
	return nil
}

// admit checks the switch and the blacklist, both from memory.
func (e *Engine) admit(ctx context.Context, user string, now time.Time) (settings.Settings, error) {
	live, err := e.o.Settings.Get(ctx)
	if err != nil {
		return live, busy(err)
	}
	e.switchedOff.set(!live.Enabled)
	if !live.Enabled {
		return live, retry(Disabled, 5*time.Second)
	}
	_, listed, err := e.o.Blacklist.Find(ctx, user, now)
	if err != nil {
		return live, busy(err)
	}
	if listed {
		return live, refuse(Blacklisted, "")
	}
	return live, nil
}

// onSale returns the goods if its sale's window is open at now.
func (e *Engine) onSale(ctx context.Context, goodsID string, now time.Time) (goods.Goods, error) {
	g, err := e.lookup(ctx, goodsID)
	switch {
	case err != nil:
		return g, err
	case now.Before(g.StartsAt):
		return g, retry(NotStarted, g.StartsAt.Sub(now))
	case !now.Before(g.EndsAt):
		return g, refuse(Ended, "")
	}
	return g, nil
}

func (e *Engine) lookup(ctx context.Context, goodsID string) (goods.Goods, error) {
	offered, err := e.offered(ctx, goodsID)
	switch {
	case err != nil:
		return goods.Goods{}, busy(err)
	case !offered:
		return goods.Goods{}, refuse(GoodsNotFound, "")
	}
	g, err := e.goods.Get(ctx, goodsID, func(ctx context.Context) (goods.Goods, error) {
		ctx, cancel := context.WithTimeout(ctx, readPatience)
		defer cancel()
		var g goods.Goods
		err := guard(func() (err error) {
			g, err = e.o.Catalog.Get(ctx, goodsID)
			return err
		})
		if errors.Is(err, goods.ErrNotFound) {
			return goods.Goods{}, nil // it was taken from the catalog
		}
		return g, err
	})
	switch {
	case err != nil:
		return g, busy(err)
	case g.ID == "":
		return g, refuse(GoodsNotFound, "")
	}
	return g, nil
}

// offered reports whether the catalog has the goods. Only an id that the last list
// lacks asks for another list, and that at most once a second: thousands of invented
// ids cost one read, and no place in the cache.
func (e *Engine) offered(ctx context.Context, goodsID string) (bool, error) {
	if known := e.known.Load(); known != nil && (*known)[goodsID] {
		return true, nil
	}
	ids, err := e.ids.Get(ctx, struct{}{}, func(ctx context.Context) (map[string]bool, error) {
		ctx, cancel := context.WithTimeout(ctx, readPatience)
		defer cancel()
		all, err := e.o.Catalog.List(ctx)
		if err != nil {
			return nil, err
		}
		ids := make(map[string]bool, len(all))
		for _, g := range all {
			ids[g.ID] = true
		}
		e.known.Store(&ids)
		return ids, nil
	})
	return ids[goodsID], err
}

// readPatience bounds a read that a buyer waits for.
const readPatience = 3 * time.Second

func (e *Engine) mostPerTicket(g goods.Goods) int {
	if g.LimitPerUser > 0 && g.LimitPerUser < e.o.MaxQuantity {
		return g.LimitPerUser
	}
	return e.o.MaxQuantity
}

// inStock refuses when fewer units were left within the last second.
func (e *Engine) inStock(ctx context.Context, goodsID string, quantity int) error {
	gate, err := e.gate(ctx, goodsID)
	switch {
	case err != nil:
		return e.notLoaded(goodsID, err)
	case gate == nil:
		return &Refusal{Code: NotStarted, Detail: "its stock is not preloaded", RetryAfter: time.Second}
	case gate.Left < quantity:
		return refuse(SoldOut, "")
	}
	return nil
}

// gate returns the gate's counts, at most a second old, or nil for a goods that
// was never preloaded.
func (e *Engine) gate(ctx context.Context, goodsID string) (*stock.Counts, error) {
	return e.counts.Get(ctx, goodsID, func(ctx context.Context) (*stock.Counts, error) {
		ctx, cancel := context.WithTimeout(ctx, readPatience)
		defer cancel()
		counts, err := e.o.Stock.Counts(ctx, goodsID)
		if !errors.Is(err, stock.ErrNotLoaded) {
			return &counts, err
		}
		if _, row := e.o.Orders.Stock(ctx, goodsID); errors.Is(row, order.ErrNotFound) {
			return nil, nil
		}
		return nil, err
	})
}

func (e *Engine) withinRate(ctx context.Context, user string, live settings.Settings, now time.Time) error {
	if wait := e.limited.left(user, live.Version, now); wait > 0 {
		return retry(RateLimited, wait)
	}
	rate := limiter.Rate{Limit: live.RateLimit.Limit, Window: live.RateLimit.Window}
	d, err := e.o.Limiter.Allow(ctx, user, rate)
	if err != nil {
		return busy(err)
	}
	if !d.Allowed {
		e.limited.until(user, live.Version, now.Add(d.RetryAfter))
		return retry(RateLimited, d.RetryAfter)
	}
	return nil
}
