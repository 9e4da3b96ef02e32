package gormorder

import (
	"context"
	"database/sql"
	"errors"

	"gorm.io/gorm"

	crash "github.com/seckill-go/seckill/internal/fault"
	"github.com/seckill-go/seckill/internal/gormdb"
	"github.com/seckill-go/seckill/order"
)

// Commit implements [order.Ledger].
func (s *Store) Commit(ctx context.Context, goodsID string, fence int64, drafts []order.Draft) ([]order.Outcome, error) {
	g := newGroup(goodsID, fence, drafts)
	if err := g.prepare(); err != nil {
		return nil, fault(ctx, err, "commit %d drafts of %q", len(drafts), goodsID)
	}
	// The database's own isolation level will do: see the two ways.
	err := s.transactAt(ctx, sql.LevelDefault, func(tx *gorm.DB) error { return s.commitOnTrust(tx, g) })
	if errors.Is(err, errDoubt) {
		err = s.transactAt(ctx, sql.LevelDefault, func(tx *gorm.DB) error { return s.commitInDoubt(tx, g) })
	}
	if err != nil {
		return nil, fault(ctx, err, "commit %d drafts of %q", len(drafts), goodsID)
	}
	return g.outcomes, nil
}

// errDoubt rolls a group back that cannot be booked as a whole.
var errDoubt = errors.New("the group cannot be booked as a whole")

// commitOnTrust books the group as if all of it were new and fit, as nearly every
// group is; one that is not fails with errDoubt. It writes first the rows
// that nobody else wants, last the stock row, which every group of the goods
// wants. So its lock is held for a statement and the commit, and groups of other
// nodes write their rows meanwhile.
//
// What might be wrong shows by then. An attempt that has an order meets it in the
// unique key, and waits there for one under way. The stock row is not updated if
// its fence is newer, the units do not fit or an attempt of the goods is buried;
// and behind its lock the users' units are those of all groups before this one.
func (s *Store) commitOnTrust(tx *gorm.DB, g *group) error {
	g.decide(nothing(), g.units)
	if len(g.orders) < len(g.drafts) {
		return errDoubt
	}
	statements, err := g.statements()
	if err != nil {
		return err
	}
	took, err := s.together(tx, append(statements, statement{"UPDATE seckill_stock" +
		" SET sold = sold + ?, fence = CASE WHEN fence < ? THEN ? ELSE fence END, updated_at = ?" +
		" WHERE goods_id = ? AND sold + ? <= total AND (fence <= ? OR ? = 0) AND buried = 0",
		[]any{g.units, g.fence, g.fence, now(), g.goodsID, g.units, g.fence, g.fence}}))
	if gormdb.Duplicate(s.db, err) || err == nil && took == 0 {
		return errDoubt
	}
	crash.Point("ledger.written")
	if err != nil || !g.limited {
		return err
	}
	known, err := s.lookup(tx, g, false)
	if err == nil && g.overLimit(known) {
		return errDoubt
	}
	return err
}

// commitInDoubt locks the stock row first, looks what is known of each draft, and
// books those that may be.
func (s *Store) commitInDoubt(tx *gorm.DB, g *group) error {
	row, err := s.lockRow(tx, g.goodsID)
	if err != nil {
		return err
	}
	if g.fence != 0 && g.fence < row.Fence {
		return order.ErrFenced
	}
	known, err := s.lookup(tx, g, true)
	if err != nil {
		return err
	}
	g.decide(known, row.Total-row.Sold)
	if err := tx.Exec("UPDATE seckill_stock SET sold = sold + ?, fence = ?, updated_at = ? WHERE goods_id = ?",
		g.booked, max(g.fence, row.Fence), now(), g.goodsID).Error; err != nil {
		return err
	}
	if err := s.replay(tx, g); err != nil {
		return err
	}
	statements, err := g.statements()
	if err == nil {
		_, err = s.together(tx, statements)
	}
	return err
}

// replay fills in the orders of replayed attempts: from this group, or from the
// database.
func (s *Store) replay(tx *gorm.DB, g *group) error {
	if len(g.orders) == len(g.drafts) {
		return nil
	}
	orders := make(map[string]order.Order)
	for _, o := range g.orders {
		orders[o.ID] = o
	}
	var missing []string
	for i, out := range g.outcomes {
		if _, ok := orders[g.drafts[i].ID]; out.Status == order.Replayed && !ok {
			missing = append(missing, g.drafts[i].ID)
		}
	}
	found, err := s.find(tx, missing)
	if err != nil {
		return err
	}
	for _, o := range found {
		orders[o.ID] = o
	}
	for i := range g.outcomes {
		if g.outcomes[i].Status == order.Replayed {
			g.outcomes[i].Order = orders[g.drafts[i].ID]
		}
	}
	return nil
}
