package redisstock

import (
	"context"
	"crypto/rand"
	"fmt"

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
	for _, r := range requests {
		if err := r.Validate(); err != nil {
			return stock.Reservation{}, err
		}
	}
	answer, err := s.run(ctx, reserveScript, goodsID, asked(fence, requests)...)
	if err != nil {
		return stock.Reservation{}, err
	}
	return reservation(answer, len(requests))
}

// asked gives the arguments of reserve.lua. Attempts and users each stand together,
// so that the script passes them on as they came. 40 random bits make two names of
// the same microsecond differ.
func asked(fence int64, requests []stock.Request) []any {
	args := make([]any, 0, 4+4*len(requests))
	args = append(args, fence, rand.Text()[:8], members(requests), len(requests))
	for _, r := range requests {
		args = append(args, r.Attempt)
	}
	for _, r := range requests {
		args = append(args, r.User)
	}
	same := true
	for _, r := range requests {
		same = same && r.Quantity == requests[0].Quantity && r.Limit == requests[0].Limit
	}
	for i, r := range requests {
		if i == 0 || !same {
			args = append(args, r.Quantity, r.Limit)
		}
	}
	return args
}

// members is how a group remembers what it was asked for: gate.lua has the format.
func members(requests []stock.Request) []byte {
	text := append(make([]byte, 0, 64*len(requests)), ':') // ids are mostly shorter
	for _, r := range requests {
		text = append(text, byte(len(r.Attempt)), byte(len(r.User)))
		text = append(append(text, r.Attempt...), r.User...)
	}
	return text
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
	args := make([]any, 0, 6*len(settlements))
	for _, one := range settlements {
		if err := one.Validate(); err != nil {
			return err
		}
		args = append(args, one.Attempt, one.User, one.Quantity, verdicts[one.Verdict], one.Booked, one.Released)
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
