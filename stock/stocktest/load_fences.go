package stocktest

import (
	"context"

	"github.com/seckill-go/seckill/stock"
)

func fencedReserve(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 10)
	reserve := func(fence int64, attempt string, wantFence int64) {
		r, err := f.Store.Reserve(ctx, s.goods, fence, group(one(attempt)))
		if err != nil || r.Fence != wantFence || s.counts().Fence != wantFence {
			s.fail("Reserve with fence %d: got fence %d, %v; want %d", fence, r.Fence, err, wantFence)
		}
	}
	reserve(0, "a", 1)
	reserve(7, "b", 7)
	reserve(0, "c", 7)
	reserve(7, "d", 7)
	_, err := f.Store.Reserve(ctx, s.goods, 6, group(one("e")))
	s.wants("Reserve with a lower fence", err, stock.ErrFenced)
	s.numbers(6, 4, 0)
	reserve(8, "a", 8) // a group that takes nothing raises it, too
	s.numbers(6, 4, 0)
	s.ask(one("e"), stock.Reserved)
	return s.err
}

func fencedLoader(ctx context.Context, f Fixture) error {
	s := &sale{ctx: ctx, f: f, goods: "1001", fence: 5}
	s.wants("Stop", f.Store.Stop(ctx, s.goods, 5), nil)
	s.wants("Stop with a lower fence", f.Store.Stop(ctx, s.goods, 4), stock.ErrFenced)
	_, err := f.Store.Load(ctx, s.goods, 4, snapshot(99, 0))
	s.wants("Load with a lower fence", err, stock.ErrFenced)
	s.load(10, 0)
	s.wants("Stop of an open goods with a lower fence", f.Store.Stop(ctx, s.goods, 4), stock.ErrFenced)
	_, err = f.Store.Load(ctx, s.goods, 4, snapshot(99, 0))
	s.wants("Load of an open goods with a lower fence", err, stock.ErrFenced)
	s.wants("Retire with a lower fence", f.Store.Retire(ctx, s.goods, 4), stock.ErrFenced)
	s.ask(one("a"), stock.Reserved)
	s.numbers(9, 1, 0)
	s.fence = 6
	s.load(3, 0)
	_, err = f.Store.Reserve(ctx, s.goods, 5, group(one("b")))
	s.wants("Reserve with the fence before", err, stock.ErrFenced)
	s.wants("Stop with a higher fence", f.Store.Stop(ctx, s.goods, 1<<50), nil)
	s.wants("Stop with a lower fence", f.Store.Stop(ctx, s.goods, 1<<50-1), stock.ErrFenced)
	return s.err
}
