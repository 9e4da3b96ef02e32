package stocktest

import (
	"context"
	"fmt"

	"github.com/seckill-go/seckill/stock"
)

var loadLaws = []Law{
	{"NothingBeforeLoad", "A goods that was never loaded answers ErrNotLoaded.", nothingBeforeLoad},
	{"StopCloses", "From Stop until Load has ended, every other call answers ErrNotLoaded.", stopCloses},
	{"LoadFromTheLedger", "Load takes the sales that live from the total, and keeps limits and cancelled attempts in mind.", loadFromTheLedger},
	{"LoadReplacesEverything", "Load replaces all that the gate knew, holds included.", loadReplacesEverything},
	{"SaleCountsOnce", "Of an attempt that a snapshot yields twice the first counts.", saleCountsOnce},
	{"LoadBelowZero", "When more is sold than the total, left is below zero and everything is sold out.", loadBelowZero},
	{"HugeLoad", "A snapshot may have any number of sales.", hugeLoad},
	{"FailingSnapshotStaysStopped", "An error of the snapshot comes back, and the gate stays stopped.", failingSnapshotStaysStopped},
	{"ImpossibleSnapshot", "An impossible total changes nothing; an impossible sale is a fault and leaves the gate stopped.", impossibleSnapshot},
	{"ClosedWhileLoading", "While the sales are read, the gate is closed.", closedWhileLoading},
	{"StopEndsALoad", "A Stop that comes in while a Load is on its way ends it.", stopEndsALoad},
	{"LoadEndsALoad", "A Load that comes in while another is on its way ends the other.", loadEndsALoad},
	{"FencedReserve", "Reserve refuses a lower fence, keeps a higher one, and lets a caller without one pass.", fencedReserve},
	{"FencedLoader", "Stop and Load refuse a lower fence, keep a higher one, and take the same one again.", fencedLoader},
}

func nothingBeforeLoad(ctx context.Context, f Fixture) error {
	s := &sale{ctx: ctx, f: f, goods: "1001", fence: 1}
	s.closed()
	s.wants("Stop", f.Store.Stop(ctx, s.goods, 1), nil)
	s.closed()
	return s.err
}

func stopCloses(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 10)
	s.ask(one("a"), stock.Reserved)
	for range 2 {
		s.wants("Stop", f.Store.Stop(ctx, s.goods, 1), nil)
		s.closed()
	}
	s.load(10)
	s.numbers(10, 0, 0)
	return s.err
}

func loadFromTheLedger(ctx context.Context, f Fixture) error {
	s := &sale{ctx: ctx, f: f, goods: "1001"}
	sales := snapshot(10, sold(of("u", "a", 2, 0)), cancelled(of("u", "b", 3, 0)), sold(of("v", "c", 1, 0)))
	sales.Epoch = 7
	c, err := f.Store.Load(ctx, s.goods, 5, sales)
	if want := (stock.Counts{Total: 10, Left: 7, Sold: 3, Epoch: 7, Fence: 5}); err != nil || c != want || s.counts() != want {
		s.fail("Load: got %+v, %v; want %+v", c, err, want)
	}
	s.reserve(group(of("u", "a", 2, 1), of("u", "b", 3, 1), of("v", "c", 1, 1)), stock.Sold, stock.Released, stock.Sold)
	s.has("u", 2)
	s.has("v", 1)
	s.settle(stock.Restore, of("u", "a", 2, 0), of("u", "b", 3, 0))
	s.numbers(9, 0, 1)
	s.has("u", 0)
	return s.err
}

func loadReplacesEverything(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 10)
	s.reserve(group(some("a", 2), some("b", 2), some("c", 2)), all(3, stock.Reserved)...)
	s.settle(stock.Confirm, some("b", 2), some("c", 2))
	s.settle(stock.Restore, some("c", 2))
	s.load(20, sold(some("d", 1)))
	s.numbers(19, 0, 1)
	s.hold(0, 10)
	s.has("user of b", 0)
	s.reserve(group(some("a", 2), some("b", 2), some("c", 2)), all(3, stock.Reserved)...)
	s.load(5)
	s.numbers(5, 0, 0)
	return s.err
}

func saleCountsOnce(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 10, sold(some("a", 2)), sold(some("a", 2)), cancelled(one("b")), sold(one("b")), sold(one("c")), cancelled(one("c")))
	s.numbers(7, 0, 3)
	// Far apart, so that no chunk of a load has both.
	sales := []stock.Sale{sold(some("a", 2))}
	for _, r := range many("x", 3000) {
		sales = append(sales, cancelled(r))
	}
	s.load(10, append(sales, sold(some("a", 2)))...)
	s.numbers(8, 0, 2)
	s.has("user of a", 2)
	return s.err
}

func loadBelowZero(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 2, sold(some("a", 3)), sold(some("b", 2)))
	s.numbers(-3, 0, 5)
	s.ask(one("c"), stock.SoldOut)
	s.settle(stock.Restore, some("a", 3))
	s.numbers(0, 0, 2)
	s.ask(one("c"), stock.SoldOut)
	s.settle(stock.Restore, some("b", 2))
	s.ask(one("c"), stock.Reserved)
	return s.err
}

func hugeLoad(ctx context.Context, f Fixture) error {
	const n = 20_000
	sales := make([]stock.Sale, n)
	for i := range sales {
		sales[i] = sold(of(fmt.Sprint("user-", i%5000), fmt.Sprint("attempt-", i), 1, 0))
		sales[i].Released = i%4 == 3
	}
	s := begin(ctx, f, n, sales...)
	s.numbers(n/4, 0, n-n/4)
	s.has("user-0", 4)
	s.has("user-4999", 0)
	s.reserve(group(of("user-0", "attempt-0", 1, 0), of("user-3", "attempt-19999", 1, 0)), stock.Sold, stock.Released)
	return s.err
}
