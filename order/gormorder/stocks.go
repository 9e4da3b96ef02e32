package gormorder

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/seckill-go/seckill/internal/gormdb"
	"github.com/seckill-go/seckill/internal/uuid7"
	"github.com/seckill-go/seckill/order"
)

const stockRow = "SELECT goods_id, total, sold, paid, fence, epoch FROM seckill_stock"

// row reads the goods' row.
func (s *Store) row(ctx context.Context, goodsID string) (order.Stock, error) {
	return one(gormdb.Query(s.db.WithContext(ctx), scanRow, stockRow+" WHERE goods_id = ?", goodsID))
}

func scanRow(rows *sql.Rows, r *order.Stock) error {
	return rows.Scan(&r.GoodsID, &r.Total, &r.Sold, &r.Paid, &r.Fence, &r.Epoch)
}

func one[T any](rows []T, err error) (row T, _ error) {
	if err == nil && len(rows) == 0 {
		err = order.ErrNotFound
	}
	if err != nil {
		return row, err
	}
	return rows[0], nil
}

// Stock implements [order.Stocks].
func (s *Store) Stock(ctx context.Context, goodsID string) (order.Stock, error) {
	row, err := s.row(ctx, goodsID)
	return row, fault(ctx, err, "read the stock of %q", goodsID)
}

// Open implements [order.Stocks]. What was sold at that moment stays in the row: to read
// it in the transaction would keep the row locked for a trip.
func (s *Store) Open(ctx context.Context, goodsID string, fence int64, total int) (order.Stock, error) {
	err := s.reread(ctx, func() error {
		row, err := s.row(ctx, goodsID)
		switch {
		case errors.Is(err, order.ErrNotFound) && total >= 0:
			return s.make(ctx, goodsID, fence, total)
		case err != nil:
			return err
		case fence < row.Fence:
			return order.ErrFenced
		case total < 0:
			return s.write(ctx, []statement{{"UPDATE seckill_stock" + s.hint("PRIMARY") + " SET fence = ?, epoch = epoch + 1, opened = sold, updated_at = ?" +
				" WHERE goods_id = ? AND fence <= ?", []any{fence, now(), goodsID, fence}, 1}})
		case total < row.Sold:
			return order.ErrTotalTooSmall
		}
		return s.write(ctx, []statement{{"UPDATE seckill_stock" + s.hint("PRIMARY") + " SET total = ?, fence = ?, epoch = epoch + 1, opened = sold, updated_at = ?" +
			" WHERE goods_id = ? AND fence <= ? AND sold <= ?", []any{total, fence, now(), goodsID, fence, total}, 1}})
	})
	var row order.Stock
	if err == nil {
		row, err = one(gormdb.Query(s.db.WithContext(ctx), scanRow, "SELECT goods_id, total, opened, paid, fence, epoch FROM seckill_stock WHERE goods_id = ?", goodsID))
	}
	return row, fault(ctx, err, "open %q", goodsID)
}

// make adds a row that counts the orders that there are: none, unless a row was
// deleted by hand.
func (s *Store) make(ctx context.Context, goodsID string, fence int64, total int) error {
	sums, err := one(gormdb.Query(s.db.WithContext(ctx), scanSums, s.sums(), goodsID))
	if err != nil {
		return err
	}
	if total < sums.sold {
		return order.ErrTotalTooSmall
	}
	return s.write(ctx, []statement{{"INSERT INTO seckill_stock (goods_id, total, sold, paid, opened, fence, epoch, updated_at) VALUES (?, ?, ?, ?, ?, ?, 1, ?)",
		[]any{goodsID, total, sums.sold, sums.paid, sums.sold, fence, now()}, 1}})
}

func scanSums(rows *sql.Rows, r *sums) error { return rows.Scan(&r.sold, &r.paid) }

// sums reads all orders of a goods.
func (s *Store) sums() string {
	return `SELECT COALESCE(SUM(quantity), 0) AS ordered, COALESCE(SUM(CASE WHEN state = 'paid' THEN quantity END), 0) AS paid
		FROM seckill_orders` + s.hint("seckill_orders_goods") + ` WHERE goods_id = ? AND state IN ('pending', 'paid')`
}

// Resize implements [order.Stocks].
func (s *Store) Resize(ctx context.Context, goodsID string, total int) (order.Stock, error) {
	var row order.Stock
	err := s.reread(ctx, func() (err error) {
		if row, err = s.row(ctx, goodsID); err != nil {
			return err
		}
		if total < row.Sold {
			return order.ErrTotalTooSmall
		}
		row.Total = total
		return s.write(ctx, []statement{{"UPDATE seckill_stock" + s.hint("PRIMARY") + " SET total = ?, updated_at = ? WHERE goods_id = ? AND sold <= ?",
			[]any{total, now(), goodsID, total}, 1}})
	})
	if err != nil {
		return order.Stock{}, fault(ctx, err, "resize %q", goodsID)
	}
	return row, nil
}

// Recount implements [order.Recounter]. One statement reads all of it, so at one moment.
func (s *Store) Recount(ctx context.Context, goodsID string) (order.Recount, error) {
	r, err := s.recount(ctx, goodsID)
	return r, fault(ctx, err, "recount %q", goodsID)
}

func (s *Store) recount(ctx context.Context, goodsID string) (order.Recount, error) {
	return one(gormdb.Query(s.db.WithContext(ctx), scanRecount, `
		SELECT s.goods_id, s.total, s.sold, s.paid, s.fence, s.epoch, o.ordered, o.paid,
			(SELECT COALESCE(SUM(units), 0) FROM seckill_ledger WHERE goods_id = ?)
		FROM seckill_stock s, (`+s.sums()+`) o WHERE s.goods_id = ?`, goodsID, goodsID, goodsID))
}

func scanRecount(rows *sql.Rows, r *order.Recount) error {
	return rows.Scan(&r.GoodsID, &r.Total, &r.Sold, &r.Paid, &r.Fence, &r.Epoch, &r.Ordered, &r.OrderedPaid, &r.Entries)
}

// Amend implements [order.Recounter]. It corrects the row by what it differs from the
// orders, which stays the same while others buy and cancel.
func (s *Store) Amend(ctx context.Context, goodsID string, fence int64) (order.Stock, error) {
	var row order.Stock
	err := s.reread(ctx, func() error {
		r, err := s.recount(ctx, goodsID)
		switch {
		case err != nil:
			return err
		case fence < r.Fence:
			return order.ErrFenced
		case r.Ordered > r.Total:
			return order.ErrTotalTooSmall
		}
		var all []statement
		if missing := r.Ordered - r.Entries; missing != 0 {
			all = insertEntries([]entry{{goodsID: goodsID, kind: "amend", reference: uuid7.New(time.Now()), units: missing}})
		}
		sold, paid := r.Ordered-r.Sold, r.OrderedPaid-r.Paid
		err = s.write(ctx, append(all, statement{"UPDATE seckill_stock" + s.hint("PRIMARY") + " SET sold = sold + ?, paid = paid + ?, fence = ?, updated_at = ?" +
			" WHERE goods_id = ? AND fence <= ? AND sold + ? <= total",
			[]any{sold, paid, fence, now(), goodsID, fence, sold}, 1}))
		row = r.Stock
		row.Sold, row.Paid, row.Fence = r.Ordered, r.OrderedPaid, fence
		return err
	})
	if err != nil {
		return order.Stock{}, fault(ctx, err, "amend %q", goodsID)
	}
	return row, nil
}
