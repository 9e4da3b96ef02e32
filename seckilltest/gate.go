package seckilltest

import (
	"context"
	"time"

	"github.com/seckill-go/seckill/stock"
)

type gate struct {
	stock.Store
	background
	*line
}

func (g gate) Reserve(ctx context.Context, id string, fence int64, requests []stock.Request) (r stock.Reservation, err error) {
	err = g.call(ctx, "Reserve", true, func(ctx context.Context) error { r, err = g.Store.Reserve(ctx, id, fence, requests); return err })
	return r, err
}

func (g gate) Settle(ctx context.Context, id string, settlements []stock.Settlement) error {
	return g.call(ctx, "Settle", true, func(ctx context.Context) error { return g.Store.Settle(ctx, id, settlements) })
}

func (g gate) Confirm(ctx context.Context, id string, groups []string) (unknown []string, err error) {
	err = g.call(ctx, "Confirm", true, func(ctx context.Context) error { unknown, err = g.Store.Confirm(ctx, id, groups); return err })
	return unknown, err
}

func (g gate) Stop(ctx context.Context, id string, fence int64) error {
	return g.call(ctx, "Stop", true, func(ctx context.Context) error { return g.Store.Stop(ctx, id, fence) })
}

func (g gate) Load(ctx context.Context, id string, fence int64, s stock.Snapshot) (c stock.Counts, err error) {
	err = g.call(ctx, "Load", true, func(ctx context.Context) error { c, err = g.Store.Load(ctx, id, fence, s); return err })
	return c, err
}

func (g gate) Resize(ctx context.Context, id string, total int) (c stock.Counts, err error) {
	err = g.call(ctx, "Resize", true, func(ctx context.Context) error { c, err = g.Store.Resize(ctx, id, total); return err })
	return c, err
}

func (g gate) Retire(ctx context.Context, id string, fence int64) error {
	return g.call(ctx, "Retire", true, func(ctx context.Context) error { return g.Store.Retire(ctx, id, fence) })
}

func (g gate) CountsOf(ctx context.Context, ids []string) (c map[string]stock.Counts, err error) {
	err = g.call(ctx, "CountsOf", false, func(ctx context.Context) error { c, err = g.Store.CountsOf(ctx, ids); return err })
	return c, err
}

func (g gate) Counts(ctx context.Context, id string) (c stock.Counts, err error) {
	err = g.call(ctx, "Counts", false, func(ctx context.Context) error { c, err = g.Store.Counts(ctx, id); return err })
	return c, err
}

func (g gate) Known(ctx context.Context, id string, attempts []string) (s []stock.Status, err error) {
	err = g.call(ctx, "Known", false, func(ctx context.Context) error { s, err = g.Store.Known(ctx, id, attempts); return err })
	return s, err
}

func (g gate) Holds(ctx context.Context, id string, minAge time.Duration, limit int) (h []stock.Hold, err error) {
	err = g.call(ctx, "Holds", false, func(ctx context.Context) error { h, err = g.Store.Holds(ctx, id, minAge, limit); return err })
	return h, err
}
