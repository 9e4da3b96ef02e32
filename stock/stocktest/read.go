package stocktest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/seckill-go/seckill/stock"
)

var readLaws = []Law{
	{"CountsOfMany", "CountsOf returns what Counts does for each goods that is loaded, and nothing for the others.", countsOfMany},
	{"HoldsOldestFirst", "Holds lists holds of at least the age, oldest first, up to the limit.", holdsOldestFirst},
	{"HoldsAreUnsettled", "A hold is listed with its user and quantity until it is settled.", holdsAreUnsettled},
	{"HoldAgesFromTheFirstCall", "Asking again for a held attempt does not make its hold younger.", holdAgesFromTheFirstCall},
	{"EndedContext", "An ended context is a fault that matches its error.", endedContext},
}

const tick = 20 * time.Millisecond

func countsOfMany(ctx context.Context, f Fixture) error {
	var ids []string
	want := map[string]stock.Counts{}
	for i := range 30 {
		s := &sale{ctx: ctx, f: f, goods: fmt.Sprint(i), fence: int64(i)}
		ids = append(ids, s.goods)
		switch s.load(100, i); i % 3 {
		case 0:
			s.ask(some("a", i+1), stock.Reserved)
			want[s.goods] = s.counts()
		case 1:
			want[s.goods] = s.counts()
		default:
			s.wants("Stop", f.Store.Stop(ctx, s.goods, s.fence), nil)
		}
		if s.err != nil {
			return s.err
		}
	}
	for _, asked := range [][]string{append(ids, "never", "0"), nil} {
		got, err := f.Store.CountsOf(ctx, asked)
		if err != nil || asked != nil && !maps.Equal(got, want) || asked == nil && len(got) != 0 {
			return fmt.Errorf("CountsOf %d goods: got %v, %v; want %v", len(asked), got, err, want)
		}
	}
	return nil
}

func holdsOldestFirst(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 10)
	for _, attempt := range []string{"c", "a", "b"} {
		s.ask(one(attempt), stock.Reserved)
		f.Advance(tick)
	}
	s.order(tick, 10, "c", "a", "b")
	s.order(2*tick, 10, "c", "a")
	s.order(0, 2, "c", "a")
	s.order(0, 0)
	s.order(0, -1)
	s.order(-time.Hour, 10, "c", "a", "b")
	s.order(time.Hour, 10)
	return s.err
}

func holdsAreUnsettled(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 10)
	s.reserve(group(some("a", 2), one("b"), one("c"), one("d")), all(4, stock.Reserved)...)
	f.Advance(tick)
	s.settle(stock.Confirm, one("b"))
	s.settle(stock.Release, one("c"))
	s.settle(stock.Restore, one("d"))
	list := s.holds(tick, 10)
	if len(list) != 1 || list[0].Age < tick || list[0].Age > time.Hour {
		s.fail("Holds: got %v, want one, of the age %v", list, tick)
		return s.err
	}
	list[0].Age = 0
	if want := (stock.Hold{Attempt: "a", User: "user of a", Quantity: 2}); list[0] != want {
		s.fail("Holds: got %v, want %v", list[0], want)
	}
	return s.err
}

func holdAgesFromTheFirstCall(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 10)
	s.ask(one("a"), stock.Reserved)
	f.Advance(tick)
	s.ask(one("a"), stock.Held)
	s.order(tick, 10, "a")
	return s.err
}

func endedContext(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 10)
	ended, cancel := context.WithCancel(ctx)
	cancel()
	for name, call := range s.calls(ended) {
		s.wants(name, call(), context.Canceled)
	}
	s.wants("Stop", f.Store.Stop(ended, s.goods, 1), context.Canceled)
	_, err := f.Store.Load(ended, s.goods, 1, snapshot(10, 0))
	s.wants("Load", err, context.Canceled)
	s.wants("Retire", f.Store.Retire(ended, s.goods, 1), context.Canceled)
	_, err = f.Store.CountsOf(ended, []string{s.goods})
	s.wants("CountsOf", err, context.Canceled)
	s.numbers(10, 0, 0)
	return s.err
}

// calls are those that a closed goods refuses.
func (s *sale) calls(ctx context.Context) map[string]func() error {
	return map[string]func() error{
		"Reserve": func() error {
			_, err := s.f.Store.Reserve(ctx, s.goods, 0, group(one("a")))
			return err
		},
		"Reserve with a fence": func() error {
			_, err := s.f.Store.Reserve(ctx, s.goods, 1<<50, group(one("a")))
			return err
		},
		"Resize": func() error { _, err := s.f.Store.Resize(ctx, s.goods, 20); return err },
		"Settle": func() error { return s.f.Store.Settle(ctx, s.goods, settlements(stock.Confirm, one("a"))) },
		"Counts": func() error { _, err := s.f.Store.Counts(ctx, s.goods); return err },
		"Holds":  func() error { _, err := s.f.Store.Holds(ctx, s.goods, 0, 10); return err },
		"Known":  func() error { _, err := s.f.Store.Known(ctx, s.goods, []string{"a"}); return err },
	}
}

// closed wants every call but Stop, Load and Retire to be refused.
func (s *sale) closed() {
	for name, call := range s.calls(s.ctx) {
		if err := call(); !errors.Is(err, stock.ErrNotLoaded) {
			s.fail("%s of a closed goods: got error %v, want %v", name, err, stock.ErrNotLoaded)
		}
	}
}

func (s *sale) holds(minAge time.Duration, limit int) []stock.Hold {
	if s.err != nil {
		return nil
	}
	list, err := s.f.Store.Holds(s.ctx, s.goods, minAge, limit)
	if err != nil {
		s.fail("Holds(%v, %d): %v", minAge, limit, err)
	}
	return list
}

// order wants exactly these holds, in this order.
func (s *sale) order(minAge time.Duration, limit int, want ...string) {
	var got []string
	for _, h := range s.holds(minAge, limit) {
		got = append(got, h.Attempt)
	}
	if !slices.Equal(got, want) {
		s.fail("Holds(%v, %d): got %q, want %q", minAge, limit, got, want)
	}
}
