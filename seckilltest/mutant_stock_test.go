package seckilltest_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/seckill-go/seckill/stock"
)

// staysSoldOut remembers that it was sold out, and forgets that units come back.
type staysSoldOut struct {
	stock.Store
	mu  sync.Mutex
	out map[string]bool
}

func (g *staysSoldOut) Reserve(ctx context.Context, id string, fence int64, requests []stock.Request) (stock.Reservation, error) {
	r, err := g.Store.Reserve(ctx, id, fence, requests)
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, s := range r.Statuses {
		switch {
		case s == stock.SoldOut && g.out == nil:
			g.out = map[string]bool{id: true}
		case s == stock.Reserved && g.out[id]:
			r.Statuses[i], r.Left, r.Held = stock.SoldOut, 0, 0
			_ = g.Store.Settle(ctx, id, []stock.Settlement{{Attempt: requests[i].Attempt, User: requests[i].User, Quantity: 1, Verdict: stock.Release}})
		}
	}
	return r, err
}

// refilled fills itself with the total, and not with what is left of it.
type refilled struct{ stock.Store }

func (g refilled) Load(ctx context.Context, id string, fence int64, s stock.Snapshot) (stock.Counts, error) {
	s.Sold = 0
	return g.Store.Load(ctx, id, fence, s)
}

// tornCounts reads one number after the other.
type tornCounts struct{ stock.Store }

func (g tornCounts) Counts(ctx context.Context, id string) (stock.Counts, error) {
	c, err := g.Store.Counts(ctx, id)
	if err != nil {
		return c, err
	}
	time.Sleep(5 * time.Millisecond)
	later, err := g.Store.Counts(ctx, id)
	c.Held, c.Sold = later.Held, later.Sold
	return c, err
}

// unconfirmed keeps the units of a committed order held.
type unconfirmed struct{ stock.Store }

func (g unconfirmed) Settle(ctx context.Context, id string, settlements []stock.Settlement) error {
	var others []stock.Settlement
	for _, s := range settlements {
		if s.Verdict != stock.Confirm {
			others = append(others, s)
		}
	}
	return g.Store.Settle(ctx, id, others)
}

func (g unconfirmed) Confirm(ctx context.Context, _ string, _ []string) ([]string, error) {
	return nil, ctx.Err()
}

// limitlessGate knows of no limit.
type limitlessGate struct{ stock.Store }

func (g limitlessGate) Reserve(ctx context.Context, id string, fence int64, requests []stock.Request) (stock.Reservation, error) {
	free := append([]stock.Request(nil), requests...)
	for i := range free {
		free[i].Limit = 0
	}
	return g.Store.Reserve(ctx, id, fence, free)
}

// stockFirst looks at the stock before it looks for the attempt.
type stockFirst struct{ stock.Store }

func (g stockFirst) Reserve(ctx context.Context, id string, fence int64, requests []stock.Request) (stock.Reservation, error) {
	c, err := g.Store.Counts(ctx, id)
	if err != nil {
		return stock.Reservation{}, err
	}
	r := stock.Reservation{Fence: c.Fence, Left: c.Left, Statuses: make([]stock.Status, len(requests))}
	for i, one := range requests {
		r.Statuses[i] = stock.SoldOut
		if one.Quantity > c.Left {
			continue
		}
		got, err := g.Store.Reserve(ctx, id, fence, requests[i:i+1])
		if err != nil {
			return got, err
		}
		r.Statuses[i], c.Left = got.Statuses[0], got.Left
	}
	return r, nil
}

// noDuplicates takes units each time it is asked.
type noDuplicates struct {
	stock.Store
	mu    sync.Mutex
	times map[string]int
}

func (g *noDuplicates) Reserve(ctx context.Context, id string, fence int64, requests []stock.Request) (stock.Reservation, error) {
	fresh := append([]stock.Request(nil), requests...)
	g.mu.Lock()
	if g.times == nil {
		g.times = map[string]int{}
	}
	for i := range fresh {
		g.times[fresh[i].Attempt]++
		fresh[i].Attempt = g.known(fresh[i].Attempt)
	}
	g.mu.Unlock()
	return g.Store.Reserve(ctx, id, fence, fresh)
}

func (g *noDuplicates) known(attempt string) string {
	if n := g.times[attempt]; n > 0 {
		return fmt.Sprintf("%s.%d", attempt, n)
	}
	return attempt
}

func (g *noDuplicates) Settle(ctx context.Context, id string, settlements []stock.Settlement) error {
	known := append([]stock.Settlement(nil), settlements...)
	g.mu.Lock()
	for i := range known {
		if !strings.Contains(known[i].Attempt, ".") {
			known[i].Attempt = g.known(known[i].Attempt)
		}
	}
	g.mu.Unlock()
	return g.Store.Settle(ctx, id, known)
}

// unfencedGate lets anybody reserve.
type unfencedGate struct{ stock.Store }

func (g unfencedGate) Reserve(ctx context.Context, id string, _ int64, requests []stock.Request) (stock.Reservation, error) {
	return g.Store.Reserve(ctx, id, 0, requests)
}
