package stocktest

import (
	"context"

	"github.com/seckill-go/seckill/stock"
)

var reserveLaws = []Law{
	{"TakesUnits", "Reserve takes the units of each request and says how many are left.", takesUnits},
	{"KnownAttemptTakesNothing", "Asking again for the same attempt never takes units twice, also within one group.", knownAttemptTakesNothing},
	{"KnownAttemptBeforeStock", "A known attempt is answered before the stock is looked at.", knownAttemptBeforeStock},
	{"KnownAttemptBeforeLimit", "A known attempt is answered before the limit is tested.", knownAttemptBeforeLimit},
	{"LimitBeforeStock", "The limit is tested before the stock.", limitBeforeStock},
	{"LimitCountsHeldAndSold", "The limit is for units held and sold together; zero means no limit.", limitCountsHeldAndSold},
	{"AllOrNone", "All units of a request are taken or none.", allOrNone},
	{"RefusalStaysAlone", "A request that fails takes nothing and does not fail its neighbours.", refusalStaysAlone},
	{"LargeGroup", "A group may be as large as the engine makes it, and larger.", largeGroup},
	{"EmptyGroup", "An empty group takes nothing and is answered.", emptyGroup},
	{"AnyBytes", "Attempts and users may be any bytes.", anyBytes},
	{"ImpossibleRequest", "A call that names an impossible request is a fault and changes nothing.", impossibleRequest},
	{"GoodsAreIndependent", "What happens to one goods does not touch another.", goodsAreIndependent},
}

func takesUnits(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 10)
	r := s.reserve(group(some("a", 3), some("b", 2)), stock.Reserved, stock.Reserved)
	if r.Left != 5 {
		s.fail("Reserve: got left %d, want 5", r.Left)
	}
	s.numbers(5, 5, 0)
	return s.err
}

func knownAttemptTakesNothing(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 10)
	s.reserve(group(one("a"), one("a"), one("b")), stock.Reserved, stock.Held, stock.Reserved)
	s.reserve(group(one("b"), one("a")), stock.Held, stock.Held)
	s.numbers(8, 2, 0)
	s.settle(stock.Confirm, one("a"))
	s.ask(one("a"), stock.Sold)
	s.settle(stock.Restore, one("a"))
	s.ask(one("a"), stock.Released)
	s.numbers(9, 1, 0)
	return s.err
}

func knownAttemptBeforeStock(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 3)
	s.reserve(group(one("a"), one("b"), one("c")), stock.Reserved, stock.Reserved, stock.Reserved)
	s.settle(stock.Confirm, one("b"))
	s.settle(stock.Restore, one("c"))
	s.ask(one("d"), stock.Reserved)
	s.reserve(group(one("e"), one("a"), one("b"), one("c")), stock.SoldOut, stock.Held, stock.Sold, stock.Released)
	return s.err
}

func knownAttemptBeforeLimit(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 10)
	s.ask(of("u", "a", 2, 2), stock.Reserved)
	s.reserve(group(of("u", "a", 2, 2), of("u", "b", 1, 2)), stock.Held, stock.LimitReached)
	s.settle(stock.Confirm, of("u", "a", 2, 0))
	s.ask(of("u", "a", 2, 2), stock.Sold)
	return s.err
}

func limitBeforeStock(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 1)
	s.ask(of("u", "a", 1, 1), stock.Reserved)
	s.ask(of("u", "b", 1, 1), stock.LimitReached)
	s.ask(of("v", "c", 1, 1), stock.SoldOut)
	return s.err
}

func limitCountsHeldAndSold(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 10)
	s.reserve(group(of("u", "a", 1, 3), of("u", "b", 1, 3)), stock.Reserved, stock.Reserved)
	s.settle(stock.Confirm, of("u", "a", 1, 0))
	s.reserve(group(of("u", "c", 2, 3), of("u", "d", 1, 3), of("u", "e", 1, 3), of("v", "f", 3, 3)),
		stock.LimitReached, stock.Reserved, stock.LimitReached, stock.Reserved)
	s.has("u", 3)
	s.ask(of("u", "g", 1, 0), stock.Reserved)
	s.has("u", 4)
	return s.err
}

func allOrNone(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 5)
	s.reserve(group(some("a", 3), some("b", 3), some("c", 1)), stock.Reserved, stock.SoldOut, stock.Reserved)
	s.numbers(1, 4, 0)
	s.has("user of b", 0)
	s.ask(some("b", 1), stock.Reserved)
	return s.err
}
