package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/settings"
	"github.com/seckill-go/seckill/standard"
)

// nodes is how many engines sell one goods together, and crowd how many buyers
// there are at them, as many as at a single one.
const (
	nodes = 3
	crowd = 256 * nodes
)

// openNodes starts engines that have nothing in common but the servers.
func (b *bench) openNodes(ctx context.Context) (engines []*seckill.Engine, err error) {
	for range nodes {
		o, err := standard.Options(b.market.clients)
		if err != nil {
			return nil, err
		}
		o.TicketKeys, o.Logger = b.market.options.TicketKeys, b.market.options.Logger
		e, err := b.market.run(o)
		if err != nil {
			return nil, err
		}
		engines = append(engines, e)
	}
	return engines, nil
}

// measureNodes compares several nodes on one goods with one node, in both modes of
// the lease, round by round.
func (b *bench) measureNodes(ctx context.Context) error {
	engines, err := b.openNodes(ctx)
	if err != nil {
		return err
	}
	for _, mode := range []string{settings.Shared, settings.Exclusive} {
		if err := switchTo(ctx, mode, engines); err != nil {
			return err
		}
		var ratios []float64
		for range b.command.rounds {
			one, err := b.sellAt(ctx, mode, engines[:1])
			if err != nil {
				return err
			}
			all, err := b.sellAt(ctx, mode, engines)
			if err != nil {
				return err
			}
			if one > 0 {
				ratios = append(ratios, all/one)
			}
		}
		if len(ratios) == 0 {
			continue
		}
		slices.Sort(ratios)
		b.more[fmt.Sprintf("D1@%s", mode)] = ratios[len(ratios)/2]
	}
	return switchTo(ctx, settings.Shared, engines)
}

// switchTo changes the mode of the leases and waits until every node knows.
func switchTo(ctx context.Context, mode string, engines []*seckill.Engine) error {
	_, err := engines[0].Admin("bench").UpdateSettings(ctx, "set the lock's mode", func(s *settings.Settings) error {
		s.Lock.Mode = mode
		return nil
	})
	for _, e := range engines {
		for known := false; err == nil && !known; {
			var s settings.Settings
			s, err = e.Settings(ctx)
			known = s.Lock.Mode == mode
			time.Sleep(time.Millisecond)
		}
	}
	return err
}

// sellAt has a crowd buy at some nodes, and returns the orders a second.
func (b *bench) sellAt(ctx context.Context, mode string, engines []*seckill.Engine) (float64, error) {
	b.show.step(fmt.Sprintf("%d node(s), %s lease, %d buyers in process", len(engines), mode, crowd))
	p := path{name: fmt.Sprintf("full, %d node(s), %s lease", len(engines), mode), inprocess: true}
	p.open = func(ctx context.Context, m *market, _ int) (stage, error) {
		goodsID, err := m.sell(ctx, engines[0], plenty)
		return stage{call: m.purchasing(goodsID, engines...), books: m.booksOf(goodsID)}, err
	}
	r, l, err := b.market.measure(ctx, p, crowd, 2*b.command.measure)
	b.losses.add(l)
	return r.PerSecond, err
}
