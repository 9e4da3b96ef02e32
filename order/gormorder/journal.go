package gormorder

import (
	"context"
	"database/sql"

	"gorm.io/gorm"

	"github.com/seckill-go/seckill/internal/gormdb"
	"github.com/seckill-go/seckill/internal/uuid7"
	"github.com/seckill-go/seckill/order"
)

var _ order.Journal = (*Store)(nil)

// History implements [order.Journal]. Of an order that was cancelled and paid too
// late, the cancel's time is when the ledger wrote it. Of an order that was booked in
// one group with others and came hours before or after them, as imported ones may,
// the commit is left out.
func (s *Store) History(ctx context.Context, orderID string) ([]order.Step, error) {
	o, err := s.Get(ctx, orderID)
	if err != nil {
		return nil, err
	}
	db := s.db.WithContext(ctx)
	steps, err := s.booking(db, o)
	if err != nil {
		return nil, fault(ctx, err, "read the history of %q", orderID)
	}
	if o.State == order.RefundDue {
		cancel, err := gormdb.Query(db, scanStep, "SELECT 'cancelled', created_at, node FROM seckill_ledger"+s.hint("seckill_ledger_once")+
			" WHERE kind = 'release' AND reference = ?", orderID)
		if err != nil {
			return nil, fault(ctx, err, "read the cancel of %q", orderID)
		}
		steps = append(steps, cancel...)
	}
	if o.State != order.Pending {
		steps = append(steps, order.Step{Name: string(o.State), At: o.UpdatedAt})
	}
	return steps, nil
}

// Latest implements [order.Journal].
func (s *Store) Latest(ctx context.Context, goodsID, after string, limit int) ([]order.Order, error) {
	page, err := s.newest(ctx, "seckill_orders_goods", "goods_id = ?", goodsID, after, limit)
	return page, fault(ctx, err, "list orders of %q", goodsID)
}

// nearby is how many entries on either side of an order are looked through. Its
// group's entry is named by the time of the group's first order, which came at about
// the same time; meanwhile other groups may have begun.
const nearby = 256

// booking finds the entry of the group in which the order was booked: by the index
// of names the entries around the order's time, and of them the one whose events
// have it.
func (s *Store) booking(db *gorm.DB, o order.Order) ([]order.Step, error) {
	around := "SELECT id FROM seckill_ledger" + s.hint("seckill_ledger_once") + " WHERE kind = 'sell' AND reference "
	scan := func(rows *sql.Rows, id *int64) error { return rows.Scan(id) }
	name := uuid7.New(o.CreatedAt)
	before, err := gormdb.Query(db, scan, around+"<= ? ORDER BY reference DESC LIMIT ?", name, nearby)
	if err != nil {
		return nil, err
	}
	after, err := gormdb.Query(db, scan, around+"> ? ORDER BY reference LIMIT ?", name, nearby)
	if err != nil {
		return nil, err
	}
	found, err := gormdb.Query(db, scanEntry, "SELECT created_at, sent_at, node FROM seckill_ledger"+s.hint("PRIMARY")+
		" WHERE id IN ? AND goods_id = ? AND INSTR(payload, ?) > 0", append(append(before, after...), 0), o.GoodsID, "\n"+o.ID+",")
	if err != nil || len(found) == 0 {
		return nil, err
	}
	steps := []order.Step{found[0].committed}
	if !found[0].sent.At.IsZero() {
		steps = append(steps, found[0].sent)
	}
	return steps, nil
}

// groupEntry is a group's entry.
type groupEntry struct{ committed, sent order.Step }

func scanEntry(rows *sql.Rows, b *groupEntry) error {
	b.committed.Name, b.sent.Name = order.StepCommitted, order.StepSent
	return rows.Scan((*gormdb.Moment)(&b.committed.At), (*gormdb.Moment)(&b.sent.At), &b.committed.Node)
}

func scanStep(rows *sql.Rows, s *order.Step) error {
	return rows.Scan(&s.Name, (*gormdb.Moment)(&s.At), &s.Node)
}
