package primitive

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seckill-go/seckill/examples/bench/peer"
	"github.com/seckill-go/seckill/standard"
	"github.com/seckill-go/seckill/stock"
	"github.com/seckill-go/seckill/stock/redisstock"
	"github.com/seckill-go/seckill/ticket"
)

// Evalsha measures orders a second through the peers' script, one call an order,
// from 64 goroutines. Each order is of another attempt and user.
func Evalsha(ctx context.Context, c standard.Clients, d time.Duration) (perSecond float64, err error) {
	gate := peer.NewGate(c, unique())
	defer clearUp(ctx, &err, gate.Forget)
	if err := gate.Open(ctx, stock.MaxUnits); err != nil {
		return 0, err
	}
	return measure(ctx, d, 64, 1, func(ctx context.Context, worker, call int) error {
		return gate.Reserve(ctx, ticket.NewAttempt(time.Now()), user(worker, call), limit)
	})
}

// The limit is looked at and never reached.
const limit = 2

func user(worker, call int) string { return fmt.Sprintf("user-%d-%d", worker, call) }

// BatchScript measures orders a second through the engine's own gate, in groups of
// 256: redisstock's Reserve, with the group's making and the answer's reading. Four
// groups are under way at once, so Redis is never idle for want of one; on one
// goods it works them one by one.
func BatchScript(ctx context.Context, c standard.Clients, d time.Duration) (perSecond float64, err error) {
	const inFlight, size = 4, 256
	goods := unique()
	gate := redisstock.New(c.Redis, redisstock.Options{Prefix: c.Prefix})
	keys, err := gate.Keys(goods)
	if err != nil {
		return 0, err
	}
	defer clearUp(ctx, &err, func(ctx context.Context) error { return c.Redis.Unlink(ctx, keys...).Err() })
	if _, err := gate.Load(ctx, goods, 1, stock.Snapshot{Total: stock.MaxUnits, Epoch: 1}); err != nil {
		return 0, err
	}
	return measure(ctx, d, inFlight, size, func(ctx context.Context, worker, call int) error {
		group := make([]stock.Request, size)
		for i := range group {
			group[i] = stock.Request{Attempt: ticket.NewAttempt(time.Now()), User: user(worker, call*size+i), Quantity: 1, Limit: limit}
		}
		reserved, err := gate.Reserve(ctx, goods, 1, group)
		if err != nil {
			return err
		}
		for _, status := range reserved.Statuses {
			if status != stock.Reserved {
				return errors.New("primitive: the gate refused a unit that is there: " + status.String())
			}
		}
		return nil
	})
}
