package stocktest

import (
	"context"
	"slices"
	"time"

	"github.com/seckill-go/seckill/stock"
)

// These laws hold of a store without groups, too: it names none, and knows none.
var confirmLaws = []Law{
	{"ConfirmsTheGroup", "Confirm settles all that the Reserve of the group took, and nothing else.", confirmsTheGroup},
	{"ConfirmsWhatIsHeldStill", "Confirm leaves those of the group alone that were settled by themselves, and does the rest once.", confirmsWhatIsHeldStill},
	{"UnknownGroupChangesNothing", "Confirm returns the groups of which it holds nothing, and changes nothing for them.", unknownGroupChangesNothing},
	{"GroupOfNothingHasNoName", "A Reserve that took nothing names no group, and no two name the same.", groupOfNothingHasNoName},
	{"LoadForgetsGroups", "A Load forgets the groups.", loadForgetsGroups},
	{"ConfirmsOnceUnderConcurrency", "A group that many confirm at once, while others settle its attempts, is settled once.", confirmsOnceUnderConcurrency},
}

// take reserves for all of them and returns the group.
func (s *sale) take(requests ...stock.Request) string {
	return s.reserve(requests, all(len(requests), stock.Reserved)...).Group
}

// confirm confirms the groups, wants these to be unknown, and settles the requests
// if the store has no groups.
func (s *sale) confirm(requests []stock.Request, groups []string, unknown ...string) {
	if s.err != nil {
		return
	}
	got, err := s.f.Store.Confirm(s.ctx, s.goods, groups)
	s.wants("Confirm", err, nil)
	if slices.Contains(groups, "") {
		s.settle(stock.Confirm, requests...)
		return
	}
	if slices.Sort(got); !slices.Equal(got, unknown) {
		s.fail("Confirm(%q): got %q as unknown, want %q", groups, got, unknown)
	}
}

func confirmsTheGroup(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 10)
	first, second := []stock.Request{some("a", 2), of("u", "b", 1, 2)}, []stock.Request{some("c", 3)}
	g, h := s.take(first...), s.take(second...)
	s.hold(0, 10, "a", "b", "c")
	s.confirm(first, []string{g})
	s.numbers(4, 3, 3)
	s.hold(0, 10, "c")
	s.reserve(slices.Concat(first, second), stock.Sold, stock.Sold, stock.Held)
	s.has("u", 1)
	f.Advance(time.Minute)
	s.hold(time.Minute, 10, "c")
	s.confirm(second, []string{h})
	s.numbers(4, 0, 6)
	s.settle(stock.Release, first...) // too late
	s.settle(stock.Restore, first[0])
	s.settle(stock.Restore, first[0])
	s.numbers(6, 0, 4)
	s.ask(first[0], stock.Released)
	s.has("u", 1)
	return s.err
}

func confirmsWhatIsHeldStill(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 20)
	requests := []stock.Request{some("a", 1), some("b", 2), some("c", 3), some("d", 4)}
	g := s.take(requests...)
	s.settle(stock.Release, requests[0])
	s.settle(stock.Restore, requests[1])
	s.hold(0, 10, "c", "d")
	s.settle(stock.Confirm, requests[2])
	again := s.take(requests[0]) // of another group now
	s.numbers(12, 5, 3)
	s.confirm(requests[3:], []string{g})
	s.numbers(12, 1, 7)
	s.hold(0, 10, "a")
	s.reserve(requests, stock.Held, stock.Released, stock.Sold, stock.Sold)
	s.settle(stock.Release, requests[0])
	if again != "" {
		s.confirm(nil, []string{again}, again) // nothing is left of it
	}
	s.numbers(13, 0, 7)
	return s.err
}

func unknownGroupChangesNothing(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 5)
	g := s.take(one("a"))
	for _, strange := range []string{"", "-", "0", "a", "no such group", g + "x"} {
		unknown, err := f.Store.Confirm(ctx, s.goods, []string{strange})
		if err != nil || !slices.Equal(unknown, []string{strange}) {
			s.fail("Confirm of group %q: got %q as unknown, error %v", strange, unknown, err)
		}
	}
	s.numbers(4, 1, 0)
	s.confirm([]stock.Request{one("a")}, []string{g})
	if g != "" {
		s.confirm(nil, []string{"other", g}, slices.Sorted(slices.Values([]string{"other", g}))...)
	}
	s.numbers(4, 0, 1)
	return s.err
}

func groupOfNothingHasNoName(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 4)
	g, h := s.take(one("a")), s.take(one("b"))
	if g == h && g != "" {
		s.fail("two groups of the name %q", g)
	}
	for _, took := range []stock.Reservation{
		s.reserve(nil), s.reserve(group(one("a")), stock.Held), s.reserve(group(some("c", 9)), stock.SoldOut),
	} {
		if took.Group != "" {
			s.fail("a Reserve that took nothing names group %q", took.Group)
		}
	}
	return s.err
}

func loadForgetsGroups(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 5)
	g := s.take(some("a", 2))
	s.load(5, 0)
	s.numbers(5, 0, 0)
	s.hold(0, 10)
	if g != "" {
		s.confirm(nil, []string{g}, g)
	}
	s.numbers(5, 0, 0)
	s.ask(some("a", 2), stock.Reserved)
	return s.err
}

func confirmsOnceUnderConcurrency(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 100)
	requests := many("a", 60)
	g := s.take(requests...)
	s.watched(func() error {
		return together(crowd, func(i int) error {
			if i%2 == 0 {
				return f.Store.Settle(ctx, s.goods, settlements(stock.Confirm, requests[i%60]))
			}
			_, err := f.Store.Confirm(ctx, s.goods, []string{g})
			return err
		})
	})
	s.confirm(requests, []string{""})
	s.numbers(40, 0, 60)
	return s.err
}
