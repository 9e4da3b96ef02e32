package stocktest

import (
	"context"
	"slices"

	"github.com/seckill-go/seckill/stock"
)

var knownLaws = []Law{
	{"KnownSaysWhatBecameOfAnAttempt", "Known answers each attempt in its place: held, sold, released or unknown.", knownSays},
	{"KnownTakesNothing", "Known takes no units and makes no attempt known.", knownTakesNothing},
}

func knownSays(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 10)
	requests := group(one("held"), one("sold"), one("released"), one("restored"))
	took := s.take(requests...)
	s.settle(stock.Confirm, one("sold"))
	s.settle(stock.Release, one("released"))
	s.settle(stock.Restore, one("restored"))
	s.known("never there", stock.Unknown, "restored", stock.Released, "held", stock.Held, "released", stock.Unknown, "sold", stock.Sold)
	s.confirm(group(one("held")), []string{took})
	s.known("held", stock.Sold, "held", stock.Sold)
	s.known()
	return s.err
}

func knownTakesNothing(ctx context.Context, f Fixture) error {
	s := begin(ctx, f, 10)
	s.known("a", stock.Unknown)
	s.numbers(10, 0, 0)
	s.ask(one("a"), stock.Reserved)
	return s.err
}

// known wants these statuses of these attempts, in turn.
func (s *sale) known(pairs ...any) {
	if s.err != nil {
		return
	}
	var attempts []string
	var want []stock.Status
	for pair := range slices.Chunk(pairs, 2) {
		attempts, want = append(attempts, pair[0].(string)), append(want, pair[1].(stock.Status))
	}
	got, err := s.f.Store.Known(s.ctx, s.goods, attempts)
	if err != nil || !slices.Equal(got, want) {
		s.fail("Known(%q): got %v, %v, want %v", attempts, got, err, want)
	}
}
