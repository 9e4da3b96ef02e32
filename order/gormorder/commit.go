package gormorder

import (
	"context"

	"gorm.io/gorm"

	"github.com/seckill-go/seckill/order"
)

// Commit implements [order.Ledger].
func (s *Store) Commit(ctx context.Context, goodsID string, fence int64, drafts []order.Draft) ([]order.Outcome, error) {
	g := newGroup(goodsID, fence, drafts)
	if err := g.prepare(); err != nil {
		return nil, fault(ctx, err, "commit %d drafts of %q", len(drafts), goodsID)
	}
	err := s.transact(ctx, func(tx *gorm.DB) error { return s.commit(tx, g) })
	if err != nil {
		return nil, fault(ctx, err, "commit %d drafts of %q", len(drafts), goodsID)
	}
	return g.outcomes, nil
}

// commit books the group as if all of it were new and fit, then looks what is so,
// and takes back what is not.
func (s *Store) commit(tx *gorm.DB, g *group) error {
	taken, room, err := s.take(tx, g)
	if err != nil {
		return err
	}
	known, err := s.lookup(tx, g)
	if err != nil {
		return err
	}
	g.decide(known, room)
	if err := correct(tx, g, taken); err != nil {
		return err
	}
	if err := s.replay(tx, g); err != nil {
		return err
	}
	return g.write(tx)
}

// take books all units of the group, if they fit and the fence is not old. If not,
// it books none and tells how much room there is. Either way the row is locked.
func (s *Store) take(tx *gorm.DB, g *group) (taken, room int, err error) {
	res := tx.Exec("UPDATE seckill_stock SET sold = sold + ?, fence = CASE WHEN fence < ? THEN ? ELSE fence END, updated_at = ?"+
		" WHERE goods_id = ? AND sold + ? <= total AND (fence <= ? OR ? = 0)",
		g.units, g.fence, g.fence, now(), g.goodsID, g.units, g.fence, g.fence)
	if res.Error != nil {
		return 0, 0, res.Error
	}
	if res.RowsAffected == 1 {
		return g.units, g.units, nil
	}
	row, err := s.lockRow(tx, g.goodsID)
	if err != nil {
		return 0, 0, err
	}
	if g.fence != 0 && g.fence < row.Fence {
		return 0, 0, order.ErrFenced
	}
	if g.fence > row.Fence {
		err = tx.Exec("UPDATE seckill_stock SET fence = ? WHERE goods_id = ?", g.fence, g.goodsID).Error
	}
	return 0, row.Total - row.Sold, err
}

// correct makes the row say what the group booked. It is the group's second write
// to it, and only if some draft was refused.
func correct(tx *gorm.DB, g *group, taken int) error {
	if g.booked == taken {
		return nil
	}
	return tx.Exec("UPDATE seckill_stock SET sold = sold + ?, updated_at = ? WHERE goods_id = ?",
		g.booked-taken, now(), g.goodsID).Error
}

// replay fills in the orders of replayed attempts: from this group, or from the
// database.
func (s *Store) replay(tx *gorm.DB, g *group) error {
	if len(g.orders) == len(g.drafts) {
		return nil
	}
	byAttempt := make(map[string]order.Order)
	for _, o := range g.orders {
		byAttempt[o.Attempt] = o
	}
	var missing []string
	for i, out := range g.outcomes {
		if _, ok := byAttempt[g.drafts[i].Attempt]; out.Status == order.Replayed && !ok {
			missing = append(missing, g.drafts[i].Attempt)
		}
	}
	found, err := s.find(tx, missing)
	if err != nil {
		return err
	}
	for _, o := range found {
		byAttempt[o.Attempt] = o
	}
	for i := range g.outcomes {
		if g.outcomes[i].Status == order.Replayed {
			g.outcomes[i].Order = byAttempt[g.drafts[i].Attempt]
		}
	}
	return nil
}
