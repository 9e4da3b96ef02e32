package stocktest_test

import (
	"context"
	"slices"

	"github.com/seckill-go/seckill/stock"
)

// swap replaces the verdict about attempts that are in a state.
func swap(ctx context.Context, m *stock.Memory, goodsID string, settlements []stock.Settlement, from stock.Verdict, in stock.Status, to stock.Verdict) error {
	settlements = slices.Clone(settlements)
	for i, one := range settlements {
		if one.Verdict == from && one.Quantity > 0 && status(ctx, m, goodsID, one) == in {
			settlements[i].Verdict = to
		}
	}
	return m.Settle(ctx, goodsID, settlements)
}

func (d releasesSold) Settle(ctx context.Context, goodsID string, settlements []stock.Settlement) error {
	return swap(ctx, d.Memory, goodsID, settlements, stock.Release, stock.Sold, stock.Restore)
}

func (d releasesRestored) Settle(ctx context.Context, goodsID string, settlements []stock.Settlement) error {
	return swap(ctx, d.Memory, goodsID, settlements, stock.Restore, stock.Held, stock.Release)
}

// stripped returns the settlements without what strip takes out of them.
func stripped(settlements []stock.Settlement, strip func(*stock.Settlement)) []stock.Settlement {
	settlements = slices.Clone(settlements)
	for i := range settlements {
		strip(&settlements[i])
	}
	return settlements
}

func (d takesAgain) Settle(ctx context.Context, goodsID string, settlements []stock.Settlement) error {
	return d.Memory.Settle(ctx, goodsID, stripped(settlements, func(one *stock.Settlement) { one.Booked = 0 }))
}

func (d givesThePast) Settle(ctx context.Context, goodsID string, settlements []stock.Settlement) error {
	return d.Memory.Settle(ctx, goodsID, stripped(settlements, func(one *stock.Settlement) { one.Released = 0 }))
}

func (d keepsTheHold) Settle(ctx context.Context, goodsID string, settlements []stock.Settlement) error {
	for _, one := range settlements {
		if one.Booked > 0 && status(ctx, d.Memory, goodsID, one) == stock.Held {
			one.Booked = 0
		}
		if err := d.Memory.Settle(ctx, goodsID, []stock.Settlement{one}); err != nil {
			return err
		}
	}
	return nil
}

func (d onlyKnown) Settle(ctx context.Context, goodsID string, settlements []stock.Settlement) error {
	return swap(ctx, d.Memory, goodsID, settlements, stock.Confirm, stock.SoldOut, stock.Release)
}
