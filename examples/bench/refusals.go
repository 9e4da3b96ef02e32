package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/blacklist/etcdblacklist"
	"github.com/seckill-go/seckill/settings"
)

// Requests that are refused. In a flash sale that is nearly all of them.
var (
	soldOut     = path{name: "sold_out", open: openSoldOut}
	forged      = path{name: "forged", open: openForged}
	limited     = path{name: "limited", open: openLimited}
	blacklisted = path{name: "blacklisted", open: openBlacklisted}
)

// tickets makes requests for tickets of a goods.
func (m *market) tickets(goodsID string) func(i int) func(*fasthttp.Request) {
	body := fmt.Appendf(nil, `{"goods_id":"%s"}`, goodsID)
	return func(i int) func(*fasthttp.Request) {
		prepare := m.posts("/api/seckill/token", i)
		return func(r *fasthttp.Request) {
			prepare(r)
			r.SetBodyRaw(body)
		}
	}
}

// openSoldOut is the crowd that comes too late: users who ask for a ticket.
func openSoldOut(ctx context.Context, m *market, _ int) (stage, error) {
	goodsID, err := m.sell(ctx, m.engine, 1)
	if err != nil {
		return stage{}, err
	}
	if _, err := m.engine.Purchase(ctx, user(0), goodsID, m.ticket(0, goodsID)); err != nil {
		return stage{}, err
	}
	return stage{handler: m.handler, next: m.tickets(goodsID), status: http.StatusConflict}, nil
}

// openForged is purchases with tickets that nobody signed.
func openForged(ctx context.Context, m *market, _ int) (stage, error) {
	goodsID, err := m.sell(ctx, m.engine, plenty)
	return stage{handler: m.handler, status: http.StatusForbidden, next: func(i int) func(*fasthttp.Request) {
		prepare := m.posts("/api/seckill", i)
		genuine := m.ticket(i, goodsID)
		last := genuine[len(genuine)-2:]
		if last == "AA" {
			last = "BA"
		} else {
			last = "AA"
		}
		body := fmt.Appendf(nil, `{"goods_id":"%s","token":"%s%s"}`, goodsID, genuine[:len(genuine)-2], last)
		return func(r *fasthttp.Request) {
			prepare(r)
			r.SetBodyRaw(body)
		}
	}}, err
}

// openLimited is users who have had all the tickets they may have for an hour.
func openLimited(ctx context.Context, m *market, buyers int) (stage, error) {
	e, h, goodsID, err := m.variant(ctx, func(o *seckill.Options) { o.Settings = new(settings.Memory) })
	if err != nil {
		return stage{}, err
	}
	if _, err := e.Admin("bench").SetRateLimit(ctx, 1, time.Hour); err != nil {
		return stage{}, err
	}
	for i := range buyers {
		for range 2 { // the second is refused, for the limiter does not forget between runs
			_, err = e.Ticket(ctx, user(i), goodsID, 1)
		}
		if seckill.CodeOf(err) != seckill.RateLimited {
			return stage{}, fmt.Errorf("want %s to be limited, got %w", user(i), err)
		}
	}
	return stage{handler: h, next: m.tickets(goodsID), status: http.StatusTooManyRequests}, nil
}

// openBlacklisted is users who may not buy. Their list is another than that of the
// rest of the benchmark, as they are the same users.
func openBlacklisted(ctx context.Context, m *market, buyers int) (stage, error) {
	list := etcdblacklist.New(m.clients.Etcd, etcdblacklist.Options{Prefix: m.clients.Prefix + "-banned"})
	m.background(list.Run)
	e, h, goodsID, err := m.variant(ctx, func(o *seckill.Options) { o.Blacklist = list })
	if err != nil {
		return stage{}, err
	}
	for i := range buyers {
		if _, err := e.Admin("bench").Ban(ctx, user(i), "bench", 0); err != nil {
			return stage{}, err
		}
	}
	for i := range buyers { // the list is watched, so it knows a moment later
		for listed := false; !listed; {
			if _, listed, err = list.Find(ctx, user(i), e.Now()); err != nil {
				return stage{}, err
			}
		}
	}
	return stage{handler: h, next: m.tickets(goodsID), status: http.StatusForbidden}, nil
}
