package gormorder

import (
	"context"
	"database/sql"
	"iter"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/seckill-go/seckill/internal/gormdb"
	"github.com/seckill-go/seckill/order"
)

// booked is an order and its place in the order of booking.
type booked struct {
	seq int64
	order.Order
}

// idIndex is the index of orders by id.
const idIndex = "seckill_orders_id"

func byID(orders []order.Order) map[string]order.Order {
	m := make(map[string]order.Order, len(orders))
	for _, o := range orders {
		m[o.ID] = o
	}
	return m
}

// booked reads orders by an index, and no tombstones.
func (s *Store) booked(db *gorm.DB, index, where string, args ...any) ([]booked, error) {
	return gormdb.Query(db, scanBooked, "SELECT seq, id, goods_id, user_id, quantity, amount, currency, state, version, reason,"+
		" payment_id, fence, released, created_at, updated_at, pay_by FROM seckill_orders"+s.hint(index)+" WHERE state <> 'tombstone' AND "+where, args...)
}

func scanBooked(rows *sql.Rows, o *booked) error {
	return rows.Scan(&o.seq, &o.ID, &o.GoodsID, &o.UserID, &o.Quantity, &o.Amount, &o.Currency, &o.State, &o.Version, &o.Reason,
		&o.PaymentID, &o.Fence, &o.Released, (*gormdb.Moment)(&o.CreatedAt), (*gormdb.Moment)(&o.UpdatedAt), (*gormdb.Moment)(&o.PayBy))
}

// orders reads orders by an index, without their places.
func (s *Store) orders(db *gorm.DB, index, where string, args ...any) ([]order.Order, error) {
	found, err := s.booked(db, index, where, args...)
	if err != nil {
		return nil, err
	}
	orders := make([]order.Order, len(found))
	for i, o := range found {
		orders[i] = o.Order
	}
	return orders, nil
}

// find returns those of the orders that there are.
func (s *Store) find(db *gorm.DB, ids []string) (found []order.Order, err error) {
	for ids := range slices.Chunk(ids, chunk) {
		some, err := s.orders(db, idIndex, "id IN ?", ids)
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	return found, nil
}

// Get implements [order.Orders].
func (s *Store) Get(ctx context.Context, id string) (order.Order, error) {
	found, err := s.orders(s.db.WithContext(ctx), idIndex, "id = ?", id)
	if err != nil {
		return order.Order{}, fault(ctx, err, "get %q", id)
	}
	if len(found) == 0 {
		return order.Order{}, order.ErrNotFound
	}
	return found[0], nil
}

// Find implements [order.Orders].
func (s *Store) Find(ctx context.Context, ids []string) ([]order.Order, error) {
	unique := slices.Compact(slices.Sorted(slices.Values(ids)))
	found, err := s.find(s.db.WithContext(ctx), unique)
	return found, fault(ctx, err, "find %d orders", len(ids))
}

// List implements [order.Orders].
func (s *Store) List(ctx context.Context, userID, after string, limit int) ([]order.Order, error) {
	page, err := s.newest(ctx, "seckill_orders_user", "user_id = ?", userID, after, limit)
	return page, fault(ctx, err, "list orders of a user")
}

// newest returns up to limit orders of a user or a goods, the last that was booked
// first: all, or those before the one with id after.
func (s *Store) newest(ctx context.Context, index, where, whose, after string, limit int) ([]order.Order, error) {
	args := []any{whose}
	if after != "" {
		where += " AND seq < (SELECT seq FROM seckill_orders WHERE id = ? AND " + where + ")"
		args = append(args, after, whose)
	}
	return s.orders(s.db.WithContext(ctx), index, where+" ORDER BY seq DESC LIMIT ?", append(args, max(limit, 0))...)
}

// Sales implements [order.Stocks]. It reads page by page, in the order of booking.
func (s *Store) Sales(ctx context.Context, goodsID string) iter.Seq2[order.Order, error] {
	return func(yield func(order.Order, error) bool) {
		last := int64(0)
		for {
			page, err := s.booked(s.db.WithContext(ctx), "seckill_orders_goods", "goods_id = ? AND seq > ? ORDER BY seq LIMIT ?",
				goodsID, last, s.page)
			if err != nil {
				yield(order.Order{}, fault(ctx, err, "read the sales of %q", goodsID))
				return
			}
			for _, o := range page {
				if !yield(o.Order, nil) {
					return
				}
				last = o.seq
			}
			if len(page) < s.page {
				return
			}
		}
	}
}

// Overdue implements [order.Backlog].
func (s *Store) Overdue(ctx context.Context, before time.Time, limit int) ([]order.Order, error) {
	found, err := s.orders(s.db.WithContext(ctx), "seckill_orders_due",
		"state = 'pending' AND owed_since IS NULL AND pay_by < ?"+
			" AND NOT EXISTS (SELECT 1 FROM seckill_parked p WHERE p.order_id = seckill_orders.id AND p.lane <> 'order')"+
			" ORDER BY pay_by, seq LIMIT ?",
		gormdb.Moment(before), max(limit, 0))
	return found, fault(ctx, err, "read overdue orders")
}

// Unrestored implements [order.Backlog].
func (s *Store) Unrestored(ctx context.Context, limit int) ([]order.Order, error) {
	found, err := s.orders(s.db.WithContext(ctx), "seckill_orders_due",
		"state IN ('cancelled', 'refund_due') AND owed_since IS NOT NULL ORDER BY owed_since, seq LIMIT ?", max(limit, 0))
	return found, fault(ctx, err, "read unrestored orders")
}

// MarkRestored implements [order.Backlog].
func (s *Store) MarkRestored(ctx context.Context, orderIDs []string) error {
	err := s.transact(ctx, func(tx *gorm.DB) error {
		for ids := range slices.Chunk(slices.Sorted(slices.Values(orderIDs)), chunk) {
			if err := tx.Exec("UPDATE seckill_orders"+s.hint(idIndex)+" SET owed_since = NULL WHERE id IN ?", ids).Error; err != nil {
				return err
			}
		}
		return nil
	})
	return fault(ctx, err, "mark %d orders restored", len(orderIDs))
}
