package ordertest_test

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/seckill-go/seckill/order"
)

type opensAnything struct{ *order.Memory }

func (s opensAnything) Open(ctx context.Context, goodsID string, fence int64, total int) (order.Stock, error) {
	row, err := s.Memory.Open(ctx, goodsID, fence, total)
	if err == order.ErrTotalTooSmall {
		return row, nil
	}
	return row, err
}

// amendsTooMuch takes the row for wrong where it is not.
type amendsTooMuch struct{ *order.Memory }

func (s amendsTooMuch) Amend(ctx context.Context, goodsID string, fence int64) (order.Stock, error) {
	row, err := s.Memory.Amend(ctx, goodsID, fence)
	row.Sold++
	return row, err
}

type amendsUnfenced struct{ *order.Memory }

func (s amendsUnfenced) Amend(ctx context.Context, goodsID string, _ int64) (order.Stock, error) {
	return s.Memory.Amend(ctx, goodsID, math.MaxInt64)
}

type reopensToResize struct{ *order.Memory }

func (s reopensToResize) Resize(ctx context.Context, goodsID string, total int) (order.Stock, error) {
	row, err := s.Memory.Stock(ctx, goodsID)
	if err != nil {
		return row, err
	}
	return s.Memory.Open(ctx, goodsID, row.Fence, total)
}

type resizesAnything struct{ *order.Memory }

func (s resizesAnything) Resize(ctx context.Context, goodsID string, total int) (order.Stock, error) {
	row, err := s.Memory.Resize(ctx, goodsID, total)
	if errors.Is(err, order.ErrTotalTooSmall) {
		return row, nil
	}
	return row, err
}

// forgetsFences books orders without their fences.
type forgetsFences struct{ *order.Memory }

func (s forgetsFences) Get(ctx context.Context, id string) (order.Order, error) {
	o, err := s.Memory.Get(ctx, id)
	o.Fence = 0
	return o, err
}

// releasesUnderTheOrdersFence takes the fence of the booking for that of the release.
type releasesUnderTheOrdersFence struct{ *order.Memory }

func (s releasesUnderTheOrdersFence) Get(ctx context.Context, id string) (order.Order, error) {
	o, err := s.Memory.Get(ctx, id)
	if o.Released != 0 {
		o.Released = o.Fence
	}
	return o, err
}

// recountsAnOldRow reads the row before it sums up the orders.
type recountsAnOldRow struct{ *order.Memory }

func (s recountsAnOldRow) Recount(ctx context.Context, goodsID string) (order.Recount, error) {
	row, err := s.Memory.Stock(ctx, goodsID)
	if err != nil {
		return order.Recount{}, err
	}
	time.Sleep(time.Millisecond)
	r, err := s.Memory.Recount(ctx, goodsID)
	r.Stock = row
	return r, err
}

// opensWithNothing takes a total below 0 for none.
type opensWithNothing struct{ *order.Memory }

func (s opensWithNothing) Open(ctx context.Context, goodsID string, fence int64, total int) (order.Stock, error) {
	row, err := s.Stock(ctx, goodsID)
	if total < 0 && err == nil {
		total = row.Sold
	}
	return s.Memory.Open(ctx, goodsID, fence, total)
}

// makesRowsUp has a row for every goods.
type makesRowsUp struct{ *order.Memory }

func (s makesRowsUp) StocksOf(ctx context.Context, goodsIDs []string) (map[string]order.Stock, error) {
	rows, err := s.Memory.StocksOf(ctx, goodsIDs)
	for _, id := range goodsIDs {
		if _, ok := rows[id]; !ok && err == nil {
			rows[id] = order.Stock{GoodsID: id}
		}
	}
	return rows, err
}
