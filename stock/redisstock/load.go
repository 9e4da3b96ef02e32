package redisstock

import (
	"context"
	"crypto/rand"
	"fmt"

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

// Load implements [stock.Loader].
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
	answer, err := s.run(ctx, loadScript, goodsID, fence, rand.Text(), snapshot.Total, snapshot.Sold, snapshot.Epoch)
	if err != nil {
		return stock.Counts{}, err
	}
	return counts(answer)
}

// Resize implements [stock.Loader].
func (s *Store) Resize(ctx context.Context, goodsID string, total int) (stock.Counts, error) {
	c, err := s.resize(ctx, goodsID, total)
	if err != nil {
		return stock.Counts{}, fmt.Errorf("redisstock: resize goods %q to %d: %w", goodsID, total, err)
	}
	return c, nil
}

func (s *Store) resize(ctx context.Context, goodsID string, total int) (stock.Counts, error) {
	if err := stock.ValidateTotal(total); err != nil {
		return stock.Counts{}, err
	}
	answer, err := s.run(ctx, resizeScript, goodsID, total)
	if err != nil {
		return stock.Counts{}, err
	}
	return counts(answer)
}

// Retire implements [stock.Loader].
func (s *Store) Retire(ctx context.Context, goodsID string, fence int64) error {
	if err := s.retire(ctx, goodsID, fence); err != nil {
		return fmt.Errorf("redisstock: retire goods %q: %w", goodsID, err)
	}
	return nil
}

func (s *Store) retire(ctx context.Context, goodsID string, fence int64) error {
	if fence > maxNumber {
		return tooHigh(fence)
	}
	answer, err := s.run(ctx, retireScript, goodsID, fence)
	if err != nil {
		return err
	}
	return nothing(answer)
}
