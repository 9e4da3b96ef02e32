package stocktest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/seckill-go/seckill/stock"
)

func refusalStaysAlone(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 4)
	s.reserve(group(of("u", "a", 2, 1), some("b", 5), of("u", "c", 1, 1), of("u", "d", 1, 1), some("e", 3)),
		stock.LimitReached, stock.SoldOut, stock.Reserved, stock.LimitReached, stock.Reserved)
	s.numbers(0, 4, 0)
	s.reserve(group(of("u", "a", 2, 1), some("b", 5)), stock.LimitReached, stock.SoldOut)
	s.numbers(0, 4, 0)
	return s.err
}

func largeGroup(ctx context.Context, f Fixture) error {
	const n = 3000
	s := begin(ctx, f, n-1)
	crowd := many("a", n)
	s.reserve(crowd, append(all(n-1, stock.Reserved), stock.SoldOut)...)
	s.reserve(crowd, append(all(n-1, stock.Held), stock.SoldOut)...)
	s.numbers(0, n-1, 0)
	s.settle(stock.Confirm, crowd[:n/2]...)
	s.settle(stock.Release, crowd[n/2:]...)
	s.numbers(n/2-1, 0, n/2)
	s.settle(stock.Restore, crowd...)
	s.numbers(n-1, 0, 0)
	return s.err
}

func emptyGroup(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 7)
	if r := s.reserve(nil); r.Left != 7 || r.Fence != 1 {
		s.fail("Reserve of nobody: got left %d, fence %d; want 7, 1", r.Left, r.Fence)
	}
	s.settle(stock.Confirm)
	s.numbers(7, 0, 0)
	return s.err
}

func anyBytes(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 20)
	names := []string{"a:b", "{a}", "a\nb", "a\x00b", "\xff\xfe", "秒杀", "h1:x", "%d", "-1", "0", strings.Repeat("x", 128)}
	for _, name := range names {
		s.ask(of(name, name, 1, 1), stock.Reserved)
	}
	s.hold(0, 100, names...)
	for _, name := range names {
		s.has(name, 1)
		s.settle(stock.Confirm, of(name, name, 1, 0))
		s.ask(of(name, name, 1, 1), stock.Sold)
		s.settle(stock.Restore, of(name, name, 1, 0))
		s.has(name, 0)
	}
	s.numbers(20, 0, 0)
	return s.err
}

func impossibleRequest(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 10)
	long := strings.Repeat("x", 129)
	for _, bad := range []stock.Request{
		of("u", "a", 0, 0), of("u", "a", -1, 0), of("u", "a", stock.MaxUnits+1, 0), of("u", "a", 1, -1),
		of("", "a", 1, 0), of("u", "", 1, 0), of(long, "a", 1, 0), of("u", long, 1, 0),
	} {
		if _, err := f.Store.Reserve(ctx, s.goods, 5, group(one("good"), bad)); err == nil {
			s.fail("Reserve(%v): got no error", bad)
		}
	}
	for _, bad := range [][]stock.Settlement{
		settlements(stock.Confirm, of("u", "a", 0, 0)), settlements(stock.Confirm, of("u", "", 1, 0)),
		settlements(stock.Confirm, of("", "a", 1, 0)), settlements(0, one("a")), settlements(stock.Restore+1, one("a")),
	} {
		if err := f.Store.Settle(ctx, s.goods, append(settlements(stock.Confirm, one("good")), bad...)); err == nil {
			s.fail("Settle(%v): got no error", bad)
		}
	}
	s.numbers(10, 0, 0)
	if got := s.counts().Fence; got != 1 {
		s.fail("fence: got %d, want 1", got)
	}
	return s.err
}

func goodsAreIndependent(ctx context.Context, f Fixture) error {
	a := begin(ctx, f, 2)
	b := &sale{ctx: ctx, f: f, goods: "1002", fence: 9}
	b.load(3, 0)
	a.ask(of("u", "a", 2, 2), stock.Reserved)
	b.ask(of("u", "a", 2, 2), stock.Reserved)
	a.settle(stock.Confirm, of("u", "a", 2, 2))
	b.numbers(1, 2, 0)
	b.wants("Stop", f.Store.Stop(ctx, b.goods, 9), nil)
	a.numbers(0, 0, 2)
	return errors.Join(a.err, b.err)
}

// hold wants exactly these attempts to be held for at least some time, in any
// order.
func (s *sale) hold(minAge time.Duration, limit int, want ...string) {
	var got []string
	for _, h := range s.holds(minAge, limit) {
		got = append(got, h.Attempt)
	}
	slices.Sort(got)
	if want = slices.Sorted(slices.Values(want)); !slices.Equal(got, want) {
		s.fail("Holds(%v, %d): got %q, want %q", minAge, limit, got, want)
	}
}
