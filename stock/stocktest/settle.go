package stocktest

import (
	"context"
	"fmt"
	"slices"

	"github.com/seckill-go/seckill/stock"
)

var settleLaws = []Law{
	{"Transitions", "Each verdict does to each state what the contract says, once, however often it is given.", transitions},
	{"TransitionsOfCounted", "So it does if the last Load counted the order.", transitionsOfCounted},
	{"TransitionsOfPast", "So it does if the order was over at the last Load.", transitionsOfPast},
	{"CountedBesideItsHold", "The hold of an order that the Load counted is left again with the units it took, and no others.", countedBesideItsHold},
	{"ConfirmOfForgottenGoesBelowZero", "Confirm of an attempt that the gate forgot takes units, also those that are not left; the numbers add up.", confirmOfForgottenGoesBelowZero},
	{"GateKnowsTheQuantity", "The gate moves the units that it took, whatever quantity the settlement names.", gateKnowsTheQuantity},
	{"VerdictsInTurn", "Verdicts about one attempt in one call are applied in turn.", verdictsInTurn},
	{"RestoredUnitsSellAgain", "Units that were given back are sold again, and count for their user no longer.", restoredUnitsSellAgain},
	{"SettleCarriesNoFence", "Settle is not fenced.", settleCarriesNoFence},
}

// A state is what the gate knows of the attempt "a" with 2 units. At the start 20
// units are on sale, and the Load counted 4 of them as sold.
type state struct {
	name             string
	reach            func(s *sale)
	left, held, sold int
	user             int          // the units that count for the limit
	asked            stock.Status // what Reserve answers
}

var attempt = some("a", 2)

var (
	unknown  = state{"unknown", func(*sale) {}, 16, 0, 4, 0, stock.Reserved}
	held     = state{"held", func(s *sale) { s.ask(attempt, stock.Reserved) }, 14, 2, 4, 2, stock.Held}
	soldNow  = state{"sold", func(s *sale) { held.reach(s); s.settle(stock.Confirm, attempt) }, 14, 0, 6, 2, stock.Sold}
	released = state{"released", func(s *sale) { soldNow.reach(s); s.settle(stock.Restore, attempt) }, 16, 0, 4, 0, stock.Released}
	// noted is sold, and the gate took no units for it.
	noted    = state{"noted", func(s *sale) { s.tell(stock.Confirm, counted) }, 16, 0, 4, 0, stock.Sold}
	restored = state{"restored", nil, 18, 0, 2, 0, stock.Released}
)

// An age places an order: by the fences of its settlement, beside a Load with fence
// 5.
type age struct {
	name             string
	booked, released int64
}

var (
	unplaced   = age{"of no known age", 0, 0}
	later      = age{"later", 5, 0}
	returned   = age{"later and returned", 5, 5}
	counted    = age{"counted", 4, 0}
	countedOff = age{"counted and returned", 4, 5}
	past       = age{"past", 3, 4}
)

var edges = []struct {
	from    state
	verdict stock.Verdict
	ages    []age
	to      state
}{
	{unknown, stock.Confirm, []age{unplaced, later}, soldNow},
	{unknown, stock.Confirm, []age{counted, past}, noted},
	{unknown, stock.Release, []age{unplaced, later, counted, past}, unknown},
	{unknown, stock.Restore, []age{unplaced, returned, past}, released},
	{unknown, stock.Restore, []age{counted, countedOff}, restored},
	{held, stock.Confirm, []age{unplaced, later}, soldNow},
	{held, stock.Confirm, []age{counted, past}, noted},
	{held, stock.Release, []age{unplaced, later, counted, past}, unknown},
	{held, stock.Restore, []age{unplaced, returned, past}, released},
	{held, stock.Restore, []age{counted, countedOff}, restored},
	{soldNow, stock.Confirm, []age{unplaced, later, counted, past}, soldNow},
	{soldNow, stock.Release, []age{unplaced, later, counted, past}, soldNow},
	{soldNow, stock.Restore, []age{unplaced, returned, countedOff, past}, released},
	{noted, stock.Confirm, []age{unplaced, later, counted, past}, noted},
	{noted, stock.Release, []age{unplaced, later, counted, past}, noted},
	{noted, stock.Restore, []age{unplaced, returned, past}, released},
	{noted, stock.Restore, []age{counted, countedOff}, restored},
	{released, stock.Confirm, []age{unplaced, later, counted, past}, released},
	{released, stock.Release, []age{unplaced, later, counted, past}, released},
	{released, stock.Restore, []age{unplaced, returned, countedOff, past}, released},
}

func transitions(ctx context.Context, f Fixture) error { return f.walk(ctx, unplaced, later, returned) }

func transitionsOfCounted(ctx context.Context, f Fixture) error {
	return f.walk(ctx, counted, countedOff)
}

func transitionsOfPast(ctx context.Context, f Fixture) error { return f.walk(ctx, past) }

// walk goes along the edges of the ages.
func (f Fixture) walk(ctx context.Context, ages ...age) error {
	n := 0
	for _, e := range edges {
		for _, at := range e.ages {
			for _, times := range []int{1, 3} {
				if n++; !slices.Contains(ages, at) {
					continue
				}
				s := &sale{ctx: ctx, f: f, goods: fmt.Sprint(n), fence: 5}
				s.load(20, 4)
				e.from.reach(s)
				for range times {
					s.tell(e.verdict, at)
					s.numbers(e.to.left, e.to.held, e.to.sold)
					s.has(attempt.User, e.to.user)
				}
				s.ask(attempt, e.to.asked)
				if s.err != nil {
					return fmt.Errorf("%s, verdict %d of an order %s given %d times, want %s: %w", e.from.name, e.verdict, at.name, times, e.to.name, s.err)
				}
			}
		}
	}
	return nil
}

// tell gives the verdict about the attempt, whose order is of the age.
func (s *sale) tell(v stock.Verdict, at age) {
	one := settlements(v, attempt)
	one[0].Booked, one[0].Released = at.booked, at.released
	s.wants("Settle", s.f.Store.Settle(s.ctx, s.goods, one), nil)
}

func countedBesideItsHold(ctx context.Context, f Fixture) error {
	s := &sale{ctx: ctx, f: f, goods: "1001", fence: 5}
	s.load(20, 4)
	both := group(some("a", 3), some("b", 1))
	g := s.reserve(both, stock.Reserved, stock.Reserved)
	s.tell(stock.Confirm, counted)
	s.numbers(15, 1, 4)
	s.hold(0, 10, "b")
	s.confirm(both[1:], []string{g.Group})
	s.numbers(15, 0, 5)
	s.reserve(group(some("c", 3), some("a", 3)), stock.Reserved, stock.Sold)
	s.tell(stock.Restore, countedOff)
	s.numbers(14, 3, 3)
	return s.err
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
	s.load(10, 0)
	s.ask(attempt, stock.Reserved)
	s.settle(stock.Confirm, attempt)
	s.numbers(8, 0, 2)
	return s.err
}
