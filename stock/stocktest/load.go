package stocktest

import (
	"context"
	"time"

	"github.com/seckill-go/seckill/stock"
)

var loadLaws = []Law{
	{"NothingBeforeLoad", "A goods that was never loaded answers ErrNotLoaded.", nothingBeforeLoad},
	{"StopCloses", "From Stop until a Load, every other call answers ErrNotLoaded.", stopCloses},
	{"LoadFromTheLedger", "After a Load what is not sold is left, and no attempt and no user is known.", loadFromTheLedger},
	{"LoadReplacesEverything", "Load replaces all that the gate knew, holds included.", loadReplacesEverything},
	{"LoadBelowZero", "When more is sold than the total, left is below zero and everything is sold out.", loadBelowZero},
	{"ImpossibleSnapshot", "An impossible snapshot or total is a fault and changes nothing.", impossibleSnapshot},
	{"SaysWhenItWasRefilled", "Reserve says how long ago the gate was filled, unless there were no orders then.", saysWhenItWasRefilled},
	{"Resizes", "Resize changes total and left by the same units, whatever is held and sold.", resizes},
	{"ResizeNotBelowZero", "Resize refuses a smaller total that makes left less than zero, and changes nothing.", resizeNotBelowZero},
	{"RetiredIsForgotten", "A retired goods is one that was never loaded, its fence included.", retiredIsForgotten},
	{"FencedReserve", "Reserve refuses a lower fence, keeps a higher one, and lets a caller without one pass.", fencedReserve},
	{"FencedLoader", "Stop, Load and Retire refuse a lower fence, and take the same one again; Stop and Load keep a higher one.", fencedLoader},
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
	s.load(10, 0)
	s.numbers(10, 0, 0)
	return s.err
}

func loadFromTheLedger(ctx context.Context, f Fixture) error {
	s := &sale{ctx: ctx, f: f, goods: "1001"}
	c, err := f.Store.Load(ctx, s.goods, 5, stock.Snapshot{Total: 10, Sold: 3, Epoch: 7})
	if want := (stock.Counts{Total: 10, Left: 7, Sold: 3, Epoch: 7, Fence: 5}); err != nil || c != want || s.counts() != want {
		s.fail("Load: got %+v, %v; want %+v", c, err, want)
	}
	s.has("u", 0)
	s.reserve(group(some("a", 7), one("b")), stock.Reserved, stock.SoldOut)
	return s.err
}

func loadReplacesEverything(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 10)
	s.reserve(group(some("a", 2), some("b", 2), some("c", 2), some("d", 2)), all(4, stock.Reserved)...)
	s.settle(stock.Confirm, some("b", 2), some("c", 2))
	s.settle(stock.Restore, some("c", 2))
	s.load(20, 1)
	s.numbers(19, 0, 1)
	s.hold(0, 10)
	s.has("user of b", 0)
	s.reserve(group(some("a", 2), some("b", 2), some("c", 2), some("d", 2)), all(4, stock.Reserved)...)
	s.load(5, 0)
	s.numbers(5, 0, 0)
	return s.err
}

func loadBelowZero(ctx context.Context, f Fixture) error {
	s := &sale{ctx: ctx, f: f, goods: "1001", fence: 5}
	s.load(2, 5)
	s.numbers(-3, 0, 5)
	s.ask(one("c"), stock.SoldOut)
	s.tell(stock.Restore, countedOff)
	s.numbers(-1, 0, 3)
	s.ask(one("c"), stock.SoldOut)
	return s.err
}

func impossibleSnapshot(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 10)
	for _, bad := range []int{-1, stock.MaxUnits + 1} {
		for _, snapshot := range []stock.Snapshot{snapshot(bad, 0), snapshot(10, bad)} {
			if _, err := f.Store.Load(ctx, s.goods, 2, snapshot); err == nil {
				s.fail("Load of %+v: got no error", snapshot)
			}
		}
		if _, err := f.Store.Resize(ctx, s.goods, bad); err == nil {
			s.fail("Resize to %d: got no error", bad)
		}
	}
	s.numbers(10, 0, 0)
	if got := s.counts().Fence; got != 1 {
		s.fail("fence: got %d, want 1", got)
	}
	return s.err
}

func saysWhenItWasRefilled(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 10)
	f.Advance(tick)
	if r := s.reserve(group(one("a")), stock.Reserved); r.Refilled != 0 {
		s.fail("Reserve after the first Load: got refilled %v ago, want 0", r.Refilled)
	}
	for _, again := range []stock.Snapshot{{Total: 10, Epoch: 2}, {Total: 10, Sold: 1, Epoch: 1}} {
		if _, err := f.Store.Load(ctx, s.goods, 1, again); err != nil {
			s.fail("Load: %v", err)
		}
		for _, wait := range []time.Duration{0, tick} {
			f.Advance(wait)
			r := s.reserve(group(some("x", 99)), stock.SoldOut)
			if r.Refilled <= 0 || r.Refilled < wait || r.Refilled > time.Hour {
				s.fail("Reserve %v after Load of %+v: got refilled %v ago", wait, again, r.Refilled)
			}
		}
	}
	return s.err
}

// resize changes the total and wants this error.
func (s *sale) resize(total int, want error) {
	c, err := s.f.Store.Resize(s.ctx, s.goods, total)
	s.wants("Resize", err, want)
	if want == nil && c != s.counts() {
		s.fail("Resize to %d: got %+v, want %+v", total, c, s.counts())
	}
}

func resizes(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 10)
	s.reserve(group(some("a", 2), some("b", 3)), all(2, stock.Reserved)...)
	s.settle(stock.Confirm, some("b", 3))
	for _, step := range []struct{ total, left int }{{12, 7}, {12, 7}, {6, 1}, {5, 0}, {8, 3}} {
		s.resize(step.total, nil)
		s.numbers(step.left, 2, 3)
		if got := s.counts().Total; got != step.total {
			s.fail("total: got %d, want %d", got, step.total)
		}
	}
	s.reserve(group(some("a", 2), some("b", 3), some("c", 3), one("d")), stock.Held, stock.Sold, stock.Reserved, stock.SoldOut)
	s.hold(0, 10, "a", "c")
	return s.err
}

func resizeNotBelowZero(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 10)
	s.ask(some("a", 4), stock.Reserved)
	s.resize(3, stock.ErrTotalTooSmall)
	s.resize(0, stock.ErrTotalTooSmall)
	s.numbers(6, 4, 0)
	s.settle(stock.Confirm, some("b", 8)) // left is -2 now
	s.resize(9, stock.ErrTotalTooSmall)
	s.resize(11, nil)
	s.numbers(-1, 4, 8)
	return s.err
}

func retiredIsForgotten(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 10)
	other := &sale{ctx: ctx, f: f, goods: "1002", fence: 9}
	other.load(3, 0)
	s.ask(one("a"), stock.Reserved)
	for range 2 {
		s.wants("Retire", f.Store.Retire(ctx, s.goods, 7), nil)
		s.closed()
	}
	s.load(5, 0) // under a lower fence
	s.numbers(5, 0, 0)
	s.wants("Stop", f.Store.Stop(ctx, s.goods, 1), nil)
	s.wants("Retire of a stopped goods", f.Store.Retire(ctx, s.goods, 1), nil)
	s.closed()
	other.numbers(3, 0, 0)
	s.wants("what happened to the other goods", other.err, nil)
	return s.err
}
