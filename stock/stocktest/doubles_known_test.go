package stocktest_test

import (
	"context"

	"github.com/seckill-go/seckill/stock"
)

// knowsHolds takes what is settled for unknown.
type knowsHolds struct{ *stock.Memory }

func (d knowsHolds) Known(ctx context.Context, goodsID string, attempts []string) ([]stock.Status, error) {
	statuses, err := d.Memory.Known(ctx, goodsID, attempts)
	for i, s := range statuses {
		if s != stock.Held {
			statuses[i] = stock.Unknown
		}
	}
	return statuses, err
}

// knowsByReserving asks for a unit to learn what is known.
type knowsByReserving struct{ *stock.Memory }

func (d knowsByReserving) Known(ctx context.Context, goodsID string, attempts []string) ([]stock.Status, error) {
	statuses, err := d.Memory.Known(ctx, goodsID, attempts)
	for _, a := range attempts {
		d.Memory.Reserve(ctx, goodsID, 0, []stock.Request{{Attempt: a, User: "u", Quantity: 1}})
	}
	return statuses, err
}
