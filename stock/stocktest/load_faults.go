package stocktest

import (
	"context"
	"errors"

	"github.com/seckill-go/seckill/stock"
)

var errLedger = errors.New("the ledger is down")

// interrupt is a snapshot that does something in the middle of its sales.
func interrupt(do func() error) stock.Snapshot {
	return stock.Snapshot{Total: 10, Epoch: 1, Sales: func(yield func(stock.Sale, error) bool) {
		for _, r := range many("x", 1200) {
			if !yield(cancelled(r), nil) {
				return
			}
		}
		if err := do(); err != nil {
			yield(stock.Sale{}, err)
			return
		}
		yield(sold(one("y")), nil)
	}}
}

func failingSnapshotStaysStopped(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 10)
	_, err := f.Store.Load(ctx, s.goods, 1, interrupt(func() error { return errLedger }))
	s.wants("Load of a failing snapshot", err, errLedger)
	s.closed()
	s.load(4)
	s.numbers(4, 0, 0)
	return s.err
}

func impossibleSnapshot(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 10)
	for _, total := range []int{-1, stock.MaxUnits + 1} {
		if _, err := f.Store.Load(ctx, s.goods, 2, snapshot(total)); err == nil {
			s.fail("Load of total %d: got no error", total)
		}
	}
	s.numbers(10, 0, 0)
	if _, err := f.Store.Load(ctx, s.goods, 2, snapshot(10, sold(some("a", 0)))); err == nil {
		s.fail("Load of a sale of 0 units: got no error")
	}
	s.closed()
	return s.err
}

func closedWhileLoading(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 10)
	_, err := f.Store.Load(ctx, s.goods, 1, interrupt(func() error { s.closed(); return nil }))
	s.wants("Load", err, nil)
	s.numbers(9, 0, 1)
	return s.err
}

func stopEndsALoad(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 10)
	_, err := f.Store.Load(ctx, s.goods, 1, interrupt(func() error { return f.Store.Stop(ctx, s.goods, 1) }))
	if err == nil || errors.Is(err, stock.ErrFenced) {
		s.fail("Load with a Stop of the same fence in between: got error %v, want a fault", err)
	}
	s.closed()
	_, err = f.Store.Load(ctx, s.goods, 1, interrupt(func() error { return f.Store.Stop(ctx, s.goods, 2) }))
	s.wants("Load with a Stop of a higher fence in between", err, stock.ErrFenced)
	s.closed()
	return s.err
}

func loadEndsALoad(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 10)
	_, err := f.Store.Load(ctx, s.goods, 1, interrupt(func() error { s.load(5, sold(one("z"))); return nil }))
	if err == nil {
		s.fail("Load with a Load in between: got no error")
	}
	s.numbers(4, 0, 1)
	s.fence = 2
	_, err = f.Store.Load(ctx, s.goods, 1, interrupt(func() error { s.load(6); return nil }))
	s.wants("Load with a Load of a higher fence in between", err, stock.ErrFenced)
	s.numbers(6, 0, 0)
	return s.err
}

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
	_, err := f.Store.Load(ctx, s.goods, 4, snapshot(99))
	s.wants("Load with a lower fence", err, stock.ErrFenced)
	s.load(10)
	s.wants("Stop of an open goods with a lower fence", f.Store.Stop(ctx, s.goods, 4), stock.ErrFenced)
	_, err = f.Store.Load(ctx, s.goods, 4, snapshot(99))
	s.wants("Load of an open goods with a lower fence", err, stock.ErrFenced)
	s.ask(one("a"), stock.Reserved)
	s.numbers(9, 1, 0)
	s.fence = 6
	s.load(3)
	_, err = f.Store.Reserve(ctx, s.goods, 5, group(one("b")))
	s.wants("Reserve with the fence before", err, stock.ErrFenced)
	s.wants("Stop with a higher fence", f.Store.Stop(ctx, s.goods, 1<<50), nil)
	s.wants("Stop with a lower fence", f.Store.Stop(ctx, s.goods, 1<<50-1), stock.ErrFenced)
	return s.err
}
