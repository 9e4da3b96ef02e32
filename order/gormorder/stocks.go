package gormorder

import (
	"context"
	"database/sql"
	"time"

	"gorm.io/gorm"

	"github.com/seckill-go/seckill/internal/gormdb"
	"github.com/seckill-go/seckill/internal/uuid7"
	"github.com/seckill-go/seckill/order"
)

// lockRow reads the goods' row and locks it until the transaction ends.
func (s *Store) lockRow(tx *gorm.DB, goodsID string) (order.Stock, error) {
	return one(gormdb.Query(tx, scanRow, stockRow+" WHERE goods_id = ?"+s.locking(), goodsID))
}

const stockRow = "SELECT goods_id, total, sold, fence, epoch FROM seckill_stock"

func scanRow(rows *sql.Rows, r *order.Stock) error {
	return rows.Scan(&r.GoodsID, &r.Total, &r.Sold, &r.Fence, &r.Epoch)
}

func one(rows []order.Stock, err error) (order.Stock, error) {
	if err == nil && len(rows) == 0 {
		err = order.ErrNotFound
	}
	if err != nil {
		return order.Stock{}, err
	}
	return rows[0], nil
}

// Open implements [order.Stocks].
func (s *Store) Open(ctx context.Context, goodsID string, fence int64, total int) (order.Stock, error) {
	var row order.Stock
	err := s.transact(ctx, func(tx *gorm.DB) (err error) {
		row, err = s.open(tx, goodsID, fence, total)
		return err
	})
	return row, fault(ctx, err, "open %q", goodsID)
}

func (s *Store) open(tx *gorm.DB, goodsID string, fence int64, total int) (order.Stock, error) {
	row, err := s.lockRow(tx, goodsID)
	switch {
	case err == order.ErrNotFound:
		err = tx.Exec("INSERT INTO seckill_stock (goods_id, total, sold, fence, epoch, updated_at) VALUES (?, ?, 0, ?, 1, ?)",
			goodsID, total, fence, now()).Error
	case err != nil:
	case fence < row.Fence:
		err = order.ErrFenced
	case total < row.Sold:
		err = order.ErrTotalTooSmall
	default:
		err = tx.Exec("UPDATE seckill_stock SET total = ?, fence = ?, epoch = epoch + 1, updated_at = ? WHERE goods_id = ?",
			total, fence, now(), goodsID).Error
	}
	if err != nil {
		return order.Stock{}, err
	}
	return s.sum(tx, goodsID)
}

// Amend implements [order.Stocks]. The row's lock keeps commits and cancels of the
// goods out between reading and writing.
func (s *Store) Amend(ctx context.Context, goodsID string, fence int64) (order.Stock, error) {
	var row order.Stock
	err := s.transact(ctx, func(tx *gorm.DB) (err error) {
		row, err = s.amend(tx, goodsID, fence)
		return err
	})
	return row, fault(ctx, err, "amend %q", goodsID)
}

func (s *Store) amend(tx *gorm.DB, goodsID string, fence int64) (order.Stock, error) {
	if _, err := s.lockRow(tx, goodsID); err != nil {
		return order.Stock{}, err
	}
	row, err := s.sum(tx, goodsID)
	switch {
	case err != nil:
		return order.Stock{}, err
	case fence < row.Fence:
		return order.Stock{}, order.ErrFenced
	case row.Ordered > row.Total:
		return order.Stock{}, order.ErrTotalTooSmall
	}
	if missing := row.Ordered - row.Booked; missing != 0 {
		err := enter(tx, entry{goodsID: goodsID, kind: "amend", reference: uuid7.New(time.Now()), units: missing})
		if err != nil {
			return order.Stock{}, err
		}
	}
	err = tx.Exec("UPDATE seckill_stock SET sold = ?, fence = ?, updated_at = ? WHERE goods_id = ?",
		row.Ordered, fence, now(), goodsID).Error
	row.Sold, row.Booked, row.Fence = row.Ordered, row.Ordered, fence
	return row, err
}

// Stock implements [order.Stocks].
func (s *Store) Stock(ctx context.Context, goodsID string) (order.Stock, error) {
	row, err := s.sum(s.db.WithContext(ctx), goodsID)
	return row, fault(ctx, err, "read the stock of %q", goodsID)
}

// sum reads the row and its sums in one statement, so at one moment.
func (s *Store) sum(db *gorm.DB, goodsID string) (order.Stock, error) {
	return one(gormdb.Query(db, scanSums, `
		SELECT s.goods_id, s.total, s.sold, s.fence, s.epoch, o.ordered, o.paid,
			(SELECT COALESCE(SUM(units), 0) FROM seckill_ledger WHERE goods_id = ?)
		FROM seckill_stock s, (
			SELECT COALESCE(SUM(quantity), 0) AS ordered,
				COALESCE(SUM(CASE WHEN state = 'paid' THEN quantity END), 0) AS paid
			FROM seckill_orders`+s.hint("seckill_orders_goods")+` WHERE goods_id = ? AND state IN ('pending', 'paid')) o
		WHERE s.goods_id = ?`, goodsID, goodsID, goodsID))
}

func scanSums(rows *sql.Rows, r *order.Stock) error {
	return rows.Scan(&r.GoodsID, &r.Total, &r.Sold, &r.Fence, &r.Epoch, &r.Ordered, &r.Paid, &r.Booked)
}
