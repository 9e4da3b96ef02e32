package gormorder

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/seckill-go/seckill/internal/gormdb"
	"github.com/seckill-go/seckill/internal/uuid7"
	"github.com/seckill-go/seckill/order"
)

// The outbox is those entries of the ledger whose events were not sent.

// send puts events in the outbox that belong to no entry of their own.
func send(tx *gorm.DB, events []order.Event) error {
	entries, err := outboxEntry(events)
	if err != nil {
		return err
	}
	return exec(tx, insertEntries(entries))
}

// payments is the lane of an entry whose events are payments; that of all others is
// the column's default.
const payments = 1

// sendPayments puts payment events in the outbox.
func sendPayments(tx *gorm.DB, events []order.Event) error {
	if len(events) == 0 {
		return nil
	}
	payload, err := json.Marshal(events)
	if err != nil {
		return err
	}
	return tx.Exec("INSERT INTO seckill_ledger (goods_id, kind, reference, units, payload, created_at, lane) VALUES ('', 'events', ?, 0, ?, ?, ?)",
		uuid7.New(time.Now()), string(payload), now(), payments).Error
}

// InLane implements [order.Lanes].
func (s *Store) InLane(ctx context.Context, lane order.Lane, limit int) ([]order.Batch, error) {
	number := 0
	if lane == order.PaymentLane {
		number = payments
	}
	batches, err := gormdb.Query(s.db.WithContext(ctx), scanBatch, "SELECT id, payload FROM seckill_ledger"+s.hint("seckill_ledger_lane")+
		" WHERE sent_at IS NULL AND lane = ? ORDER BY id LIMIT ?", number, max(limit, 0))
	return batches, fault(ctx, err, "read a lane of the outbox")
}

// Enqueue implements [order.Outbox].
func (s *Store) Enqueue(ctx context.Context, events []order.Event) error {
	err := s.transact(ctx, func(tx *gorm.DB) error {
		ids := make([]string, len(events))
		for i, e := range events {
			ids[i] = e.ID
		}
		known, err := s.remembered(tx, "seckill_enqueued", ids)
		if err != nil {
			return err
		}
		fresh := make(map[order.Lane][]order.Event)
		ids = ids[:0]
		for _, e := range events {
			if !known[e.ID] {
				known[e.ID] = true
				fresh[e.Lane()], ids = append(fresh[e.Lane()], e), append(ids, e.ID)
			}
		}
		if err := remember(tx, "seckill_enqueued", ids); err != nil {
			return err
		}
		if err := send(tx, fresh[order.OrderLane]); err != nil {
			return err
		}
		return sendPayments(tx, fresh[order.PaymentLane])
	})
	return fault(ctx, err, "enqueue %d events", len(events))
}

// remembered returns which of the events are in the table.
func (s *Store) remembered(tx *gorm.DB, table string, eventIDs []string) (map[string]bool, error) {
	set := make(map[string]bool)
	for ids := range slices.Chunk(eventIDs, chunk) {
		known, err := names(tx, "SELECT event_id FROM "+table+s.hint("PRIMARY")+" WHERE event_id IN ?", ids)
		if err != nil {
			return nil, err
		}
		for _, id := range known {
			set[id] = true
		}
	}
	return set, nil
}

func remember(tx *gorm.DB, table string, eventIDs []string) error {
	return exec(tx, insertEventIDs(table, eventIDs))
}

// Pending implements [order.Outbox].
func (s *Store) Pending(ctx context.Context, limit int) ([]order.Batch, order.Queue, error) {
	db := s.db.WithContext(ctx)
	var q order.Queue
	unsent := " FROM seckill_ledger" + s.hint("seckill_ledger_unsent") + " WHERE sent_at IS NULL"
	err := db.Raw("SELECT COUNT(*), (SELECT created_at"+unsent+" ORDER BY id LIMIT 1)"+unsent).Row().Scan(&q.Pending, (*gormdb.Moment)(&q.Oldest))
	if err != nil || q.Pending == 0 {
		return nil, q, fault(ctx, err, "count the outbox")
	}
	batches, err := gormdb.Query(db, scanBatch, "SELECT id, payload"+unsent+" ORDER BY id LIMIT ?", max(limit, 0))
	return batches, q, fault(ctx, err, "read the outbox")
}

func scanBatch(rows *sql.Rows, b *order.Batch) (err error) {
	var payload sql.RawBytes
	if err := rows.Scan(&b.ID, &payload); err != nil {
		return err
	}
	b.Events, err = eventsOf(payload)
	return err
}

// MarkSent implements [order.Outbox].
func (s *Store) MarkSent(ctx context.Context, batchIDs []int64) error {
	err := s.transact(ctx, func(tx *gorm.DB) error {
		for ids := range slices.Chunk(slices.Sorted(slices.Values(batchIDs)), chunk) {
			err := tx.Exec("UPDATE seckill_ledger SET sent_at = ? WHERE sent_at IS NULL AND id IN ?", now(), ids).Error
			if err != nil {
				return err
			}
		}
		return nil
	})
	return fault(ctx, err, "mark %d batches sent", len(batchIDs))
}
