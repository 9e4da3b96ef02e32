package redisstock

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/seckill-go/seckill/internal/fault"
	"github.com/seckill-go/seckill/stock"
)

// Stop implements [stock.Loader].
func (s *Store) Stop(ctx context.Context, goodsID string, fence int64) error {
	if err := s.stop(ctx, goodsID, fence); err != nil {
		return fmt.Errorf("redisstock: stop goods %q: %w", goodsID, err)
	}
	return nil
}

func (s *Store) stop(ctx context.Context, goodsID string, fence int64) error {
	if fence > maxNumber {
		return tooHigh(fence)
	}
	answer, err := s.run(ctx, stopScript, goodsID, fence)
	if err != nil {
		return err
	}
	return nothing(answer)
}

// Load implements [stock.Loader]. It sends the sales in chunks of 500, so that no
// call keeps the server for long; nobody sees the goods before the last one.
func (s *Store) Load(ctx context.Context, goodsID string, fence int64, snapshot stock.Snapshot) (stock.Counts, error) {
	c, err := s.load(ctx, goodsID, fence, snapshot)
	if err != nil {
		return stock.Counts{}, fmt.Errorf("redisstock: load goods %q: %w", goodsID, err)
	}
	return c, nil
}

func (s *Store) load(ctx context.Context, goodsID string, fence int64, snapshot stock.Snapshot) (stock.Counts, error) {
	if fence > maxNumber {
		return stock.Counts{}, tooHigh(fence)
	}
	if err := snapshot.Validate(); err != nil {
		return stock.Counts{}, err
	}
	l := loading{store: s, goodsID: goodsID, fence: fence, id: rand.Text()}
	if err := l.begin(ctx, snapshot); err != nil {
		return stock.Counts{}, err
	}
	if err := l.add(ctx, snapshot.Sales); err != nil {
		return stock.Counts{}, err
	}
	fault.Point("load.filled")
	return l.finish(ctx)
}
