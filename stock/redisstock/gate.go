package redisstock

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"

	"github.com/seckill-go/seckill/stock"
)

// maxNumber is the highest whole number that Lua counts to without a gap.
const maxNumber = 1 << 53

// Reserve implements [stock.Gate].
func (s *Store) Reserve(ctx context.Context, goodsID string, fence int64, requests []stock.Request) (stock.Reservation, error) {
	r, err := s.reserve(ctx, goodsID, fence, requests)
	if err != nil {
		return stock.Reservation{}, fmt.Errorf("redisstock: reserve for %d attempts of goods %q: %w", len(requests), goodsID, err)
	}
	return r, nil
}

func (s *Store) reserve(ctx context.Context, goodsID string, fence int64, requests []stock.Request) (stock.Reservation, error) {
	if fence > maxNumber {
		return stock.Reservation{}, tooHigh(fence)
	}
	group := rand.Text()[:13] // 65 bits
	args := make([]any, 0, 2+4*len(requests))
	args = append(args, fence, group)
	for _, r := range requests {
		if err := r.Validate(); err != nil {
			return stock.Reservation{}, err
		}
		args = append(args, r.Attempt, r.User, r.Quantity, r.Limit)
	}
	answer, err := s.run(ctx, reserveScript, goodsID, args...)
	if err != nil {
		return stock.Reservation{}, err
	}
	reserved, err := reservation(answer, len(requests))
	if slices.Contains(reserved.Statuses, stock.Reserved) {
		reserved.Group = group
	}
	return reserved, err
}

var verdicts = map[stock.Verdict]string{
	stock.Confirm: "confirm",
	stock.Release: "release",
	stock.Restore: "restore",
}

// Settle implements [stock.Gate].
func (s *Store) Settle(ctx context.Context, goodsID string, settlements []stock.Settlement) error {
	if err := s.settle(ctx, goodsID, settlements); err != nil {
		return fmt.Errorf("redisstock: settle %d attempts of goods %q: %w", len(settlements), goodsID, err)
	}
	return nil
}

func (s *Store) settle(ctx context.Context, goodsID string, settlements []stock.Settlement) error {
	args := make([]any, 0, 4*len(settlements))
	for _, one := range settlements {
		if err := one.Validate(); err != nil {
			return err
		}
		args = append(args, one.Attempt, one.User, one.Quantity, verdicts[one.Verdict])
	}
	answer, err := s.run(ctx, settleScript, goodsID, args...)
	if err != nil {
		return err
	}
	return nothing(answer)
}

// Confirm implements [stock.Gate].
func (s *Store) Confirm(ctx context.Context, goodsID string, groups []string) (unknown []string, err error) {
	args := make([]any, len(groups))
	for i, g := range groups {
		args[i] = g
	}
	answer, err := s.run(ctx, confirmScript, goodsID, args...)
	if err == nil {
		unknown, err = texts(answer)
	}
	if err != nil {
		return nil, fmt.Errorf("redisstock: confirm %d groups of goods %q: %w", len(groups), goodsID, err)
	}
	return unknown, nil
}

func tooHigh(fence int64) error {
	return fmt.Errorf("fence: want at most 2^53, got %d", fence)
}
