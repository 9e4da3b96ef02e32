package redisstock

import (
	"context"
	"fmt"
	"time"

	"github.com/seckill-go/seckill/stock"
)

// Counts implements [stock.Reader].
func (s *Store) Counts(ctx context.Context, goodsID string) (stock.Counts, error) {
	c, err := s.counts(ctx, goodsID)
	if err != nil {
		return stock.Counts{}, fmt.Errorf("redisstock: read the counts of goods %q: %w", goodsID, err)
	}
	return c, nil
}

func (s *Store) counts(ctx context.Context, goodsID string) (stock.Counts, error) {
	answer, err := s.run(ctx, countsScript, goodsID)
	if err != nil {
		return stock.Counts{}, err
	}
	return counts(answer)
}

// Holds implements [stock.Reader]. Ages are exact to the microsecond, by the
// clock of the server.
func (s *Store) Holds(ctx context.Context, goodsID string, minAge time.Duration, limit int) ([]stock.Hold, error) {
	held, err := s.holds(ctx, goodsID, minAge, limit)
	if err != nil {
		return nil, fmt.Errorf("redisstock: list the holds of goods %q: %w", goodsID, err)
	}
	return held, nil
}

func (s *Store) holds(ctx context.Context, goodsID string, minAge time.Duration, limit int) ([]stock.Hold, error) {
	micros := minAge.Microseconds()
	if minAge%time.Microsecond > 0 {
		micros++
	}
	answer, err := s.run(ctx, holdsScript, goodsID, micros, max(limit, 0))
	if err != nil {
		return nil, err
	}
	return holds(answer)
}
