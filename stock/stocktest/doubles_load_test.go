package stocktest_test

import (
	"context"
	"errors"

	"github.com/seckill-go/seckill/stock"
)

// highest passes every fence.
func highest(ctx context.Context, m *stock.Memory, goodsID string, fence int64) int64 {
	c, _ := m.Counts(ctx, goodsID)
	return max(c.Fence, fence)
}

func (d fencelessLoader) Stop(ctx context.Context, goodsID string, fence int64) error {
	return d.Memory.Stop(ctx, goodsID, highest(ctx, d.Memory, goodsID, fence))
}

func (d fencelessLoader) Load(ctx context.Context, goodsID string, fence int64, s stock.Snapshot) (stock.Counts, error) {
	return d.Memory.Load(ctx, goodsID, highest(ctx, d.Memory, goodsID, fence), s)
}

func (unstoppable) Stop(context.Context, string, int64) error { return nil }

func (d loadsTotalOnly) Load(ctx context.Context, goodsID string, fence int64, s stock.Snapshot) (stock.Counts, error) {
	s.Sold = 0
	return d.Memory.Load(ctx, goodsID, fence, s)
}

func (d sizesTotalOnly) Resize(ctx context.Context, goodsID string, total int) (stock.Counts, error) {
	c, err := d.Memory.Resize(ctx, goodsID, total)
	if errors.Is(err, stock.ErrTotalTooSmall) {
		err = nil
	}
	return c, err
}

func (d sizesLeft) Resize(ctx context.Context, goodsID string, total int) (stock.Counts, error) {
	c, err := d.Memory.Counts(ctx, goodsID)
	if err != nil || total < 0 || total > stock.MaxUnits {
		return d.Memory.Resize(ctx, goodsID, total)
	}
	return d.Memory.Resize(ctx, goodsID, max(total, c.Held+c.Sold+c.Left))
}

func (d retiresInName) Retire(ctx context.Context, goodsID string, fence int64) error {
	return d.Memory.Stop(ctx, goodsID, fence)
}

func (d fencelessRetirer) Retire(ctx context.Context, goodsID string, fence int64) error {
	return d.Memory.Retire(ctx, goodsID, highest(ctx, d.Memory, goodsID, fence))
}

func (d neverRefilled) Reserve(ctx context.Context, goodsID string, fence int64, requests []stock.Request) (stock.Reservation, error) {
	r, err := d.Memory.Reserve(ctx, goodsID, fence, requests)
	r.Refilled = 0
	return r, err
}

func (d alwaysRefilled) Reserve(ctx context.Context, goodsID string, fence int64, requests []stock.Request) (stock.Reservation, error) {
	r, err := d.Memory.Reserve(ctx, goodsID, fence, requests)
	r.Refilled = max(r.Refilled, 1)
	return r, err
}

func (d countsClosed) CountsOf(ctx context.Context, goodsIDs []string) (map[string]stock.Counts, error) {
	all, err := d.Memory.CountsOf(ctx, goodsIDs)
	for _, id := range goodsIDs {
		if _, ok := all[id]; !ok && err == nil {
			all[id] = stock.Counts{}
		}
	}
	return all, err
}
