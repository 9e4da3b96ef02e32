package stocktest

import (
	"context"
	"fmt"

	"github.com/seckill-go/seckill/stock"
)

var settleLaws = []Law{
	{"Transitions", "Each verdict does to each state what the contract says, once, however often it is given.", transitions},
	{"ConfirmOfForgottenGoesBelowZero", "Confirm of an attempt that the gate forgot takes units, also those that are not left; the numbers add up.", confirmOfForgottenGoesBelowZero},
	{"GateKnowsTheQuantity", "The gate moves the units that it took, whatever quantity the settlement names.", gateKnowsTheQuantity},
	{"VerdictsInTurn", "Verdicts about one attempt in one call are applied in turn.", verdictsInTurn},
	{"RestoredUnitsSellAgain", "Units that were given back are sold again, and count for their user no longer.", restoredUnitsSellAgain},
	{"SettleCarriesNoFence", "Settle is not fenced.", settleCarriesNoFence},
}

// A state is what the gate knows of the attempt "a" with 2 units of 10.
type state struct {
	name             string
	reach            func(s *sale)
	left, held, sold int
	asked            stock.Status // what Reserve answers
}

var attempt = some("a", 2)

var (
	unknown  = state{"unknown", func(*sale) {}, 10, 0, 0, stock.Reserved}
	held     = state{"held", func(s *sale) { s.ask(attempt, stock.Reserved) }, 8, 2, 0, stock.Held}
	soldNow  = state{"sold", func(s *sale) { held.reach(s); s.settle(stock.Confirm, attempt) }, 8, 0, 2, stock.Sold}
	released = state{"released", func(s *sale) { soldNow.reach(s); s.settle(stock.Restore, attempt) }, 10, 0, 0, stock.Released}
)

var edges = []struct {
	from    state
	verdict stock.Verdict
	to      state
}{
	{unknown, stock.Confirm, soldNow},
	{unknown, stock.Release, unknown},
	{unknown, stock.Restore, released},
	{held, stock.Confirm, soldNow},
	{held, stock.Release, unknown},
	{held, stock.Restore, released},
	{soldNow, stock.Confirm, soldNow},
	{soldNow, stock.Release, soldNow},
	{soldNow, stock.Restore, released},
	{released, stock.Confirm, released},
	{released, stock.Release, released},
	{released, stock.Restore, released},
}

func transitions(ctx context.Context, f Fixture) error {
	for i, e := range edges {
		for _, times := range []int{1, 3} {
			s := &sale{ctx: ctx, f: f, goods: fmt.Sprintf("%d-%d", i, times), fence: 1}
			s.load(10)
			e.from.reach(s)
			for range times {
				s.settle(e.verdict, attempt)
				s.numbers(e.to.left, e.to.held, e.to.sold)
				s.has(attempt.User, e.to.held+e.to.sold)
			}
			s.ask(attempt, e.to.asked)
			if s.err != nil {
				return fmt.Errorf("%s, verdict %d given %d times, want %s: %w", e.from.name, e.verdict, times, e.to.name, s.err)
			}
		}
	}
	return nil
}

func confirmOfForgottenGoesBelowZero(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 3)
	s.ask(some("a", 2), stock.Reserved)
	s.settle(stock.Confirm, some("b", 3), some("c", 1))
	s.numbers(-3, 2, 4)
	s.reserve(group(one("d"), some("c", 1)), stock.SoldOut, stock.Sold)
	s.settle(stock.Restore, some("b", 3))
	s.numbers(0, 2, 1)
	s.settle(stock.Restore, some("c", 1))
	s.numbers(1, 2, 0)
	s.ask(one("d"), stock.Reserved)
	return s.err
}

func gateKnowsTheQuantity(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 10)
	s.reserve(group(some("a", 2), some("b", 3)), stock.Reserved, stock.Reserved)
	s.settle(stock.Confirm, some("a", 5))
	s.settle(stock.Release, some("b", 1))
	s.numbers(8, 0, 2)
	s.settle(stock.Restore, some("a", 7))
	s.numbers(10, 0, 0)
	s.has("user of a", 0)
	return s.err
}

func verdictsInTurn(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 10)
	s.ask(attempt, stock.Reserved)
	var list []stock.Settlement
	for _, v := range []stock.Verdict{stock.Release, stock.Confirm, stock.Confirm, stock.Restore, stock.Release, stock.Restore, stock.Confirm} {
		list = append(list, settlements(v, attempt)...)
	}
	s.wants("Settle", f.Store.Settle(ctx, s.goods, list), nil)
	s.numbers(10, 0, 0)
	s.hold(0, 10)
	s.has(attempt.User, 0)
	s.ask(attempt, stock.Released)
	return s.err
}

func restoredUnitsSellAgain(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 2)
	s.ask(of("u", "a", 2, 2), stock.Reserved)
	s.settle(stock.Confirm, of("u", "a", 2, 0))
	s.ask(of("v", "b", 1, 2), stock.SoldOut)
	s.ask(of("u", "c", 1, 2), stock.LimitReached)
	s.settle(stock.Restore, of("u", "a", 2, 0))
	s.reserve(group(of("v", "b", 1, 2), of("u", "c", 1, 2)), stock.Reserved, stock.Reserved)
	s.numbers(0, 2, 0)
	return s.err
}

func settleCarriesNoFence(ctx context.Context, f Fixture) error {
	s := &sale{ctx: ctx, f: f, goods: "1001", fence: 1 << 40}
	s.load(10)
	s.ask(attempt, stock.Reserved)
	s.settle(stock.Confirm, attempt)
	s.numbers(8, 0, 2)
	return s.err
}
