package gormorder

import (
	"context"

	"github.com/seckill-go/seckill/internal/gormdb"
)

// needs is what the ledger needs of its tables.
var needs = gormdb.Needs{
	Scope: "order", Files: migrations, Writes: true,
	Columns: map[string][]string{
		"seckill_stock": {"goods_id", "total", "sold", "paid", "opened", "fence", "epoch", "updated_at"},
		"seckill_orders": {
			"seq", "id", "goods_id", "user_id", "quantity", "amount", "currency", "state", "version", "reason", "payment_id", "fence", "released",
			"created_at", "updated_at", "pay_by", "owed_since",
		},
		"seckill_ledger":   {"id", "goods_id", "kind", "reference", "units", "created_at", "payload", "sent_at", "node", "lane"},
		"seckill_enqueued": {"event_id", "created_at"},
		"seckill_inbox":    {"event_id", "created_at"},
		"seckill_parked":   {"id", "lane", "order_id", "event_id", "event", "reason", "parked_at"},
		"seckill_audit":    {"id", "at", "actor", "action", "target", "state_before", "state_after", "failure", "done"},
	},
}

// Check returns why the ledger cannot be relied on: the database does not answer,
// takes no writes, a migration was not run, or a table, a column or a right is
// missing. A lock on a table is waited for a second.
func (s *Store) Check(ctx context.Context) error {
	return fault(ctx, gormdb.Check(ctx, s.db, needs), "check")
}
