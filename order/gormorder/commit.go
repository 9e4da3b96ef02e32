package gormorder

import (
	"context"
	"errors"

	"github.com/seckill-go/seckill/order"
)

// Commit implements [order.Ledger].
func (s *Store) Commit(ctx context.Context, goodsID string, fence int64, drafts []order.Draft) ([]order.Outcome, error) {
	g := newGroup(goodsID, fence, drafts)
	err := g.prepare()
	if err == nil {
		err = s.book(ctx, g)
	}
	if err != nil {
		return nil, fault(ctx, err, "commit %d drafts of %q", len(drafts), goodsID)
	}
	return g.outcomes, nil
}

// commit books the group in a transaction of its own. It is tried on trust first, as
// if all of it were new and fit, as nearly every group is and does. The statements find
// whether that is so: an attempt that has an order or a tombstone meets it in the
// unique key, and waits there for one under way; the stock row is updated only if the
// fence is not newer, the units fit and no user is above the limit.
func (s *Store) commit(ctx context.Context, g *group) error {
	if g.decideOnTrust() {
		err := s.writeGroups(ctx, s.tries, g)
		if !errors.Is(err, errChanged) {
			return err
		}
	}
	return s.reread(ctx, func() error { return s.commitInDoubt(ctx, g) })
}

// commitInDoubt reads what is known of each draft, and books those that may be.
func (s *Store) commitInDoubt(ctx context.Context, g *group) error {
	row, err := s.row(ctx, g.goodsID)
	if err != nil {
		return err
	}
	if g.fence != 0 && g.fence < row.Fence {
		return order.ErrFenced
	}
	known, err := s.lookup(ctx, g)
	if err != nil {
		return err
	}
	g.decide(known, row.Total-row.Sold)
	if len(g.orders) > 0 || g.fence > row.Fence {
		if err := s.writeGroups(ctx, s.tries, g); err != nil {
			return err
		}
	}
	return s.replay(ctx, g)
}

// replay fills in the orders of replayed attempts.
func (s *Store) replay(ctx context.Context, g *group) error {
	var attempts []string
	for i, out := range g.outcomes {
		if out.Status == order.Replayed {
			attempts = append(attempts, g.drafts[i].ID)
		}
	}
	found, err := s.find(s.db.WithContext(ctx), attempts)
	if err != nil {
		return err
	}
	orders := byID(found)
	for i := range g.outcomes {
		if out := &g.outcomes[i]; out.Status == order.Replayed {
			out.Order = orders[g.drafts[i].ID]
		}
	}
	return nil
}
