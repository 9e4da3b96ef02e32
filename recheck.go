package seckill

import (
	"context"
	"errors"
	"slices"
	"time"
)

// recheckAfter is how long a buyer may have queued without being checked again. An
// operator was promised that a change counts within a second.
const recheckAfter = 100 * time.Millisecond

// recheck answers those of a group who have queued long and may not buy any more,
// and returns the others. Who has an order for the attempt is told of it, as in
// Purchase.
func (s *sale) recheck(ctx context.Context, group []*buyer) []*buyer {
	now := s.e.o.Now()
	late := func(b *buyer) bool { return now.Sub(b.draft.CreatedAt) > recheckAfter }
	if !slices.ContainsFunc(group, late) {
		return group // as nearly always
	}
	refusals := make(map[*buyer]error)
	var allowed, refused []*buyer
	for _, b := range group {
		var err error
		if late(b) {
			err = s.mayStill(ctx, b, now)
		}
		switch {
		case err == nil:
			allowed = append(allowed, b)
		case errors.Is(err, Busy): // to be asked again in any case
			b.refuse(err)
		default:
			refusals[b] = err
			refused = append(refused, b)
		}
	}
	s.replay(ctx, refused, func(b *buyer) error { return refusals[b] })
	return allowed
}

func (s *sale) mayStill(ctx context.Context, b *buyer, now time.Time) error {
	if _, err := s.e.admit(ctx, b.draft.UserID); err != nil {
		return err
	}
	_, err := s.e.open(ctx, s.goodsID, now)
	if errors.Is(err, Busy) { // the catalog is away, and the window was open when he came
		return nil
	}
	return err
}
