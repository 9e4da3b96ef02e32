package stocktest_test

import (
	"context"

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

func (d opensAnyway) Load(ctx context.Context, goodsID string, fence int64, s stock.Snapshot) (stock.Counts, error) {
	return d.Memory.Load(ctx, goodsID, fence, only(s, func(_ stock.Sale, err error) bool { return err == nil }))
}

func (d loadsTotalOnly) Load(ctx context.Context, goodsID string, fence int64, s stock.Snapshot) (stock.Counts, error) {
	return d.Memory.Load(ctx, goodsID, fence, only(s, func(stock.Sale, error) bool { return false }))
}

func (d loadsLiveOnly) Load(ctx context.Context, goodsID string, fence int64, s stock.Snapshot) (stock.Counts, error) {
	return d.Memory.Load(ctx, goodsID, fence, only(s, func(sale stock.Sale, _ error) bool { return !sale.Released }))
}

// only passes on what a snapshot yields when keep says so.
func only(s stock.Snapshot, keep func(stock.Sale, error) bool) stock.Snapshot {
	sales := s.Sales
	s.Sales = func(yield func(stock.Sale, error) bool) {
		for sale, err := range sales {
			if keep(sale, err) && !yield(sale, err) {
				return
			}
		}
	}
	return s
}
