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

func (d onlyKnown) Settle(ctx context.Context, goodsID string, settlements []stock.Settlement) error {
	return swap(ctx, d.Memory, goodsID, settlements, stock.Confirm, stock.SoldOut, stock.Release)
}
