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
// and returns the others. A refused buyer whose attempt has an order gets it, as in
// Purchase.
func (s *sale) recheck(ctx context.Context, group []*buyer) []*buyer {
	now := s.e.o.Now()
	late := func(b *buyer) bool { return now.Sub(b.draft.CreatedAt) > recheckAfter }
	if !slices.ContainsFunc(group, late) {
		return group // as nearly always
	}
	var allowed, refused []*buyer
	for _, b := range group {
		b.otherwise = nil
		if late(b) {
			b.otherwise = s.mayStill(ctx, b, now)
		}
		switch {
		case b.otherwise == nil:
			allowed = append(allowed, b)
		case errors.Is(b.otherwise, Busy): // to be asked again in any case
			s.busy(b, b.otherwise)
		case s.e.open.beside(b.draft.ID, 1):
			b.refuse(outcomeUnknown(errUnderWay))
		default:
			refused = append(refused, b)
		}
	}
	s.refuseUnlessHeld(ctx, refused)
	return allowed
}

// refuseUnlessHeld answers refused buyers, whose attempts another node may be selling.
func (s *sale) refuseUnlessHeld(ctx context.Context, refused []*buyer) {
	if len(refused) == 0 {
		return
	}
	ids := make([]string, len(refused))
	for i, b := range refused {
		ids[i] = b.draft.ID
	}
	ctx, cancel := context.WithTimeout(ctx, readPatience)
	defer cancel()
	held, err := s.e.held(ctx, s.goodsID, ids)
	for _, b := range refused {
		if err != nil {
			b.otherwise = outcomeUnknown(err)
		} else if held[b.draft.ID] {
			b.otherwise = outcomeUnknown(errUnderWay)
		}
	}
	s.replay(ctx, refused)
}

func (s *sale) mayStill(ctx context.Context, b *buyer, now time.Time) error {
	if !now.Before(b.expires) {
		return expired()
	}
	if _, err := s.e.admit(ctx, b.draft.UserID, now); err != nil {
		return err
	}
	_, err := s.e.onSale(ctx, s.goodsID, now)
	if errors.Is(err, Busy) { // the catalog is away, and the window was open when he came
		return nil
	}
	return err
}
