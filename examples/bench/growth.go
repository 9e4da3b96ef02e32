package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/seckill-go/seckill/examples/bench/load"
	"github.com/seckill-go/seckill/stock"
)

// measureGrowth sells very many units of one goods, in process, and compares how
// long the last tenth of them takes with the first. The books are looked into
// after each tenth, while nobody measures.
func (b *bench) measureGrowth(ctx context.Context) error {
	m, buyers := b.market, b.command.most()
	goodsID, err := m.sell(ctx, m.engine, plenty)
	if err != nil {
		return err
	}
	var took []time.Duration
	tenth := int64(b.command.orders / 10)
	for i := range 10 {
		b.show.step(fmt.Sprintf("orders %d to %d", int64(i)*tenth, int64(i+1)*tenth))
		d, err := b.sellTenth(ctx, goodsID, buyers, tenth)
		if err != nil {
			return err
		}
		took = append(took, d)
	}
	b.more["E1"] = float64(took[9]) / float64(took[0])
	return b.audited(ctx, goodsID, int(10*tenth))
}

// sellTenth sells n units and returns how long that took.
func (b *bench) sellTenth(ctx context.Context, goodsID string, buyers int, n int64) (time.Duration, error) {
	b.market.ahead = int(n) / buyers
	var left atomic.Int64
	left.Store(n)
	loading, stop := context.WithCancel(ctx)
	defer stop()
	purchase := b.market.purchasing(goodsID, b.market.engine)
	result := load.Run(loading, load.Plan{Buyers: buyers, Measured: time.Hour}, stopping(stop, func(i int) load.Call {
		call := purchase(i)
		return func(context.Context) (string, error) {
			if left.Add(-1) < 0 {
				stop()
				return "", nil
			}
			return call(ctx)
		}
	}))
	if result.Err != nil {
		return 0, result.Err
	}
	l := losses{Lost: apart(len(result.Orders), int(n))}
	orders := make(map[string]bool, len(result.Orders))
	for _, id := range result.Orders {
		orders[id] = true
	}
	l.Duplicate = len(result.Orders) - len(orders)
	if err := b.market.settled(ctx); err != nil {
		return 0, err
	}
	var err error
	l.EventsMissing, err = b.market.missing(ctx, b.market.clients.Kafka.Topics()[0], orders)
	b.losses.add(l)
	return result.Elapsed, err
}

// audited compares the sums of a goods of which so many units were sold.
func (b *bench) audited(ctx context.Context, goodsID string, sold int) error {
	row, err := b.market.options.Orders.Recount(ctx, goodsID)
	if err != nil {
		return err
	}
	var gate stock.Counts
	if gate, err = b.market.gateAtRest(ctx, goodsID); err != nil {
		return err
	}
	b.losses.add(losses{Oversold: apart(sold, row.Sold) + apart(row.Sold, row.Ordered) + apart(row.Sold, gate.Total-gate.Left)})
	return nil
}
