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
	err := g.prepare()
	if err == nil {
		err = s.book(ctx, g)
	}
	if err != nil {
		return nil, fault(ctx, err, "commit %d drafts of %q", len(drafts), goodsID)
	}
	return g.outcomes, nil
}

// commit books the group in a transaction of its own. The database's own isolation
// level will do: see the two ways.
func (s *Store) commit(ctx context.Context, g *group) error {
	err := s.transactAt(ctx, sql.LevelDefault, func(tx *gorm.DB) error { return s.commitOnTrust(tx, g) })
	if errors.Is(err, errDoubt) {
		err = s.transactAt(ctx, sql.LevelDefault, func(tx *gorm.DB) error { return s.commitInDoubt(tx, g) })
	}
	return err
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
	statements, err := statementsOf(g)
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
	known, err := s.lookup(tx, false, g)
	if err == nil && g.overLimit(known) {
		return errDoubt
	}
	return err
}
